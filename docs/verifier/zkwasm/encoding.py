"""The encodings of docs/spec/protocol.md, section Encodings. Every reader refuses what its writer would not have written."""

from . import bn254


class FormatError(ValueError):
    """Bytes that are not the encoding of anything; the message says what is wrong where."""


class Reader:
    """Reads big-endian values from bytes. Sizes found in the bytes are checked against what is left before they are used."""

    def __init__(self, data, what):
        self._data = data
        self._at = 0
        self._what = what

    def fail(self, message):
        raise FormatError("%s: %s (at byte %d)" % (self._what, message, self._at))

    def take(self, count, name):
        if count > len(self._data) - self._at:
            self.fail("%s needs %d bytes, %d are left" % (name, count, len(self._data) - self._at))
        piece = self._data[self._at : self._at + count]
        self._at += count
        return piece

    def magic(self, text):
        if self.take(len(text), "the mark %r" % text.decode("ascii")) != text:
            self._at -= len(text)
            self.fail("does not start with %r" % text.decode("ascii"))

    def mark(self, name, version):
        """An ASCII mark that ends in a version, as "zkwasm key 1"."""
        prefix = name.encode("ascii") + b" "
        found = self._data[self._at + len(prefix) : self._at + len(prefix) + 1]
        if self._data[self._at :].startswith(prefix) and b"0" <= found <= b"9":
            self._supported(int(found), version)
        self.magic(prefix + b"%d" % version)

    def version(self, version):
        self._supported(self.u16("version"), version)

    def _supported(self, found, version):
        if found != version:
            raise FormatError("%s of version %d; this verifier reads version %d" % (self._what, found, version))

    def unsigned(self, width, name):
        return int.from_bytes(self.take(width, name), "big")

    def u8(self, name):
        return self.unsigned(1, name)

    def u16(self, name):
        return self.unsigned(2, name)

    def u32(self, name):
        return self.unsigned(4, name)

    def u64(self, name):
        return self.unsigned(8, name)

    def bytes(self, name):
        return self.take(self.u32("the length of " + name), name)

    def text(self, name):
        data = self.bytes(name)
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            return self.fail("%s is not UTF-8" % name)

    def field(self, name):
        value = self.unsigned(32, name)
        if value >= bn254.R:
            self.fail("%s is not below r" % name)
        return value

    def g1(self, name):
        data = self.take(32, name)
        point = decode_g1(data)
        if point is _NOT_A_POINT:
            self.fail("%s is not the encoding of a G1 point" % name)
        return point

    def g2(self, name):
        x_im, x_re, y_im, y_re = (self.unsigned(32, name) for _ in range(4))
        point = ((x_re, x_im), (y_re, y_im))
        if not bn254.g2_in_subgroup(point):
            self.fail("%s is not a point of G2" % name)
        return point

    def end(self):
        if self._at != len(self._data):
            self.fail("%d bytes follow the end" % (len(self._data) - self._at))


_NOT_A_POINT = object()
_X_MASK = (1 << 254) - 1


def decode_g1(data):
    """32 bytes -> affine point, None for infinity, or a mark that no caller mistakes for a point."""
    if data == bytes(32):
        return None
    bits = int.from_bytes(data, "big")
    x = bits & _X_MASK
    if not bits >> 255 or x >= bn254.Q:
        return _NOT_A_POINT
    square = (x * x * x + 3) % bn254.Q
    y = pow(square, (bn254.Q + 1) // 4, bn254.Q)  # Q = 3 mod 4
    if y * y % bn254.Q != square:
        return _NOT_A_POINT
    if (y & 1) != (bits >> 254 & 1):
        y = bn254.Q - y  # never 0 or Q: the curve has no point of order 2
    return (x, y)


def encode_g1(point):
    if point is None:
        return bytes(32)
    return (1 << 255 | (point[1] & 1) << 254 | point[0]).to_bytes(32, "big")


def encode_g2(point):
    (x_re, x_im), (y_re, y_im) = point
    return b"".join(c.to_bytes(32, "big") for c in (x_im, x_re, y_im, y_re))


def encode_bytes(data):
    return len(data).to_bytes(4, "big") + data


def encode_field(value):
    return value.to_bytes(32, "big")
