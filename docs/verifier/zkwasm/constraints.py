"""Reads constraints.txt: buses, tables, columns, constraints, interactions."""

import re

from .encoding import FormatError
from .expression import Expression
from .keccak import keccak256

ROLES = ("INSTRUCTION", "AUXILIARY", "SINGLE", "OPTIONAL", "PROGRAM", "PUBLIC", "FIXED")
SELECTOR_DEGREE = {"always": 0, "first": 1, "last": 1, "transition": 1}
MAX_DEGREE = 4

# The kinds of columns that are not made by the prover, and the role of the only tables that may have them.
_KIND_ROLE = {"fixed": "FIXED", "program": "PROGRAM", "instance": "PUBLIC"}

# The buses that the verifier itself speaks on, and the length of their tuples.
VERIFIER_BUSES = {"exec": 4, "exit": 4, "argument": 3, "result": 3, "output": 2}

# The instance columns, evaluated by the verifier: row i holds i, and the halves of public word i.
PUBLIC_COLUMNS = ["i", "lo", "hi"]


class Column:
    def __init__(self, name, kind):
        self.name = name
        self.kind = kind


class Constraint:
    def __init__(self, label, selector, expression):
        self.label = label
        self.selector = selector
        self.expression = expression


class Interaction:
    """bus is the bus's code; sign is 1 for send, -1 for receive; multiplicity and entries are expressions."""

    def __init__(self, label, bus, sign, multiplicity, entries):
        self.label = label
        self.bus = bus
        self.sign = sign
        self.multiplicity = multiplicity
        self.entries = entries


class Table:
    """log is log2 of the height of a FIXED table, None for the others."""

    def __init__(self, index, name, role, log):
        self.index = index
        self.name = name
        self.role = role
        self.log = log
        self.columns = []
        self.constraints = []
        self.interactions = []
        self._column_index = {}

    def add_column(self, column):
        if column.name in self._column_index:
            raise ValueError("table %s has two columns named %s" % (self.name, column.name))
        if column.kind != "main" and _KIND_ROLE.get(column.kind) != self.role:
            raise ValueError("a column of kind %s in a table of role %s" % (column.kind, self.role))
        self._column_index[column.name] = len(self.columns)
        self.columns.append(column)

    def expression(self, text):
        return Expression(text, self._column_index)

    def count(self, kind):
        return sum(column.kind == kind for column in self.columns)

    def label(self, column):
        return "%s.%s" % (self.name, self.columns[column].name)

    def finish(self):
        """Derives what the protocol needs, once all lines are read."""
        #: the cells, as (column index, is next row), of which a constraint or an interaction makes use
        self.used = set()
        for constraint in self.constraints:
            self.used |= constraint.expression.cells
        for interaction in self.interactions:
            for expression in [interaction.multiplicity] + interaction.entries:
                self.used |= expression.cells
        #: indices of the columns with commitments, in order of declaration
        self.committed = [i for i, column in enumerate(self.columns) if column.kind != "instance"]
        #: those of them of which the next row is used
        self.committed_next = [i for i in self.committed if (i, True) in self.used]
        #: the number of helper columns, one for up to three interactions
        self.helpers = (len(self.interactions) + 2) // 3


class System:
    def __init__(self, text):
        """text: the bytes of constraints.txt. FormatError names the line."""
        self.digest = keccak256(text)
        self.buses = {}  # name -> code
        self._arity = {}  # code -> length of the tuple
        self.tables = []
        try:
            lines = text.decode("ascii").splitlines()
        except UnicodeDecodeError:
            raise FormatError("constraints: not ASCII text") from None
        for number, line in enumerate(lines, 1):
            try:
                self._line(line)
            except ValueError as error:
                raise FormatError("constraints, line %d: %s" % (number, error)) from None
        for table in self.tables:
            table.finish()
        self._check()

    def table(self, name):
        for table in self.tables:
            if table.name == name:
                return table
        raise FormatError("constraints: there is no table %s" % name)

    def _check(self):
        for name, role in (("program", "PROGRAM"), ("image", "PROGRAM"), ("bytes", "FIXED")):
            if self.table(name).role != role:
                raise FormatError("constraints: table %s does not have the role %s" % (name, role))
        for table in self.tables:
            if table.role == "PROGRAM" and table.name not in ("program", "image"):
                raise FormatError("constraints: nobody knows the height of table %s" % table.name)
            instance = [column.name for column in table.columns if column.kind == "instance"]
            if instance not in ([], PUBLIC_COLUMNS):
                raise FormatError("constraints: the instance columns of table %s are not i, lo, hi" % table.name)
            if sum(other.name == table.name for other in self.tables) != 1:
                raise FormatError("constraints: two tables are named %s" % table.name)
        for name, arity in VERIFIER_BUSES.items():
            if self._arity.get(self.buses.get(name)) != arity:
                raise FormatError("constraints: there is no bus %s with tuples of %d" % (name, arity))

    def _line(self, line):
        if line.startswith("#"):
            return
        words = split_words(line)
        if not words:
            return
        keyword = words.pop(0)
        if keyword == "bus":
            name, code, arity = words
            if name in self.buses or int(code) in self._arity:
                raise ValueError("bus %s or its code is there twice" % name)
            self.buses[name] = int(code)
            self._arity[int(code)] = int(arity)
        elif keyword == "table":
            name, role = words[:2]
            if role not in ROLES:
                raise ValueError("unknown role %s" % role)
            if len(words) != 2 + (role == "FIXED"):
                raise ValueError("a FIXED table, and no other, has its log height after the role")
            self.tables.append(Table(len(self.tables), name, role, int(words[2]) if words[2:] else None))
        elif keyword == "column":
            kind, _, name = words
            self._table().add_column(Column(name, kind))
        elif keyword == "constraint":
            selector, label, text = words
            expression = self._table().expression(text)
            if selector not in SELECTOR_DEGREE:
                raise ValueError("unknown selector %s" % selector)
            if expression.degree + SELECTOR_DEGREE[selector] > MAX_DEGREE:
                raise ValueError("constraint %s has a degree above %d" % (label, MAX_DEGREE))
            self._table().constraints.append(Constraint(label, selector, expression))
        elif keyword == "interaction":
            label, bus, direction, multiplicity = words[:4]
            if bus not in self.buses:
                raise ValueError("no bus is named %s" % bus)
            if direction not in ("send", "receive"):
                raise ValueError("neither send nor receive: %s" % direction)
            code = self.buses[bus]
            expressions = [self._table().expression(text) for text in words[3:]]
            if len(expressions) - 1 != self._arity[code]:
                raise ValueError("a tuple of %d on bus %s" % (len(expressions) - 1, bus))
            if any(expression.degree > 1 for expression in expressions):
                raise ValueError("interaction %s is not affine" % label)
            sign = 1 if direction == "send" else -1
            self._table().interactions.append(Interaction(label, code, sign, expressions[0], expressions[1:]))
        else:
            raise ValueError("unknown keyword %s" % keyword)

    def _table(self):
        if not self.tables:
            raise ValueError("before the first table")
        return self.tables[-1]


def split_words(line):
    """Splits at spaces outside of parentheses."""
    words = []
    depth = 0
    for piece in re.findall(r"\S+", line):
        if depth == 0:
            words.append(piece)
        else:
            words[-1] += " " + piece
        depth += piece.count("(") - piece.count(")")
        if depth < 0:
            break
    if depth != 0:
        raise ValueError("parentheses do not match")
    return words
