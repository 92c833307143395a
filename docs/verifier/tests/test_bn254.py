import json
import os
import random
import sys
import unittest

from zkwasm import bn254
from zkwasm.bn254 import G1, G2, Q, R

_VECTORS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "..", "shared", "vectors")


def vectors(test, name):
    """The cases of an EVM precompile, as (name, input words, output bytes). Skips the test, and says so, where they are absent."""
    path = os.path.normpath(os.path.join(_VECTORS, name))
    if not os.path.exists(path):
        print("SKIPPED %s: no file %s" % (test.id(), path), file=sys.stderr)
        test.skipTest("no file " + path)
    with open(path) as file:
        cases = json.load(file)
    for case in cases:
        data = bytes.fromhex(case["Input"])
        yield case["Name"], data, bytes.fromhex(case["Expected"])


def words(data, count):
    data = data[: 32 * count].ljust(32 * count, b"\0")
    return [int.from_bytes(data[32 * i : 32 * i + 32], "big") for i in range(count)]


def point(x, y):
    return None if x == y == 0 else (x, y)


def encode(p):
    return b"".join(c.to_bytes(32, "big") for c in (p or (0, 0)))


class EvmVectorsTest(unittest.TestCase):
    def test_addition(self):
        for name, data, expected in vectors(self, "bn256Add.json"):
            x1, y1, x2, y2 = words(data, 4)
            with self.subTest(name):
                self.assertEqual(encode(bn254.g1_sum([1, 1], [point(x1, y1), point(x2, y2)])), expected)

    def test_multiplication(self):
        for name, data, expected in vectors(self, "bn256ScalarMul.json"):
            x, y, scalar = words(data, 3)
            with self.subTest(name):
                self.assertEqual(encode(bn254.g1_sum([scalar], [point(x, y)])), expected)

    def test_pairing(self):
        for name, data, expected in vectors(self, "bn256Pairing.json"):
            pairs = []
            for at in range(0, len(data), 192):
                x, y, x_im, x_re, y_im, y_re = words(data[at:], 6)
                second = ((x_re, x_im), (y_re, y_im))
                pairs.append((point(x, y), None if second == ((0, 0), (0, 0)) else second))
            with self.subTest(name):
                for first, second in pairs:
                    self.assertTrue(bn254.g1_on_curve(first))
                    self.assertTrue(bn254.g2_in_subgroup(second))
                self.assertEqual(bn254.pairing_product_is_one(pairs), bool(expected[-1]))


class CurveTest(unittest.TestCase):
    def test_generators(self):
        self.assertTrue(bn254.g1_on_curve(G1))
        self.assertTrue(bn254.g2_in_subgroup(G2))
        self.assertIsNone(bn254.g1_sum([R - 1, 1], [G1, G1]))

    def test_sum_against_multiples_of_the_generator(self):
        rng = random.Random(1)
        for count in (0, 1, 2, 13, 40):
            logs = [rng.randrange(R) for _ in range(count)]
            scalars = [rng.randrange(-R, 2 * R) for _ in range(count)]
            points = [bn254.g1_sum([log], [G1]) for log in logs]
            expected = bn254.g1_sum([sum(s * log for s, log in zip(scalars, logs))], [G1])
            self.assertEqual(bn254.g1_sum(scalars, points), expected)

    def test_sum_with_equal_opposite_and_infinite_points(self):
        minus = bn254.g1_negate(G1)
        self.assertIsNone(bn254.g1_sum([5, 5, 7], [G1, minus, None]))
        self.assertEqual(bn254.g1_sum([3, 3, 3], [G1, G1, minus]), bn254.g1_sum([3], [G1]))
        self.assertEqual(bn254.g1_sum([R, 1, 0], [minus, G1, G1]), G1)

    def test_small_multiples_stay_on_the_curve_and_differ(self):
        points = [bn254.g1_sum([k], [G1]) for k in range(1, 20)]
        self.assertTrue(all(bn254.g1_on_curve(p) for p in points))
        self.assertEqual(len(set(points)), 19)

    def test_pairing_is_bilinear_and_not_trivial(self):
        a, b = 123456789, 987654321
        left = (bn254.g1_sum([a], [G1]), bn254.g2_multiply(G2, b))
        right = (bn254.g1_sum([-a * b], [G1]), G2)
        self.assertTrue(bn254.pairing_product_is_one([left, right]))
        self.assertFalse(bn254.pairing_product_is_one([left, (bn254.g1_sum([1 - a * b], [G1]), G2)]))
        self.assertFalse(bn254.pairing_product_is_one([(G1, G2)]))
        self.assertTrue(bn254.pairing_product_is_one([(None, G2), (G1, None)]))

    def test_a_point_of_the_twist_outside_of_the_subgroup_is_refused(self):
        x = 1
        while True:
            value = bn254._f2_mul((x, 0), bn254._f2_mul((x, 0), (x, 0)))
            y = _f2_root((value[0] + bn254._TWIST_B[0], value[1] + bn254._TWIST_B[1]))
            if y is not None:
                break
            x += 1
        self.assertIsNotNone(bn254.g2_multiply(((x, 0), y), R))
        self.assertFalse(bn254.g2_in_subgroup(((x, 0), y)))
        self.assertFalse(bn254.g2_in_subgroup((G2[0], bn254._f2_scale(G2[1], 2))))
        self.assertFalse(bn254.g2_in_subgroup(((G2[0][0] + Q, G2[0][1]), G2[1])))


def _f2_root(a):
    """A square root in Fq2, or None, by the complex method: with n the norm's root, (a0 + n) / 2 or (a0 - n) / 2 is the real part's square."""
    a = (a[0] % Q, a[1] % Q)
    norm = (a[0] * a[0] + a[1] * a[1]) % Q
    n = pow(norm, (Q + 1) // 4, Q)
    for sign in (1, -1):
        half = (a[0] + sign * n) * pow(2, -1, Q) % Q
        real = pow(half, (Q + 1) // 4, Q)
        if real:
            root = (real, a[1] * pow(2 * real, -1, Q) % Q)
            if bn254._f2_mul(root, root) == a:
                return root
    return None


class FieldTest(unittest.TestCase):
    def test_roots_of_unity(self):
        for log in (4, 5, 24, 28):
            w = bn254.root_of_unity(log)
            self.assertEqual(pow(w, 1 << log, R), 1)
            self.assertEqual(pow(w, 1 << (log - 1), R), R - 1)

    def test_batch_inverse(self):
        values = [1, 2, R - 1, 12345]
        self.assertTrue(all(a * b % R == 1 for a, b in zip(values, bn254.batch_inverse(values))))
        self.assertEqual(bn254.batch_inverse([]), [])
        with self.assertRaises(ZeroDivisionError):
            bn254.batch_inverse([3, 0, 5])
