"""The proof of the Java prover that is kept with the tests of trace-generator. (Altered and forged ones are judged by both verifiers in
SecondVerifierTest and others of prover-core.)"""

import os
import random
import unittest

from zkwasm.bn254 import G1, R, batch_inverse, g1_sum, root_of_unity
from zkwasm.constraints import System
from zkwasm.encoding import FormatError
from zkwasm.formats import Header, Key, ProofFile
from zkwasm.keccak import keccak256
from zkwasm.polynomial import vanishing
from zkwasm.proof import Invalid
from zkwasm.verifier import check_setup, verify

_ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..")
FROZEN = os.path.normpath(os.path.join(_ROOT, "trace-generator", "src", "test", "resources", "frozen"))


def read(path):
    with open(path, "rb") as file:
        return file.read()


def key():
    return Key(read(os.path.join(FROZEN, "development.key")))


def header():
    return Header(read(os.path.join(FROZEN, "guest.header")))


def proof():
    return read(os.path.join(FROZEN, "guest.zkp"))


def constraints():
    return System(read(os.path.join(_ROOT, "docs", "spec", "constraints.txt")))


def fixed_columns():
    """The values of the fixed columns, as the comments in constraints.txt say, in the order of the key: (log height, values)."""
    rows = range(1 << 16)
    yield 16, [row // 256 for row in rows]
    yield 16, [row % 256 for row in rows]
    yield 16, [row // 256 & row % 256 for row in rows]
    yield 16, [row // 256 // 128 for row in rows]
    rows = range(1 << 8)
    yield 8, [row // 16 for row in rows]
    yield 8, [row % 16 for row in rows]
    yield 8, [row // 16 & row % 16 for row in rows]
    yield 8, [row // 16 // 8 for row in rows]
    rows = range(1 << 10)
    yield 10, [row % 256 for row in rows]
    yield 10, [row // 256 % 2 for row in rows]
    yield 10, [row // 512 for row in rows]

    def power(row):
        width = 64 if row // 256 % 2 else 32
        shift = row % 256 % width
        return 1 << (width - 1 - shift if row // 512 else shift)

    yield 10, [power(row) for row in rows]


class OracleTest(unittest.TestCase):
    def test_the_proof_is_valid(self):
        system = constraints()
        check_setup(system, key(), header())
        verify(system, key(), header(), ProofFile(proof()))

    def test_a_damaged_one_is_not(self):
        rng = random.Random(3)
        system = constraints()
        for _ in range(16):
            damaged = bytearray(proof())
            at = rng.choice(list(range(19)) + list(range(51, len(damaged))))  # all but the extension id, which is for information
            damaged[at] ^= 1 << rng.randrange(8)
            with self.subTest(at), self.assertRaises((Invalid, FormatError)):
                verify(system, key(), header(), ProofFile(bytes(damaged)))

    def test_fixed_columns_of_the_key(self):
        """With tau known a commitment is [f(tau)]_1, so the fixed tables can be checked without a reference string."""
        tau = int.from_bytes(keccak256(b"zkwasm development reference string: INSECURE"), "big") % R
        expected = []
        for log, values in fixed_columns():
            w, power, powers = root_of_unity(log), 1, []
            for _ in values:
                powers.append(power)
                power = power * w % R
            inverses = batch_inverse([(tau - p) % R for p in powers])
            total = sum(v * p % R * i for v, p, i in zip(values, powers, inverses))
            expected.append(g1_sum([total * vanishing(log, tau) * pow(1 << log, -1, R)], [G1]))
        self.assertTrue(key().is_insecure())
        self.assertEqual(key().constraint_digest, constraints().digest)
        self.assertEqual(key().fixed_columns, expected)
