import unittest

from zkwasm.bn254 import G1, R, g1_sum
from zkwasm.encoding import encode_bytes, encode_field, encode_g1
from zkwasm.keccak import keccak256
from zkwasm.transcript import Transcript


def after(*absorbed):
    transcript = Transcript()
    for label, data in absorbed:
        transcript.absorb(label, data)
    return transcript.challenge("x")


class TranscriptTest(unittest.TestCase):
    def test_is_the_specified_hash_chain(self):
        state = keccak256(b"zkwasm transcript 1")
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

    def test_challenges_of_a_fixed_proof_are_frozen(self):
        """The messages and challenges of FiatShamirTest in prover-core, drawn here by the other implementation."""

        def points(first, count):
            return b"".join(encode_g1(g1_sum([first + i], [G1])) for i in range(count))

        def u64(value):
            return (value % (1 << 64)).to_bytes(8, "big")

        statement = b"".join(
            [
                b"\x11" * 32,
                encode_bytes(b"main"),
                (2).to_bytes(4, "big") + b"\x7f" + u64(5) + b"\x7e" + u64(-3),
                (1).to_bytes(4, "big") + b"\x7e" + u64(8),
                encode_bytes(b"\1\2\3"),
                encode_bytes(b"\4\5"),
                b"\0" + (0).to_bytes(4, "big") + u64(77),
                b"\x22" * 32,
            ]
        )
        transcript = Transcript()
        drawn = []
        for label, data, challenges in (
            ("version", (1).to_bytes(4, "big"), ()),
            ("tau", b"\x33" * 128, ()),
            ("key", b"\x44" * 32, ()),
            ("program", b"\x11" * 32, ()),
            ("statement", statement, ()),
            ("instances", b"\3\0\5\1\4\2\4", ()),
            ("main", points(1, 6), ("alpha", "gamma")),
            ("helpers", points(10, 4), ("y",)),
            ("quotient", points(20, 4), ("zeta",)),
            ("evaluations", encode_field(1) + encode_field(R - 1) + encode_field(1 << 40), ("nu",)),
            ("W", points(30, 1), ("u",)),
        ):
            transcript.absorb(label, data)
            drawn += [transcript.challenge(name) for name in challenges]
        self.assertEqual(drawn, FROZEN)


FROZEN = [
    6158163432642907145490706834790068827241776511943734280577870880301993101506,
    20274637779364444778861931521027019823112054746063889605933521267837216996515,
    2554909790481441343947980941549861295051669160777558889851119712086659428281,
    17286589456773962998660334799664647784810237200722407243455871949752995179320,
    19409183378351437032521179104624718123583331376715384560690749525313013459464,
    4323985245490655911547547742564577698990971806716130662797186023836897074040,
]
