"""Proofs made by the Java prover: the frozen ones of trace-generator, which are always there, and those that its tests leave
under prover-core/target/oracle as *.key, *.header, *.zkp and *.damaged, the last being proof files that must be refused."""

import glob
import os
import random
import sys
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
FOLDER = os.environ.get("ZKWASM_ORACLE", os.path.normpath(os.path.join(_ROOT, "prover-core", "target", "oracle")))
FROZEN = os.path.normpath(os.path.join(_ROOT, "trace-generator", "src", "test", "resources", "frozen"))


def read(path):
    with open(path, "rb") as file:
        return file.read()


def files(test, suffix):
    paths = sorted(path for folder in (FROZEN, FOLDER) for path in glob.glob(os.path.join(folder, "*" + suffix)))
    if not paths:
        print("SKIPPED %s: no *%s in %s; run the tests of prover-core first" % (test.id(), suffix, FOLDER), file=sys.stderr)
        test.skipTest("no *%s in %s" % (suffix, FOLDER))
    return paths


def constraints():
    return System(read(os.path.join(_ROOT, "docs", "spec", "constraints.txt")))


def fixed_columns():
    """The values of the fixed columns, as the comments in constraints.txt say, in the order of the key: (log height, values)."""
    rows = range(1 << 16)
    yield 16, [row // 256 for row in rows]
    yield 16, [row % 256 for row in rows]
    yield 16, [row // 256 & row % 256 for row in rows]
    yield 16, [row // 256 // 128 for row in rows]
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
    def cases(self, suffix=".zkp"):
        """(name, key, header, bytes) for each proof file."""
        proofs = files(self, suffix)
        keys = {key.digest: key for key in (Key(read(path)) for path in files(self, ".key"))}
        headers = {header.digest: header for header in (Header(read(path)) for path in files(self, ".header"))}
        for path in proofs:
            data = read(path)
            proof_file = ProofFile(data)
            yield os.path.basename(path), keys[proof_file.key_digest], headers[proof_file.statement.program_digest], data

    def test_proofs_of_the_java_prover_are_valid(self):
        system = constraints()
        for name, key, header, data in self.cases():
            with self.subTest(name):
                check_setup(system, key, header)
                verify(system, key, header, ProofFile(data))

    def test_what_the_java_side_damaged_is_refused(self):
        system = constraints()
        for name, key, header, data in self.cases(".damaged"):
            with self.subTest(name), self.assertRaises(Invalid):
                verify(system, key, header, ProofFile(data))

    def test_damaged_ones_are_not(self):
        rng = random.Random(3)
        system = constraints()
        for name, key, header, data in self.cases():
            for _ in range(8):
                damaged = bytearray(data)
                at = rng.choice(list(range(19)) + list(range(51, len(data))))  # all but the extension id, which is for information
                damaged[at] ^= 1 << rng.randrange(8)
                with self.subTest((name, at)), self.assertRaises((Invalid, FormatError)):
                    verify(system, key, header, ProofFile(bytes(damaged)))

    def test_fixed_columns_of_development_keys(self):
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
        for path in files(self, ".key"):
            key = Key(read(path))
            if key.is_insecure():
                with self.subTest(os.path.basename(path)):
                    self.assertEqual(key.constraint_digest, constraints().digest)
                    self.assertEqual(key.fixed_columns, expected)
