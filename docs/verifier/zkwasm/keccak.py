"""Keccak-256 as Ethereum uses it: the padding of the original submission (0x01), not that of FIPS 202 SHA-3 (0x06)."""

_MASK = (1 << 64) - 1
_RATE = 136  # bytes: 1600 / 8 - 2 * 256 / 8


def _round_constants():
    """The 24 iota constants, from the degree-8 LFSR x^8 + x^6 + x^5 + x^4 + 1 of the Keccak reference."""
    constants = []
    lfsr = 1
    for _ in range(24):
        constant = 0
        for j in range(7):
            if lfsr & 1:
                constant |= 1 << ((1 << j) - 1)
            lfsr <<= 1
            if lfsr & 0x100:
                lfsr ^= 0x171
        constants.append(constant)
    return constants


def _rho_pi():
    """Where the lane at x + 5 y goes and by how much it is rotated: triples (from, to, rotation), lane (0, 0) left out."""
    moves = []
    x, y = 1, 0
    for t in range(24):
        rotation = (t + 1) * (t + 2) // 2 % 64
        new_x, new_y = y, (2 * x + 3 * y) % 5
        moves.append((x + 5 * y, new_x + 5 * new_y, rotation))
        x, y = new_x, new_y
    return moves


_CONSTANTS = _round_constants()
_MOVES = _rho_pi()


def _permute(a):
    """Keccak-f[1600] on a list of 25 lanes; returns the new list."""
    b = [0] * 25
    for constant in _CONSTANTS:
        c = [a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20] for x in range(5)]
        d = [c[x - 1] ^ ((c[x - 4] << 1 | c[x - 4] >> 63) & _MASK) for x in range(5)]
        b[0] = a[0] ^ d[0]
        for source, target, rotation in _MOVES:
            lane = a[source] ^ d[source % 5]
            b[target] = (lane << rotation | lane >> (64 - rotation)) & _MASK
        a = [
            b[y + x] ^ (~b[y + (x + 1) % 5] & b[y + (x + 2) % 5])
            for y in (0, 5, 10, 15, 20)
            for x in range(5)
        ]
        a[0] ^= constant
    return a


def _sponge(data, domain):
    padding = bytearray(_RATE - len(data) % _RATE)
    padding[0] = domain
    padding[-1] |= 0x80
    data = bytes(data) + padding
    lanes = [0] * 25
    for block in range(0, len(data), _RATE):
        for i in range(_RATE // 8):
            at = block + 8 * i
            lanes[i] ^= int.from_bytes(data[at : at + 8], "little")
        lanes = _permute(lanes)
    return b"".join(lane.to_bytes(8, "little") for lane in lanes[:4])


def keccak256(data):
    """The 32-byte digest of a bytes-like object."""
    return _sponge(data, 0x01)
