import unittest

from zkwasm import bn254
from zkwasm.bn254 import G1, G2, Q, R
from zkwasm.encoding import FormatError, Reader, encode_g1, encode_g2


def g1(data):
    return Reader(data, "test").g1("point")


class G1Test(unittest.TestCase):
    def test_round_trip(self):
        self.assertIsNone(g1(encode_g1(None)))
        for k in list(range(1, 20)) + [R - 1, R - 2]:
            point = bn254.g1_sum([k], [G1])
            self.assertEqual(g1(encode_g1(point)), point)

    def test_refuses_all_but_one_encoding(self):
        honest = int.from_bytes(encode_g1(G1), "big")
        x_not_on_curve = next(x for x in range(1, 100) if pow(x**3 + 3, (Q - 1) // 2, Q) == Q - 1)
        for what, value in [
            ("bit 255 clear", honest & ~(1 << 255)),
            ("x + q", honest + Q),
            ("x = q", 1 << 255 | Q),
            ("infinity with bit 255", 1 << 255),
            ("infinity with bit 254", 1 << 254),
            ("infinity with both", 3 << 254),
            ("not on the curve", 1 << 255 | x_not_on_curve),
            ("all ones", (1 << 256) - 1),
        ]:
            with self.subTest(what), self.assertRaises(FormatError):
                g1(value.to_bytes(32, "big"))


class G2Test(unittest.TestCase):
    def test_round_trip(self):
        point = bn254.g2_multiply(G2, 77)
        self.assertEqual(Reader(encode_g2(point), "test").g2("point"), point)

    def test_imaginary_part_comes_first(self):
        self.assertEqual(encode_g2(G2)[:32], G2[0][1].to_bytes(32, "big"))

    def test_refuses_what_is_not_in_the_group(self):
        good = encode_g2(G2)
        for what, data in [
            ("zero", bytes(128)),
            ("off the curve", good[:-1] + bytes([good[-1] ^ 1])),
            ("not reduced", (G2[0][1] + Q).to_bytes(32, "big") + good[32:]),
        ]:
            with self.subTest(what), self.assertRaises(FormatError):
                Reader(data, "test").g2("point")


class ReaderTest(unittest.TestCase):
    def test_field_elements_are_reduced(self):
        self.assertEqual(Reader((R - 1).to_bytes(32, "big"), "test").field("f"), R - 1)
        for value in (R, R + 1, (1 << 256) - 1):
            with self.assertRaises(FormatError):
                Reader(value.to_bytes(32, "big"), "test").field("f")

    def test_lengths_are_checked_before_use(self):
        with self.assertRaisesRegex(FormatError, "needs 4294967295 bytes, 3 are left"):
            Reader(b"\xff\xff\xff\xffabc", "test").bytes("b")

    def test_text_is_utf8(self):
        self.assertEqual(Reader(b"\0\0\0\2\xc3\xa9", "test").text("t"), "\u00e9")
        for data in (b"\xc3", b"\xff", b"\xc0\x80", b"\xed\xa0\x80"):
            with self.assertRaises(FormatError):
                Reader(len(data).to_bytes(4, "big") + data, "test").text("t")

    def test_no_byte_may_follow(self):
        reader = Reader(b"ab", "test")
        self.assertEqual(reader.u8("a"), 97)
        with self.assertRaises(FormatError):
            reader.end()
