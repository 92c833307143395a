"""The byte strings of docs/spec/protocol.md: statement, program header, universal key, proof file. The proof inside a proof file needs the
tables to be read; see proof.py."""

from . import bn254
from .encoding import FormatError, Reader, encode_g2
from .keccak import keccak256

#: of all formats: key, header, proof, proof file, transcript
VERSION = 1

FUNCREF = 0x70
VALUE_TYPES = {0x7F: "i32", 0x7E: "i64", 0x7D: "f32", 0x7C: "f64", FUNCREF: "funcref", 0x6F: "externref"}
_NARROW = (0x7F, 0x7D)  # types of 32 bits

RETURNED, EXITED, TRAPPED = 0, 1, 2
TRAP_REASONS = {
    1: "unreachable",
    2: "integer divide by zero",
    3: "integer overflow",
    4: "invalid conversion to integer",
    5: "out of bounds memory access",
    6: "out of bounds table access",
    7: "undefined element",
    8: "uninitialized element",
    9: "indirect call type mismatch",
    10: "call stack exhausted",
    11: "input read past its end",
    12: "abort",
}

MIN_LOG = 4
MAX_LOG = 24


class Statement:
    """What a proof claims. arguments and results are lists of (type code, bits)."""

    def __init__(self, data):
        reader = Reader(data, "statement")
        self.encoding = bytes(data)
        self.program_digest = reader.take(32, "program digest")
        self.export = reader.text("export")
        self.arguments = _read_values(reader, "argument")
        self.results = _read_values(reader, "result")
        self.public_input = reader.bytes("public input")
        self.output = reader.bytes("output")
        self.exit_kind = reader.u8("exit kind")
        self.exit_code = reader.u32("exit code")
        self.steps = reader.u64("steps")
        self.context = reader.take(32, "context")
        reader.end()
        if self.exit_kind not in (RETURNED, EXITED, TRAPPED):
            raise FormatError("statement: exit kind %d is none of 0, 1, 2" % self.exit_kind)
        if self.exit_kind == RETURNED and self.exit_code != 0:
            raise FormatError("statement: returned with exit code %d, must be 0" % self.exit_code)
        if self.exit_kind == TRAPPED and self.exit_code not in TRAP_REASONS:
            raise FormatError("statement: no trap reason has code %d" % self.exit_code)

    def exit_in_words(self):
        if self.exit_kind == RETURNED:
            return "returned"
        if self.exit_kind == EXITED:
            return "exited %d" % self.exit_code
        return "trapped %d (%s)" % (self.exit_code, TRAP_REASONS[self.exit_code])


def _read_values(reader, name):
    values = []
    for i in range(reader.u32("the number of %ss" % name)):
        code = reader.u8("type of %s %d" % (name, i))
        bits = reader.u64("%s %d" % (name, i))
        if code not in VALUE_TYPES:
            reader.fail("%s %d has the unknown type 0x%02x" % (name, i, code))
        if code in _NARROW and bits >> 32:
            reader.fail("%s %d of type %s has more than 32 bits" % (name, i, VALUE_TYPES[code]))
        values.append((code, bits))
    return values


class Export:
    def __init__(self, reader):
        self.name = reader.text("export name")
        self.parameters = _read_types(reader, "parameters")
        self.results = _read_types(reader, "results")
        self.entry_pc = _read_below(reader, 1 << 31, "entry pc")
        if self.entry_pc == 0:
            reader.fail("entry pc 0, where no instruction is")


def _read_below(reader, limit, name):
    value = reader.u32(name)
    if value >= limit:
        reader.fail("%s %d is not below %d" % (name, value, limit))
    return value


def _read_types(reader, name):
    types = []
    for _ in range(reader.u32("the number of " + name)):
        code = reader.u8("type in " + name)
        if code not in VALUE_TYPES:
            reader.fail("unknown type 0x%02x in %s" % (code, name))
        types.append(code)
    return types


class Header:
    """The program header: the verifier's trusted knowledge of a program."""

    def __init__(self, data):
        reader = Reader(data, "program header")
        reader.mark("zkwasm program", VERSION)
        self.digest = keccak256(data)
        self.extension_id = reader.take(32, "extension id")
        self.lowering_version = _read_below(reader, 1 << 31, "lowering version")
        self.program_log = reader.u8("program log")
        self.image_log = reader.u8("image log")
        for name, log in (("program", self.program_log), ("image", self.image_log)):
            if not MIN_LOG <= log <= MAX_LOG:
                reader.fail("the %s table's log height %d is not within %d..%d" % (name, log, MIN_LOG, MAX_LOG))
        self.exports = {}
        for _ in range(reader.u32("the number of exports")):
            export = Export(reader)
            if export.name in self.exports:
                reader.fail("two exports are named %r" % export.name)
            self.exports[export.name] = export
        self.initial_pages = _read_below(reader, (1 << 16) + 1, "initial pages")
        self.frame_base = reader.u32("frame base")
        if self.frame_base != 0:
            reader.fail("frame base %d, must be 0" % self.frame_base)
        self.program_columns = _read_points(reader, "program column")
        self.image_columns = _read_points(reader, "image column")
        reader.end()


class Key:
    """The universal key."""

    def __init__(self, data):
        reader = Reader(data, "key")
        reader.mark("zkwasm key", VERSION)
        self.digest = keccak256(data)
        self.constraint_digest = reader.take(32, "constraint digest")
        self.fixed_columns = _read_points(reader, "fixed column")
        self.tau_g2 = reader.g2("[tau]_2")
        reader.end()

    def reference_string_id(self):
        return keccak256(encode_g2(self.tau_g2))

    def is_insecure(self):
        """Whether tau is the published secret of the development reference string: then anyone can prove anything."""
        tau = int.from_bytes(keccak256(b"zkwasm development reference string: INSECURE"), "big") % bn254.R
        return bn254.g2_multiply(bn254.G2, tau) == self.tau_g2


def _read_points(reader, name):
    return [reader.g1("%s %d" % (name, i)) for i in range(reader.u8("the number of %ss" % name))]


class ProofFile:
    """A .zkp file. The proof is left as bytes."""

    def __init__(self, data):
        reader = Reader(data, "proof file")
        reader.magic(b"zkwasm proof file")
        reader.version(VERSION)
        self.extension_id = reader.take(32, "extension id")
        self.reference_string_id = reader.take(32, "srs id")
        self.key_digest = reader.take(32, "key digest")
        self.statement = Statement(reader.bytes("statement"))
        self.proof = reader.bytes("proof")
        reader.end()
