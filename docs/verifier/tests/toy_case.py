"""One proven execution of the toy machine, shared by the tests: made once, in a few seconds."""

import functools

from tests import toy_machine
from tests.toy_prover import ToyProver, proof_file
from zkwasm.encoding import encode_bytes
from zkwasm.formats import Header, Key, Statement

TAU = 0x1234567890ABCDEF1234567890ABCDEF
I32, I64 = 0x7F, 0x7E
CODE = [
    (toy_machine.ADD_ARGUMENT, 0),
    (toy_machine.ADD_PUBLIC, 0),
    (toy_machine.ADD_PUBLIC, 1),
    (toy_machine.ADD_ARGUMENT, 1),
    (toy_machine.OUTPUT, 7),
    (toy_machine.ADD_PUBLIC, 3),
    (toy_machine.OUTPUT, 9),
    (toy_machine.RESULT, 0),
    (toy_machine.HALT, 0),
    (toy_machine.OUTPUT, 1),
    (toy_machine.TRAP, 11),
]
EXPORTS = [("add", [I32, I64], [I32], 1), ("trap", [], [], 10)]


def encode_values(values):
    return len(values).to_bytes(4, "big") + b"".join(bytes([t]) + bits.to_bytes(8, "big") for t, bits in values)


def encode_statement(digest, export, arguments, results, public_input, output, kind, code, steps, context=bytes(32)):
    return (
        digest + encode_bytes(export.encode()) + encode_values(arguments) + encode_values(results)
        + encode_bytes(public_input) + encode_bytes(output) + bytes([kind])
        + code.to_bytes(4, "big") + steps.to_bytes(8, "big") + context
    )  # fmt: skip


class Case:
    def __init__(self):
        self.system = toy_machine.SYSTEM
        self.prover = ToyProver(self.system, TAU, toy_machine.FIXED)
        self.key_bytes = self.prover.key
        self.key = Key(self.key_bytes)
        self.header_bytes = self.prover.header(EXPORTS, toy_machine.program_columns(CODE))
        self.header = Header(self.header_bytes)
        self.public_input = bytes(range(21))
        self.fields = dict(
            digest=self.header.digest,
            export="add",
            arguments=[(I32, 40), (I64, 2 | 5 << 32)],
            public_input=self.public_input,
        )
        self.witness, outcome = toy_machine.execute(CODE, [40, 2 | 5 << 32], self.public_input, [32, 16])
        results, self.fields["output"], self.fields["kind"], self.fields["code"], self.fields["steps"] = outcome
        self.fields["results"] = [(I32, value) for value in results]
        self.statement_bytes = encode_statement(**self.fields)
        self.proof = self.prover.prove(self.header, Statement(self.statement_bytes), self.witness)
        self.file_bytes = self.file(self.statement_bytes, self.proof)

    def file(self, statement, proof):
        return proof_file(statement, proof, self.prover.tau_g2, self.prover.key)

    def statement(self, **changes):
        return encode_statement(**dict(self.fields, **changes))


@functools.lru_cache(maxsize=None)
def case():
    return Case()
