import unittest

from tests.toy_prover import evaluate, interpolate
from zkwasm.polynomial import evaluate_leading_rows, lagrange, vanishing


class PolynomialTest(unittest.TestCase):
    def test_against_interpolation(self):
        z = 0xABCDEF123456789
        for log in (4, 5):
            n = 1 << log
            for row in (0, 1, n - 1):
                values = [int(i == row) for i in range(n)]
                self.assertEqual(lagrange(log, row, z), evaluate(interpolate(values), z))
            self.assertEqual(lagrange(log, -1, z), lagrange(log, n - 1, z))
            first, second = [3, 1, 4, 1, 5], [9, 2, 6]
            expected = [evaluate(interpolate(v + [0] * (n - len(v))), z) for v in (first, second)]
            self.assertEqual(evaluate_leading_rows(log, [first, second], z), expected)
            self.assertEqual(vanishing(log, z), evaluate([-1] + [0] * (n - 1) + [1], z))
