#!/usr/bin/env python3
"""Verifies a zkWASM proof file. An independent implementation of docs/spec/ in plain Python; see README.md beside it."""

import argparse
import json
import os
import sys

from zkwasm.constraints import System
from zkwasm.encoding import FormatError
from zkwasm.formats import VALUE_TYPES, Header, Key, ProofFile
from zkwasm.proof import Invalid
from zkwasm.verifier import check_setup, verify

VALID, INVALID, BAD_INPUT = 0, 1, 2

# What this program is ready to read: plain Python takes about 8 seconds for each megabyte of public input or output.
MAX_FILE_BYTES = 1 << 26

CONSTRAINTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "spec", "constraints.txt")


class BadInput(Exception):
    pass


def read(path):
    """The bytes of a file, or BadInput."""
    try:
        with open(path, "rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise BadInput("%s: %s" % (path, error.strerror)) from None
    if len(data) > MAX_FILE_BYTES:
        raise BadInput("%s: more than %d bytes, this verifier's limit" % (path, MAX_FILE_BYTES))
    return data


def parse(kind, path):
    """The file as an object of that kind, or BadInput."""
    try:
        return kind(read(path))
    except FormatError as error:
        raise BadInput("%s: %s" % (path, error)) from None


def fit(system, key, header):
    """BadInput unless they are of one system."""
    try:
        check_setup(system, key, header)
    except FormatError as error:
        raise BadInput(str(error)) from None


def _context(text):
    digits = text[2:] if text.startswith("0x") else text
    try:
        value = bytes.fromhex(digits)
    except ValueError:
        value = b""
    if len(value) != 32 or len(digits) != 64:
        raise argparse.ArgumentTypeError("%r is not 32 bytes in hexadecimal" % text)
    return value


def _arguments(argv):
    parser = argparse.ArgumentParser(
        description="Verify a zkWASM proof. Exit codes: 0 valid, 1 invalid, 2 wrong usage or an unreadable file.",
        epilog="KEY and HEADER are trusted: take them from your own build and your own lowering of the wasm file, never from the prover.",
    )
    parser.add_argument("key", metavar="KEY", help="the universal key")
    parser.add_argument("header", metavar="HEADER", help="the program header")
    parser.add_argument("proof", metavar="PROOF.zkp", help="the proof file")
    parser.add_argument("--constraints", default=CONSTRAINTS, metavar="FILE", help="default: docs/spec/constraints.txt")
    parser.add_argument("--expect-context", type=_context, metavar="HEX", help="refuse a proof that is bound to another context")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser.parse_args(argv)


def _values(values):
    return [{"type": VALUE_TYPES[code], "value": str(bits)} for code, bits in values]


def _report(proof_file, header, key, insecure):
    """What the proof file claims, for --json and for words; key order is the order of printing."""
    statement = proof_file.statement
    return {
        "extensionId": "0x" + header.extension_id.hex(),
        "programDigest": "0x" + statement.program_digest.hex(),
        "export": statement.export,
        "arguments": _values(statement.arguments),
        "results": _values(statement.results),
        "publicInput": "0x" + statement.public_input.hex(),
        "output": "0x" + statement.output.hex(),
        "exit": statement.exit_in_words(),
        "steps": statement.steps,
        "context": "0x" + statement.context.hex(),
        "srsId": "0x" + key.reference_string_id().hex(),
        "insecureSrs": insecure,
    }


_LONG = 72


def _in_words(value):
    if isinstance(value, list):
        return ", ".join("%s %s" % (item["type"], item["value"]) for item in value) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = value if isinstance(value, str) else str(value)
    if text.startswith("0x") and len(text) > _LONG:
        return "%s... (%d bytes)" % (text[:_LONG], len(text) // 2 - 1)
    return text if text.isprintable() else ascii(text)


def _check(options):
    """(report or {}, reason or None, warnings)"""
    system = parse(System, options.constraints)
    key = parse(Key, options.key)
    header = parse(Header, options.header)
    fit(system, key, header)
    data = read(options.proof)
    warnings = []
    report = {}
    insecure = key.is_insecure()
    if insecure:
        warnings.append("the key is of the INSECURE development reference string: anyone can make valid proofs of false statements")
    try:
        proof_file = ProofFile(data)
        report = _report(proof_file, header, key, insecure)
        if proof_file.extension_id != header.extension_id:
            warnings.append("the file names extension 0x%s, the header is of 0x%s" % (proof_file.extension_id.hex(), header.extension_id.hex()))
        if options.expect_context not in (None, proof_file.statement.context):
            raise Invalid("the proof is bound to the context 0x%s" % proof_file.statement.context.hex())
        verify(system, key, header, proof_file)
    except (FormatError, Invalid) as error:
        return report, str(error), warnings
    return report, None, warnings


def main(argv=None):
    sys.stdout.reconfigure(errors="backslashreplace")  # an export's name may hold what the terminal cannot show
    options = _arguments(argv)
    try:
        report, reason, warnings = _check(options)
    except BadInput as error:
        print("error: %s" % error, file=sys.stderr)
        return BAD_INPUT
    for warning in warnings:
        print("warning: %s" % warning, file=sys.stderr)
    if options.json:
        print(json.dumps(dict({"valid": reason is None, "reason": reason}, **report)))
    else:
        if report:
            print("The proof claims:")
        for name, value in report.items():
            print("  %-13s %s" % (name, _in_words(value)))
        print("valid" if reason is None else "invalid: %s" % reason)
    return VALID if reason is None else INVALID


if __name__ == "__main__":
    sys.exit(main())
