"""Expressions over the cells of a row and the next one, in the text form of constraints.txt: (+ a (* 2 b')), a prime marks the next row."""

import re

from .bn254 import R

_TOKEN = re.compile(r"[()]|[^\s()]+")
_NUMBER = re.compile(r"-?[0-9]+\Z")
_OPERATORS = ("+", "-", "*")


class Expression:
    """Kept in postfix order, as a list of operators (text), cells (column index, is next row) and constants (integers): so neither reading nor
    evaluating recurses."""

    def __init__(self, text, column_index):
        """column_index maps names to indices. ValueError says what is wrong with the text."""
        self._postfix = []
        self.cells = set()
        frames = [[None, 0]]  # per open parenthesis: operator, operands so far
        position = 0
        tokens = _TOKEN.findall(text)
        while position < len(tokens):
            token = tokens[position]
            position += 1
            if token == "(":
                operator = tokens[position] if position < len(tokens) else "the end"
                position += 1
                if operator not in _OPERATORS:
                    raise ValueError("expected an operator after '(', found %r" % operator)
                frames.append([operator, 0])
                continue
            if token == ")":
                operator, operands = frames.pop()
                if not frames or operands != 2:
                    raise ValueError("misplaced ')' in %r" % text)
                self._postfix.append(operator)
            elif _NUMBER.match(token):
                self._postfix.append(int(token) % R)
            else:
                is_next = token.endswith("'")
                name = token[:-1] if is_next else token
                if name not in column_index:
                    raise ValueError("no column is named %r" % name)
                cell = (column_index[name], is_next)
                self.cells.add(cell)
                self._postfix.append(cell)
            frames[-1][1] += 1
        if len(frames) != 1 or frames[0][1] != 1:
            raise ValueError("%r is not one expression" % text)
        self.degree = self._fold(
            constant=lambda value: 0,
            cell=lambda cell: 1,
            operators={"+": max, "-": max, "*": lambda a, b: a + b},
        )

    def _fold(self, constant, cell, operators):
        stack = []
        for item in self._postfix:
            if isinstance(item, str):
                right = stack.pop()
                stack.append(operators[item](stack.pop(), right))
            elif isinstance(item, tuple):
                stack.append(cell(item))
            else:
                stack.append(constant(item))
        return stack[0]

    def evaluate(self, cells, algebra=None):
        """The value of the expression. cells maps (column index, is next row) to values; the operators work modulo R on integers unless algebra
        gives others ({"+": ..., "-": ..., "*": ...}, "constant": from an integer)."""
        algebra = algebra or _SCALARS
        return self._fold(algebra["constant"], cells.__getitem__, algebra)


_SCALARS = {
    "constant": lambda value: value,
    "+": lambda a, b: (a + b) % R,
    "-": lambda a, b: (a - b) % R,
    "*": lambda a, b: a * b % R,
}
