import os
import unittest

from tests import toy_machine
from zkwasm.bn254 import R
from zkwasm.constraints import ROLES, System
from zkwasm.encoding import FormatError
from zkwasm.expression import Expression


def expression(text):
    return Expression(text, {"a": 0, "b": 1, "long.name": 2})


CELLS = {(0, False): 3, (0, True): 5, (1, False): 7, (2, False): 11}


class ExpressionTest(unittest.TestCase):
    def test_values_and_degrees(self):
        for text, value, degree in [
            ("a", 3, 1),
            ("a'", 5, 1),
            ("12", 12, 0),
            ("-1", R - 1, 0),
            ("(+ a (* 2 a'))", 13, 1),
            ("(- a b)", R - 4, 1),
            ("(- (- a b) long.name)", R - 15, 1),
            ("(* (* a b) (+ a 1))", 84, 3),
            ("( *  a(- b a) )", 12, 2),
        ]:
            with self.subTest(text):
                self.assertEqual(expression(text).evaluate(CELLS), value)
                self.assertEqual(expression(text).degree, degree)

    def test_cells(self):
        self.assertEqual(expression("(* a' (+ b 1))").cells, {(0, True), (1, False)})

    def test_depth_does_not_matter(self):
        text = "a"
        for _ in range(50000):
            text = "(+ 1 " + text
        text += ")" * 50000
        self.assertEqual(expression(text).evaluate(CELLS), 50003)

    def test_refuses(self):
        for text in ["", "()", "(+ a)", "(+ a b a)", "(a + b)", "(+ a b", "+ a b", "(+ a b))", "a b", "c", "a''", "(/ a b)", ")", "(", "(++ a b)", "1.5"]:
            with self.subTest(text), self.assertRaises(ValueError):
                expression(text)


class SystemTest(unittest.TestCase):
    def test_reads_the_toy_machine(self):
        system = toy_machine.SYSTEM
        self.assertEqual([table.name for table in system.tables], ["cpu", "summary", "extra", "program", "image", "public", "bytes"])
        cpu = system.table("cpu")
        self.assertEqual((cpu.helpers, len(cpu.interactions)), (3, 9))
        self.assertEqual([cpu.columns[c].name for c in cpu.committed_next], ["e"])
        public = system.table("public")
        self.assertEqual([public.columns[c].name for c in public.committed], ["count"])
        self.assertEqual(system.table("bytes").log, 4)

    def test_reads_the_project_s_own(self):
        path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "spec", "constraints.txt")
        with open(path, "rb") as file:
            system = System(file.read())
        self.assertEqual({table.role for table in system.tables}, set(ROLES))
        for table in system.tables:
            for i, column in enumerate(table.columns):
                self.assertTrue(table.used & {(i, False), (i, True)}, "nothing uses %s.%s" % (table.name, column.name))

    def test_refuses(self):
        text = toy_machine.TEXT
        for message, old, new in [
            ("line 4: bus program or its code", b"bus program 3 3", b"bus program 1 3"),
            ("unknown role", b"summary SINGLE", b"summary UNIQUE"),
            ("two tables are named cpu", b"table summary", b"table cpu"),
            ("two columns named isPublic", b"bit isArgument", b"bit isPublic"),
            ("column of kind fixed", b"main bit b", b"fixed bit b"),
            ("column of kind other", b"main bit b", b"other bit b"),
            ("degree above 4", b"(* (* e' (- 1 e)) (+ e' 1))", b"(* (* e' (- 1 e)) (* e' e))"),
            ("not affine", b"send e k", b"send (* e e) k"),
            ("unknown selector", b"constraint last", b"constraint end"),
            ("no bus is named", b"interaction plus range", b"interaction plus rank"),
            ("a tuple of 2 on bus range", b"send x x", b"send x x x"),
            ("neither send nor receive", b"send x x", b"sends x x"),
            ("unknown keyword", b"table summary SINGLE", b"tables summary SINGLE"),
            ("a tuple of 4 on bus exit", b"bus exit 15 4", b"bus exit 15 5"),
            ("no bus output with tuples of 2", b"bus output 14 2", b"bus printed 14 2"),
            ("there is no table image", b"table image", b"table picture"),
            ("instance columns of table public", b"instance u32 hi", b"main u32 hi"),
            ("not ASCII", b"summary", b"summ\xe4ry"),
        ]:
            with self.subTest(message):
                self.assertIn(old, text)
                text_with = text.replace(b" output send", b" printed send") if b"printed" in new else text
                with self.assertRaisesRegex(FormatError, message):
                    System(text_with.replace(old, new, 1))
