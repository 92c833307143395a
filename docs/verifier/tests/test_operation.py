"""The vectors of docs/spec/operation.md."""

import os
import re
import unittest

from zkwasm.operation import context, operation_hash

_SPEC = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "spec", "operation.md")

FIELDS = [
    (0, bytes(32), bytes(20), 0, b"", b"", bytes(32)),
    (11155111, bytes(range(32)), bytes(range(0x40, 0x54)), 1000000, b"\1\2", b"hello", b"\xbb" * 32),
    ((1 << 64) - 1, b"\xff" * 32, b"\xff" * 20, (1 << 64) - 1, bytes(200), bytes(range(256)), b"\xff" * 32),
]
BOUND_TO = [(bytes(32), bytes(20)), (b"\xcc" * 32, b"\xdd" * 20), (b"\xff" * 32, b"\xff" * 20)]


class OperationTest(unittest.TestCase):
    def test_vectors(self):
        with open(_SPEC, encoding="utf-8") as file:
            lines = re.findall(r"^\| (?:first|second|third) \| `(\w{64})` \| `(\w{64})` \|$", file.read(), re.MULTILINE)
        self.assertEqual(len(lines), 3)
        for (hash_, bound), fields, bound_to in zip(lines, FIELDS, BOUND_TO):
            operation = operation_hash(*fields)
            self.assertEqual(operation.hex(), hash_)
            self.assertEqual(context(operation, *bound_to).hex(), bound)

    def test_every_field_matters(self):
        good = FIELDS[1]
        others = {operation_hash(*good)}
        for i, value in enumerate(good):
            other = value + 1 if isinstance(value, int) else bytes([value[0] ^ 1]) + value[1:]
            others.add(operation_hash(*good[:i], other, *good[i + 1 :]))
        self.assertEqual(len(others), 1 + len(good))

    def test_other_lengths_are_refused(self):
        with self.assertRaises(ValueError):
            context(bytes(31), bytes(32), bytes(20))
