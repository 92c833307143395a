import contextlib
import io
import json
import os
import random
import tempfile
import unittest

import zkwasm_verify
from tests import toy_machine
from tests.toy_case import CODE, EXPORTS, TAU, case
from tests.toy_prover import ToyProver
from zkwasm.bn254 import R
from zkwasm.keccak import keccak256


class CommandLineTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        c = case()
        for name, data in [("key", c.key_bytes), ("header", c.header_bytes), ("p.zkp", c.file_bytes), ("constraints", toy_machine.TEXT)]:
            self.write(name, data)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, data):
        with open(self.path(name), "wb") as file:
            file.write(data)

    def run_main(self, *options, key="key", header="header", proof="p.zkp"):
        """(exit code, standard output, standard error)"""
        out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.StringIO()
        argv = [self.path(name) for name in (key, header, proof)] + ["--constraints", self.path("constraints")]
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                code = zkwasm_verify.main(argv + list(options))
            except SystemExit as exit_:
                code = exit_.code
        out.seek(0)
        return code, out.read(), err.getvalue()

    def test_valid(self):
        code, out, err = self.run_main()
        self.assertEqual((code, err), (0, ""))
        self.assertEqual(out.splitlines()[-1], "valid")
        self.assertIn("i32 40, i64 21474836482", out)
        self.assertRegex(out, "exit +returned")

    def test_json(self):
        code, out, _ = self.run_main("--json")
        report = json.loads(out)
        self.assertEqual(code, 0)
        self.assertEqual((report["valid"], report["reason"], report["steps"], report["output"]), (True, None, 9, "0x0709"))
        self.write("p.zkp", case().file(case().statement(steps=10), case().proof))
        code, out, _ = self.run_main("--json")
        report = json.loads(out)
        self.assertEqual((code, report["valid"], report["steps"]), (1, False, 10))
        self.assertIn("pairing", report["reason"])

    def test_context(self):
        self.assertEqual(self.run_main("--expect-context", "0x" + "00" * 32)[0], 0)
        code, out, _ = self.run_main("--expect-context", "11" * 32)
        self.assertEqual(code, 1)
        self.assertIn("invalid: the proof is bound to the context 0x00", out)
        for text in ("11", "zz" * 32, "11 " * 32, ""):
            self.assertEqual(self.run_main("--expect-context", text)[0], 2)

    def test_bad_input(self):
        self.assertIn("No such file", self.run_main(key="absent")[2])
        self.write("empty", b"")
        for name in ("key", "header"):
            code, out, err = self.run_main(**{name: "empty"})
            self.assertEqual((code, out), (2, ""))
            self.assertTrue(err.startswith("error: "))
        self.assertEqual(self.run_main(proof="absent")[0], 2)
        self.assertEqual(self.run_main(proof="empty")[0], 1)
        self.assertEqual(self.run_main(proof="")[0], 2)  # the folder
        self.write("constraints", toy_machine.TEXT + b"\n")
        self.assertIn("the key is for", self.run_main()[2])

    def test_another_extension_id_is_told(self):
        data = bytearray(case().file_bytes)
        data[19] ^= 1
        self.write("p.zkp", data)
        code, _, err = self.run_main()
        self.assertEqual(code, 0)
        self.assertIn("warning: the file names extension", err)

    def test_the_development_string_is_told(self):
        tau = int.from_bytes(keccak256(b"zkwasm development reference string: INSECURE"), "big") % R
        prover = ToyProver(toy_machine.SYSTEM, tau, toy_machine.FIXED)
        self.write("key", prover.key)
        code, out, err = self.run_main()
        self.assertEqual(code, 1)
        self.assertIn("another reference string", out)
        self.assertIn("INSECURE", err)
        self.assertNotEqual(tau, TAU)

    def test_hostile_names_are_shown_harmless(self):
        c = case()
        exports = [("\x1b[2J\u00e9\n", *EXPORTS[0][1:])]
        self.write("header", c.prover.header(exports, toy_machine.program_columns(CODE)))
        self.write("p.zkp", c.file(c.statement(export=exports[0][0]), c.proof))
        code, out, _ = self.run_main()
        self.assertEqual(code, 1)
        self.assertNotIn("\x1b", out)

    def test_damaged_files_end_cleanly(self):
        rng = random.Random(2)
        data = case().file_bytes
        for _ in range(60):
            damaged = bytearray(data)
            at = rng.randrange(len(damaged))
            for _ in range(rng.choice([1, 1, 8])):
                at = rng.randrange(len(damaged)) if rng.random() < 0.3 else min(at + 1, len(damaged) - 1)
                damaged[at] = rng.choice([0, 255, damaged[at] ^ 1 << rng.randrange(8)])
            if rng.random() < 0.3:
                damaged = damaged[: rng.randrange(len(damaged))]
            same = damaged[:19] + damaged[51:] == data[:19] + data[51:]  # but for the extension id
            self.write("p.zkp", damaged)
            self.assertEqual(self.run_main()[0], 0 if same else 1)
