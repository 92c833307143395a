#!/usr/bin/env python3
"""Judges many proof files, each as zkwasm_verify.py does: for comparing this verifier with another one. Reads lines KEY, HEADER, PROOF.zkp (paths,
separated by tabs) from standard input and prints, in their order, a line for each: "valid", "invalid: reason" or "unreadable: reason"."""

import concurrent.futures
import functools
import os
import sys

from zkwasm.constraints import System
from zkwasm.encoding import FormatError
from zkwasm.formats import Header, Key, ProofFile
from zkwasm.proof import Invalid
from zkwasm.verifier import verify
from zkwasm_verify import CONSTRAINTS, BadInput, fit, parse, read


@functools.lru_cache(maxsize=None)
def _setup(key_path, header_path):
    system, key = _trusted(System, CONSTRAINTS), _trusted(Key, key_path)
    header = parse(Header, header_path)
    fit(system, key, header)
    return system, key, header


@functools.lru_cache(maxsize=None)
def _trusted(kind, path):
    return parse(kind, path)


def judge(line):
    try:
        key_path, header_path, proof_path = line.split("\t")
        system, key, header = _setup(key_path, header_path)
        verify(system, key, header, ProofFile(read(proof_path)))
    except BadInput as error:
        return "unreadable: %s" % error
    except (FormatError, Invalid) as error:
        return "invalid: %s" % error
    return "valid"


def main():
    sys.stdout.reconfigure(errors="backslashreplace")
    with concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as pool:
        for verdict in pool.map(judge, sys.stdin.read().splitlines()):
            print(verdict)


if __name__ == "__main__":
    main()
