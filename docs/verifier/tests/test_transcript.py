import unittest

from zkwasm.bn254 import R
from zkwasm.keccak import keccak256
from zkwasm.transcript import Transcript


def after(*absorbed):
    transcript = Transcript()
    for label, data in absorbed:
        transcript.absorb(label, data)
    return transcript.challenge("x")


class TranscriptTest(unittest.TestCase):
    def test_is_the_specified_hash_chain(self):
        state = keccak256(b"zkwasm transcript 0")
        state = keccak256(state + b"\0\4main" + (3).to_bytes(8, "big") + b"abc")
        wide = keccak256(state + b"\1\0\5alpha") + keccak256(state + b"\1\1\5alpha")
        next_state = keccak256(state + b"\2\5alpha")
        next_wide = keccak256(next_state + b"\1\0\5gamma") + keccak256(next_state + b"\1\1\5gamma")
        transcript = Transcript()
        transcript.absorb("main", b"abc")
        self.assertEqual(transcript.challenge("alpha"), int.from_bytes(wide, "big") % R)
        self.assertEqual(transcript.challenge("gamma"), int.from_bytes(next_wide, "big") % R)

    def test_how_data_is_cut_and_labelled_matters(self):
        results = {
            after(("a", b"bc")),
            after(("ab", b"c")),
            after(("a", b"b"), ("a", b"c")),
            after(("a", b"bc"), ("a", b"")),
            after(("a", b"")),
            after(),
        }
        self.assertEqual(len(results), 6)

    def test_drawing_again_gives_another_challenge(self):
        transcript = Transcript()
        first = transcript.challenge("zeta")
        other = Transcript()
        second = other.challenge_where("zeta", lambda value: value != first)
        self.assertNotEqual(first, second)
        self.assertEqual(transcript.challenge("zeta"), second)
