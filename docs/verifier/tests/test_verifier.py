import copy
import unittest

from tests import toy_machine
from tests.toy_case import I32, case
from zkwasm import bn254
from zkwasm.encoding import FormatError, encode_g1
from zkwasm.formats import Header, Key, ProofFile, Statement
from zkwasm.proof import Invalid, public_log
from zkwasm.verifier import check_setup, public_rows, verify


def check(file_bytes):
    c = case()
    verify(c.system, c.key, c.header, ProofFile(file_bytes))


def forge(statement, witness, header=None):
    """A proof by a prover that checks nothing."""
    c = case()
    return c.file(statement, c.prover.prove(header or c.header, Statement(statement), witness, honest=False))


class ValidTest(unittest.TestCase):
    def test_honest_proofs(self):
        check(case().file_bytes)

    def test_a_trap_without_results(self):
        c = case()
        code = [(toy_machine.OUTPUT, 1)] * 9 + [(toy_machine.OUTPUT, 1), (toy_machine.TRAP, 11)]
        header = Header(c.prover.header([("trap", [], [I32], 1)], toy_machine.program_columns(code)))
        witness, (_, output, kind, exit_code, steps) = toy_machine.execute(code, [], b"", [16])
        data = c.statement(
            digest=header.digest, export="trap", arguments=[], results=[], public_input=b"", output=output, kind=kind, code=exit_code, steps=steps
        )
        proof = c.prover.prove(header, Statement(data), witness)
        verify(c.system, c.key, header, ProofFile(c.file(data, proof)))

    def test_a_proof_with_optional_tables_left_out_and_one_height(self):
        c = case()
        witness = [part for part in c.witness if part[0] != "extra"]
        check(c.file(c.statement_bytes, c.prover.prove(c.header, Statement(c.statement_bytes), witness)))

    def test_setup(self):
        c = case()
        check_setup(c.system, c.key, c.header)
        other = copy.copy(c.key)
        other.constraint_digest = bytes(32)
        with self.assertRaisesRegex(FormatError, "the constraints have the digest"):
            check_setup(c.system, other, c.header)
        other = copy.copy(c.key)
        other.fixed_columns = []
        with self.assertRaisesRegex(FormatError, "0 fixed columns, the tables have 1"):
            check_setup(c.system, other, c.header)
        header = copy.copy(c.header)
        header.image_columns = header.image_columns * 2
        with self.assertRaisesRegex(FormatError, "2 columns for table image"):
            check_setup(c.system, c.key, header)


class StatementTest(unittest.TestCase):
    def test_an_altered_statement_under_the_honest_proof(self):
        c = case()
        for what, change in [
            ("argument", dict(arguments=[(I32, 41), c.fields["arguments"][1]])),
            ("result", dict(results=[(I32, c.fields["results"][0][1] + 1)])),
            ("public input", dict(public_input=bytes(21))),
            ("output", dict(output=b"\7\10")),
            ("no output", dict(output=b"")),
            ("exit", dict(kind=2, code=1, results=[])),
            ("steps", dict(steps=10)),
            ("context", dict(context=bytes(31) + b"\1")),
        ]:
            with self.subTest(what), self.assertRaisesRegex(Invalid, "pairing"):
                check(c.file(c.statement(**change), c.proof))

    def test_a_false_statement_with_a_proof_made_for_it(self):
        """The transcript fits the false statement here, so only the equations can refuse it."""
        c = case()
        for what, change in [
            ("argument", dict(arguments=[(I32, 41), c.fields["arguments"][1]])),
            ("high half", dict(arguments=[c.fields["arguments"][0], (0x7E, 2)])),
            ("result", dict(results=[(I32, c.fields["results"][0][1] + 1)])),
            ("public input", dict(public_input=bytes(21))),
            ("public length", dict(public_input=bytes(range(21)) + b"\0")),
            ("output", dict(output=b"\7\10")),
            ("output order", dict(output=b"\t\7")),
            ("more output", dict(output=b"\7\t\0")),
            ("exit", dict(kind=2, code=1, results=[])),
            ("fewer steps", dict(steps=8)),
            ("more steps", dict(steps=10)),
        ]:
            with self.subTest(what), self.assertRaisesRegex(Invalid, "pairing"):
                check(forge(c.statement(**change), c.witness))

    def test_statements_against_the_header(self):
        c = case()
        for message, change in [
            ("another program", dict(digest=bytes(32))),
            ("no export 'sub'", dict(export="sub")),
            ("arguments do not have the types", dict(arguments=c.fields["arguments"][:1])),
            ("arguments do not have the types", dict(arguments=c.fields["arguments"][::-1])),
            ("results do not have the types", dict(results=[])),
            ("results do not have the types", dict(results=[(0x7E, c.fields["results"][0][1])])),
            ("results do not have the types", dict(kind=2, code=1)),
            ("more than the clock can count", dict(steps=1 << 30)),
            ("49 steps in 48 rows", dict(steps=49)),
        ]:
            with self.subTest(message), self.assertRaisesRegex(Invalid, message):
                check(c.file(c.statement(**change), c.proof))
        with self.assertRaisesRegex(Invalid, "pairing"):
            check(c.file(c.statement(steps=48), c.proof))

    def test_public_words(self):
        statement = Statement(case().statement(public_input=b"\1" + bytes(6) + b"\x80\2"))
        self.assertEqual(public_rows(statement), ([9, 1, 2], [0, 0x80000000, 0]))
        for length, log in [(0, 4), (1, 4), (15 * 8, 4), (15 * 8 + 1, 5), (31 * 8, 5), (31 * 8 + 1, 6)]:
            self.assertEqual(public_log(Statement(case().statement(public_input=bytes(length)))), log, length)


class BindingTest(unittest.TestCase):
    def test_key_header_and_reference_string(self):
        c = case()
        proof_file = ProofFile(c.file_bytes)
        key = copy.copy(c.key)
        key.digest = bytes(32)
        with self.assertRaisesRegex(Invalid, "another verification key"):
            verify(c.system, key, c.header, proof_file)
        proof_file.key_digest = key.digest
        with self.assertRaisesRegex(Invalid, "pairing"):
            verify(c.system, key, c.header, proof_file)
        proof_file.key_digest = c.key.digest
        key = copy.copy(c.key)
        key.fixed_columns = [bn254.G1]
        with self.assertRaisesRegex(Invalid, "pairing"):
            verify(c.system, key, c.header, proof_file)
        key = copy.copy(c.key)
        key.tau_g2 = bn254.G2
        with self.assertRaisesRegex(Invalid, "another reference string"):
            verify(c.system, key, c.header, proof_file)
        proof_file.reference_string_id = key.reference_string_id()
        with self.assertRaisesRegex(Invalid, "pairing"):
            verify(c.system, key, c.header, proof_file)
        header = copy.copy(c.header)
        header.digest = bytes(32)
        with self.assertRaisesRegex(Invalid, "another program"):
            verify(c.system, c.key, header, ProofFile(c.file_bytes))


class InstanceListTest(unittest.TestCase):
    def check_list(self, message, instances):
        c = case()
        count = c.proof[6]
        data = c.proof[:6] + bytes([len(instances)]) + bytes(b for i in instances for b in i) + c.proof[7 + 2 * count :]
        with self.subTest(instances), self.assertRaisesRegex(Invalid, message):
            check(c.file(c.statement_bytes, data))

    def test_rules(self):
        good = [(0, 5), (0, 4), (1, 4), (2, 4), (3, 4), (4, 4), (5, 4), (6, 4)]
        self.assertEqual([(part[0], len(next(iter(part[1].values())))) for part in case().witness][0], ("cpu", 32))
        count = case().proof[6]
        self.assertEqual(case().proof[7 : 7 + 2 * count], bytes(b for i in good for b in i))
        self.check_list("not ordered", [good[1], good[0]] + good[2:])
        self.check_list("not ordered", good[:2] + good[2:4][::-1] + good[4:])
        self.check_list("log height 3", [(0, 5), (0, 3)] + good[2:])
        self.check_list("log height 25", [(0, 25)] + good[2:])
        self.check_list("log height 255", [(0, 255)] + good[2:])
        self.check_list("an instance of table 7, there are 7", good + [(7, 4)])
        self.check_list("9 steps in 0 rows", good[2:])
        self.check_list("0 instances of table summary", [])
        self.check_list("0 instances of table summary", good[:2] + good[3:])
        self.check_list("2 instances of table summary", good[:2] + [(1, 5)] + good[2:])
        self.check_list("2 instances of table extra", good[:4] + [(2, 4)] + good[4:])
        self.check_list("0 instances of table program", good[:4] + good[5:])
        self.check_list("2 instances of table program", good[:5] + [(3, 4)] + good[5:])
        self.check_list("table program has log height 5, must have 4", good[:4] + [(3, 5)] + good[5:])
        self.check_list("table image has log height 5, must have 4", good[:5] + [(4, 5)] + good[6:])
        self.check_list("table public has log height 5, must have 4", good[:6] + [(5, 5)] + good[7:])
        self.check_list("0 instances of table public", good[:6] + good[7:])
        self.check_list("2 instances of table bytes", good + [(6, 4)])
        self.check_list("table bytes has log height 5, must have 4", good[:7] + [(6, 5)])
        self.check_list("is not|bytes follow|needs \\d+ bytes", good[:3] + good[4:])
        self.check_list("needs \\d+ bytes", [(0, 24)] * 247 + good[2:])


class ProofBytesTest(unittest.TestCase):
    def items(self):
        """(offset, kind) of each 32-byte item of the honest proof."""
        c = case()
        table_lists = [c.system.table(name) for name, _ in c.witness]
        at = 7 + 2 * c.proof[6]
        points = sum(t.count("main") + t.helpers for t in table_lists) + 1 + 4
        fields = sum(len(t.committed) + len(t.committed_next) + t.helpers for t in table_lists) + 2
        self.assertEqual(at + 32 * (points + fields + 2), len(c.proof))
        kinds = ["point"] * points + ["field"] * fields + ["point"] * 2
        return [(at + 32 * i, kind) for i, kind in enumerate(kinds)]

    def test_items_count(self):
        """Commitments and evaluations, every third, replaced by another valid one."""
        c = case()
        other_point = encode_g1(bn254.g1_sum([4711], [bn254.G1]))
        for at, kind in self.items()[::3]:
            old = c.proof[at : at + 32]
            new = other_point if kind == "point" else (int.from_bytes(old, "big") ^ 1).to_bytes(32, "big")
            self.assertNotEqual(old, new)
            with self.subTest(at), self.assertRaisesRegex(Invalid, "pairing"):
                check(c.file(c.statement_bytes, c.proof[:at] + new + c.proof[at + 32 :]))

    def test_neighbours_swapped(self):
        c = case()
        items = self.items()
        for (at, kind), (after, kind_after) in list(zip(items, items[1:]))[::5]:
            pair = c.proof[at : at + 32], c.proof[after : after + 32]
            if kind == kind_after and pair[0] != pair[1]:
                with self.subTest(at), self.assertRaisesRegex(Invalid, "pairing"):
                    check(c.file(c.statement_bytes, c.proof[:at] + pair[1] + pair[0] + c.proof[after + 32 :]))

    def test_every_item_has_one_encoding(self):
        c = case()
        for at, kind in self.items():
            old = int.from_bytes(c.proof[at : at + 32], "big")
            new = old ^ 1 << 255 if kind == "point" else old + bn254.R
            data = c.proof[:at] + new.to_bytes(32, "big") + c.proof[at + 32 :]
            with self.subTest(at), self.assertRaisesRegex(Invalid, "is not"):
                check(c.file(c.statement_bytes, data))

    def test_length(self):
        c = case()
        for data in [c.proof[:length] for length in range(0, len(c.proof), 13)] + [c.proof + b"\0", b"", c.proof[:-1]]:
            with self.assertRaisesRegex(Invalid, "^proof"):
                check(c.file(c.statement_bytes, data))

    def test_mark_and_version(self):
        c = case()
        with self.assertRaisesRegex(Invalid, "does not start"):
            check(c.file(c.statement_bytes, b"zkWQ" + c.proof[4:]))
        with self.assertRaisesRegex(Invalid, "proof of version 0; this verifier reads version 1"):
            check(c.file(c.statement_bytes, c.proof[:5] + b"\0" + c.proof[6:]))

    def test_an_accumulator_and_points_at_infinity_are_no_way_out(self):
        c = case()
        items = [at for at, kind in self.items() if kind == "point"]
        data = bytearray(c.proof)
        for at in items[-2:]:
            data[at : at + 32] = bytes(32)
        with self.assertRaisesRegex(Invalid, "pairing"):
            check(c.file(c.statement_bytes, bytes(data)))


class ForgeryTest(unittest.TestCase):
    """A witness that is wrong in one cell, by a prover that does not mind. The transcript and all openings are right, only the equations can tell."""

    def test_cells(self):
        c = case()
        # part of the witness, column, row, new value
        for part, column, row, value in [
            (0, "isOutput", 4, 0),
            (0, "e", 20, 1),
            (0, "e", 20, 2),
            (0, "fpNext", 3, 1),
            (0, "lo", 0, 1),
            (0, "hi", 0, 1),
            (0, "time", 0, 5),
            (0, "pc", 7, 3),
            (1, "isHalt", 0, 0),
            (1, "pages", 0, 1),
            (1, "k", 15, 1),
            (2, "b", 15, 2),
            (3, "x", 15, 1),
            (4, "count", 0, 2),
            (5, "used", 5, 1),
            (6, "count", 15, 1),
            (7, "count", 3, 5),
        ]:
            witness = [(name, {key: list(rows) for key, rows in columns.items()}) for name, columns in c.witness]
            with self.subTest((part, column, row)):
                self.assertNotEqual(witness[part][1][column][row], value)
                witness[part][1][column][row] = value
                if (part, column, row) in _ALLOWED:
                    check(forge(c.statement_bytes, witness))
                else:
                    with self.assertRaisesRegex(Invalid, "pairing"):
                        check(forge(c.statement_bytes, witness))

    def test_other_fixed_or_program_columns(self):
        c = case()
        for part, column, row, value in [(4, "k", 4, 8), (5, "valid", 3, 1), (7, "v", 15, 16)]:
            witness = [(name, {key: list(rows) for key, rows in columns.items()}) for name, columns in c.witness]
            witness[part][1][column][row] = value
            with self.subTest((part, column)), self.assertRaisesRegex(Invalid, "pairing"):
                check(forge(c.statement_bytes, witness))

    def test_a_provider_left_out(self):
        c = case()
        witness = [part for part in c.witness if part[0] != "bytes"]
        with self.assertRaisesRegex(Invalid, "pairing"):
            check(forge(c.statement_bytes, witness))


_ALLOWED = {(1, "k", 15)}  # nothing constrains an operand of an inactive row: shows that the method itself does not refuse all
