import hashlib
import unittest

from zkwasm.keccak import _sponge, keccak256


class KeccakTest(unittest.TestCase):
    def test_known_digests(self):
        for data, digest in [
            (b"", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"),
            (b"abc", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"),
            (b"The quick brown fox jumps over the lazy dog", "4d741b6f1eb29cb2a9b9911c82f56fa8d73b04959d3d9d222895df6c0b28aa15"),
        ]:
            self.assertEqual(keccak256(data).hex(), digest)

    def test_sponge_against_sha3_of_the_standard_library(self):
        """SHA3-256 differs from Keccak-256 in the padding byte only, so lengths around the rate can be compared."""
        data = bytes(i * 31 % 256 for i in range(600))
        for length in list(range(0, 20)) + list(range(130, 142)) + list(range(268, 276)) + [600]:
            self.assertEqual(_sponge(data[:length], 0x06), hashlib.sha3_256(data[:length]).digest(), length)
