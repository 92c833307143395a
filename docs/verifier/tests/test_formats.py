import unittest

from tests.toy_case import I32, I64, case, encode_values
from zkwasm.encoding import FormatError, encode_bytes
from zkwasm.formats import Header, Key, ProofFile, Statement


class StatementTest(unittest.TestCase):
    def test_reads_what_was_written(self):
        statement = Statement(case().statement(context=bytes(range(32))))
        self.assertEqual(statement.export, "add")
        self.assertEqual(statement.arguments, case().fields["arguments"])
        self.assertEqual(statement.results, case().fields["results"])
        self.assertEqual(statement.public_input, bytes(range(21)))
        self.assertEqual(statement.output, b"\7\t")
        self.assertEqual(statement.steps, 9)
        self.assertEqual(statement.context, bytes(range(32)))

    def test_refuses(self):
        c = case()
        for what, data in [
            ("a byte after the end", c.statement() + b"\0"),
            ("a byte less", c.statement()[:-1]),
            ("nothing", b""),
            ("an i32 of 33 bits", c.statement(arguments=[(I32, 1 << 32), (I64, 0)])),
            ("an f32 result of 64 bits", c.statement(results=[(0x7D, 1 << 63)])),
            ("an unknown type", c.statement(arguments=[(0x7B, 0)])),
            ("an unknown exit kind", c.statement(kind=3, results=[])),
            ("a return with a code", c.statement(code=1)),
            ("a trap without a reason", c.statement(kind=2, code=0, results=[])),
            ("a trap for an unknown reason", c.statement(kind=2, code=13, results=[])),
        ]:
            with self.subTest(what), self.assertRaises(FormatError):
                Statement(data)

    def test_huge_counts_end_early(self):
        c = case()
        values = encode_values(c.fields["arguments"])
        data = c.statement().replace(values, b"\xff\xff\xff\xff" + values[4:], 1)
        with self.assertRaises(FormatError):
            Statement(data)

    def test_exit_in_words(self):
        words = Statement(case().statement(kind=2, code=5, results=[])).exit_in_words()
        self.assertEqual(words, "trapped 5 (out of bounds memory access)")
        self.assertEqual(Statement(case().statement(kind=1, code=7, results=[])).exit_in_words(), "exited 7")


class HeaderTest(unittest.TestCase):
    def test_refuses(self):
        good = case().header_bytes
        Header(good)
        export = encode_bytes(b"trap") + bytes(8) + (10).to_bytes(4, "big")
        self.assertIn(export, good)
        for what, message, data in [
            ("another mark", "does not start", b"zkwasm progran 1" + good[16:]),
            ("the version before", "program header of version 0; this verifier reads version 1", b"zkwasm program 0" + good[16:]),
            ("a byte after the end", "1 bytes follow", good + b"\0"),
            ("a byte less", "needs 32 bytes, 31", good[:-1]),
            ("program log 3", "program table's log height 3", good[:52] + b"\3" + good[53:]),
            ("image log 25", "image table's log height 25", good[:53] + b"\x19" + good[54:]),
            ("two exports of one name", "two exports are named 'trap'", good.replace(export, export * 2).replace(b"\4\4\0\0\0\2", b"\4\4\0\0\0\3", 1)),
            ("a type that is not of a value", "unknown type 0x7b", good.replace(bytes([0, 0, 0, 2, I32, I64]), bytes([0, 0, 0, 2, I32, 0x7B]), 1)),
            ("an entry at 0", "entry pc 0", good.replace(export, export[:-1] + b"\0", 1)),
            ("an entry beyond", "entry pc 2147483658 is not below", good.replace(export, export[:-4] + b"\x80" + export[-3:], 1)),
            ("a lowering beyond", "lowering version", good[:48] + b"\x80" + good[49:]),
            ("more than 4 GiB", "initial pages 65537", good.replace(export + bytes(4), export + b"\0\1\0\1", 1)),
            ("a frame base", "frame base 1", good.replace(export + bytes(8), export + bytes(7) + b"\1", 1)),
        ]:
            with self.subTest(what):
                self.assertNotEqual(data, good)
                with self.assertRaisesRegex(FormatError, message):
                    Header(data)


class KeyTest(unittest.TestCase):
    def test_refuses(self):
        good = case().key_bytes
        for what, data in [
            ("another mark", b"zkwasm kez 1" + good[12:]),
            ("the version before", b"zkwasm key 0" + good[12:]),
            ("a byte after the end", good + b"\0"),
            ("a byte less", good[:-1]),
            ("tau of no point", good[:-1] + bytes([good[-1] ^ 1])),
            ("a bad fixed column", good[:45] + bytes([good[45] ^ 0x80]) + good[46:]),
        ]:
            with self.subTest(what), self.assertRaises(FormatError):
                Key(data)

    def test_only_the_development_string_is_insecure(self):
        self.assertFalse(case().key.is_insecure())


class ProofFileTest(unittest.TestCase):
    def test_refuses_every_prefix_and_any_longer_file(self):
        data = case().file_bytes
        ProofFile(data)
        for length in range(len(data)):
            with self.assertRaises(FormatError):
                ProofFile(data[:length])
        with self.assertRaises(FormatError):
            ProofFile(data + b"\0")

    def test_refuses_another_version(self):
        data = case().file_bytes
        with self.assertRaisesRegex(FormatError, "proof file of version 2; this verifier reads version 1"):
            ProofFile(data[:18] + b"\2" + data[19:])
