"""The proof of docs/spec/protocol.md as read from its bytes, and the rules for its list of instances."""

from .encoding import Reader
from .formats import MAX_LOG, MIN_LOG, VERSION


class Invalid(Exception):
    """The proof does not show its statement; the message says why."""


class Instance:
    """A table with a height, and what the proof says about its columns.

    commitments: one point per committed column (fixed, program, main) in order of declaration.
    values, next_values: column index -> evaluation at zeta_c and at w_c zeta_c.
    helper_commitments, helper_values: one per helper column.
    """

    def __init__(self, table, log):
        self.table = table
        self.log = log
        self.height = 1 << log


def check_version(data):
    """FormatError unless the bytes start as a proof of the version that is read."""
    _start(Reader(data, "proof"))


def _start(reader):
    reader.magic(b"zkWP")
    reader.version(VERSION)


def read_proof(data, system, header, statement, fixed_columns):
    """Reads a proof for these tables; fixed_columns maps a FIXED table's index to its commitments in the key."""
    return Proof(Reader(data, "proof"), system, header, statement, fixed_columns)


class Proof:
    def __init__(self, reader, system, header, statement, fixed_columns):
        _start(reader)
        self.instances, self.instances_encoding = _read_instances(reader, system)
        _check_instances(self.instances, system, header, statement)

        program_columns = {"program": header.program_columns, "image": header.image_columns}
        mains = []
        for instance in self.instances:
            table = instance.table
            known = {
                "fixed": iter(fixed_columns.get(table.index, ())),
                "program": iter(program_columns.get(table.name, ())),
            }
            instance.commitments = []
            for column in table.committed:
                kind = table.columns[column].kind
                if kind == "main":
                    mains.append((instance, len(instance.commitments)))
                    instance.commitments.append(None)
                else:
                    instance.commitments.append(next(known[kind]))
        self.main_encoding = _read_encodings(reader, len(mains), "main commitments")
        for (instance, position), point in zip(mains, _points(self.main_encoding, "main commitment")):
            instance.commitments[position] = point

        helpers = sum(instance.table.helpers for instance in self.instances) + 1
        self.helper_encoding = _read_encodings(reader, helpers, "helper commitments")
        points = iter(_points(self.helper_encoding, "helper commitment"))
        for instance in self.instances:
            instance.helper_commitments = [next(points) for _ in range(instance.table.helpers)]
        self.accumulator = next(points)

        self.quotient_encoding = _read_encodings(reader, 4, "quotient commitments")
        self.quotient = _points(self.quotient_encoding, "quotient commitment")

        evaluations = 2
        for instance in self.instances:
            table = instance.table
            evaluations += len(table.committed) + len(table.committed_next) + table.helpers
        self.evaluation_encoding = _read_encodings(reader, evaluations, "evaluations")
        fields = Reader(self.evaluation_encoding, "proof, evaluations")
        for instance in self.instances:
            table = instance.table
            instance.values = {column: fields.field(table.label(column)) for column in table.committed}
            instance.next_values = {
                column: fields.field(table.label(column) + "'") for column in table.committed_next
            }
            instance.helper_values = [
                fields.field("%s helper %d" % (table.name, g)) for g in range(table.helpers)
            ]
        self.accumulator_value = fields.field("A(zeta)")
        self.accumulator_next_value = fields.field("A(w zeta)")
        fields.end()

        self.w_encoding = reader.take(32, "W")
        (self.w,) = _points(self.w_encoding, "W")
        self.w_prime = reader.g1("W'")
        reader.end()

    @property
    def log(self):
        """log2 of N, the largest height."""
        return max(instance.log for instance in self.instances)


def _read_encodings(reader, count, name):
    return reader.take(32 * count, name)


def _points(data, name):
    reader = Reader(data, "proof, %ss" % name)
    return [reader.g1("%s %d" % (name, i)) for i in range(len(data) // 32)]


def _read_instances(reader, system):
    count = reader.u8("the number of instances")
    data = reader.take(2 * count, "the list of instances")
    instances = []
    for index, log in zip(data[::2], data[1::2]):
        if index >= len(system.tables):
            reader.fail("an instance of table %d, there are %d tables" % (index, len(system.tables)))
        instances.append(Instance(system.tables[index], log))
    return instances, bytes([count]) + data


def public_log(statement):
    """log2 of the height of the public words: one row for the length, one per 8 bytes begun, at least 16."""
    rows = 1 + (len(statement.public_input) + 7) // 8
    return max(MIN_LOG, (rows - 1).bit_length())


def _check_instances(instances, system, header, statement):
    """Section Tables and instances."""
    for instance in instances:
        if not MIN_LOG <= instance.log <= MAX_LOG:
            raise Invalid("an instance of %s has log height %d, not within %d..%d"
                          % (instance.table.name, instance.log, MIN_LOG, MAX_LOG))  # fmt: skip
    order = [(instance.table.index, -instance.log) for instance in instances]
    if order != sorted(order):
        raise Invalid("the instances are not ordered by table, then by height descending")

    program_logs = {"program": header.program_log, "image": header.image_log}
    for table in system.tables:
        logs = [instance.log for instance in instances if instance.table is table]
        at_least, at_most, log = {
            "INSTRUCTION": (0, len(logs), None),
            "AUXILIARY": (0, len(logs), None),
            "SINGLE": (1, 1, None),
            "OPTIONAL": (0, 1, None),
            "PROGRAM": (1, 1, program_logs.get(table.name)),
            "PUBLIC": (1, 1, public_log(statement)),
            "FIXED": (0, 1, table.log),
        }[table.role]
        if not at_least <= len(logs) <= at_most:
            raise Invalid("%d instances of table %s" % (len(logs), table.name))
        if log is not None and any(found != log for found in logs):
            raise Invalid("table %s has log height %d, must have %d" % (table.name, logs[0], log))

    if 4 * (statement.steps + 1) > 1 << 32:
        raise Invalid("%d steps are more than the clock can count" % statement.steps)
    rows = sum(instance.height for instance in instances if instance.table.role == "INSTRUCTION")
    if statement.steps > rows:
        raise Invalid("%d steps in %d rows" % (statement.steps, rows))
    if sum(instance.height * len(instance.table.interactions) for instance in instances) > 1 << 40:
        raise Invalid("more than 2^40 interactions")
