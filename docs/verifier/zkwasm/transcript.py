"""The Keccak-256 transcript of docs/spec/protocol.md, section Transcript."""

from .bn254 import R
from .keccak import keccak256


class Transcript:
    def __init__(self):
        self._state = keccak256(b"zkwasm transcript 1")

    def absorb(self, label, data):
        self._state = keccak256(
            self._state + b"\x00" + _labelled(label) + len(data).to_bytes(8, "big") + data
        )

    def challenge(self, label):
        """A scalar below R; the state moves on, so drawing again gives another one."""
        tail = _labelled(label)
        wide = b"".join(keccak256(self._state + b"\x01" + bytes([i]) + tail) for i in (0, 1))
        self._state = keccak256(self._state + b"\x02" + tail)
        return int.from_bytes(wide, "big") % R

    def challenge_where(self, label, accept):
        """Draws until accept(challenge)."""
        while True:
            value = self.challenge(label)
            if accept(value):
                return value


def _labelled(label):
    data = label.encode("ascii")
    return bytes([len(data)]) + data
