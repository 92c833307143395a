"""A prover for tiny tables that knows tau: slow, plain, and only good for testing the verifier. It reads docs/spec/protocol.md like the verifier
does. Polynomials are lists of coefficients, lowest first.
"""

import random

from zkwasm import bn254
from zkwasm.bn254 import R, root_of_unity
from zkwasm.encoding import encode_bytes, encode_field, encode_g1, encode_g2
from zkwasm.keccak import keccak256
from zkwasm.proof import Instance
from zkwasm.transcript import Transcript
from zkwasm.verifier import _fingerprint, verifier_terms


def interpolate(values):
    n = len(values)
    w = root_of_unity(n.bit_length() - 1)
    powers = [1] * n
    for i in range(1, n):
        powers[i] = powers[i - 1] * w % R
    scale = pow(n, -1, R)
    return [scale * sum(v * powers[-i * j % n] for j, v in enumerate(values)) % R for i in range(n)]


def evaluate(f, x):
    value = 0
    for coefficient in reversed(f):
        value = (value * x + coefficient) % R
    return value


def add(f, g):
    if len(f) < len(g):
        f, g = g, f
    return [(a + b) % R for a, b in zip(f, g)] + f[len(g) :]


def scale(f, k):
    return [a * k % R for a in f]


def subtract(f, g):
    return add(f, scale(g, -1))


def multiply(f, g):
    product = [0] * (len(f) + len(g) - 1)
    for i, a in enumerate(f):
        for j, b in enumerate(g):
            product[i + j] += a * b
    return [c % R for c in product]


def shift(f, w):
    """f(w X)."""
    power = 1
    result = []
    for a in f:
        result.append(a * power % R)
        power = power * w % R
    return result


def inflate(f, k):
    """f(X^k)."""
    result = [0] * ((len(f) - 1) * k + 1)
    result[::k] = f
    return result


def divide_by_vanishing(f, n):
    """(quotient, remainder) by X^n - 1."""
    f = list(f) + [0] * (n - len(f))
    quotient = [0] * max(1, len(f) - n)
    for i in range(len(f) - 1, n - 1, -1):
        quotient[i - n] = f[i]
        f[i - n] = (f[i - n] + f[i]) % R
    return quotient, f[:n]


def divide_by_root(f, root):
    """The quotient by X - root; the remainder is dropped."""
    quotient = [0] * (len(f) - 1)
    carry = 0
    for i in range(len(f) - 1, 0, -1):
        carry = (f[i] + carry * root) % R
        quotient[i - 1] = carry
    return quotient


POLYNOMIALS = {"constant": lambda v: [v], "+": add, "-": subtract, "*": multiply}


class ToyProver:
    """Proves for one key. Where honest is False nothing is checked, and what comes out must be refused."""

    def __init__(self, system, tau, fixed, seed=1):
        """fixed: table name -> column name -> values."""
        self.system = system
        self.tau = tau
        self.tau_g2 = bn254.g2_multiply(bn254.G2, tau)
        self.random = random.Random(seed)
        self.fixed = fixed
        points = [
            self.commit_values(fixed[table.name][column.name])
            for table in system.tables
            for column in table.columns
            if column.kind == "fixed"
        ]
        self.key = b"zkwasm key 1" + system.digest + bytes([len(points)]) + b"".join(points) + encode_g2(self.tau_g2)

    def commit(self, f):
        return encode_g1(bn254.g1_sum([evaluate(f, self.tau)], [bn254.G1]))

    def commit_values(self, values):
        return self.commit(interpolate(values))

    def header(self, exports, program, initial_pages=0):
        """exports: (name, parameter types, result types, entry pc); program: table name -> column name -> values."""
        data = b"zkwasm program 1" + keccak256(b"a toy module") + (0).to_bytes(4, "big")
        logs, points = [], []
        for name in ("program", "image"):
            columns = [c.name for c in self.system.table(name).columns if c.kind == "program"]
            values = [program[name][column] for column in columns]
            logs.append(len(values[0]).bit_length() - 1)
            points.append(bytes([len(columns)]) + b"".join(self.commit_values(v) for v in values))
        data += bytes(logs) + len(exports).to_bytes(4, "big")
        for name, parameters, results, entry_pc in exports:
            data += encode_bytes(name.encode()) + encode_bytes(bytes(parameters)) + encode_bytes(bytes(results))
            data += entry_pc.to_bytes(4, "big")
        return data + initial_pages.to_bytes(4, "big") + bytes(4) + b"".join(points)

    def _blind(self, f, n, coefficients):
        blinder = [self.random.randrange(R) for _ in range(coefficients)]
        return add(f, multiply(blinder, [-1] + [0] * (n - 1) + [1]))

    def prove(self, header, statement, witness, honest=True):
        """witness: a list of (table name, column name -> values for all columns) in the order of the instance list. Gives the proof's bytes."""
        instances = []
        for name, columns in witness:
            table = self.system.table(name)
            height = len(columns[table.columns[0].name])
            instance = Instance(table, height.bit_length() - 1)
            instance.rows = [columns[column.name] for column in table.columns]
            instance.polynomials = []
            for i, column in enumerate(table.columns):
                f = interpolate(instance.rows[i])
                if column.kind == "main":
                    f = self._blind(f, height, 4 if i in table.committed_next else 2)
                instance.polynomials.append(f)
            instances.append(instance)
        n = max(instance.height for instance in instances)
        log = n.bit_length() - 1

        instance_bytes = bytes([len(instances)]) + b"".join(bytes([i.table.index, i.log]) for i in instances)
        mains = b"".join(
            self.commit(i.polynomials[c]) for i in instances for c in i.table.committed if i.table.columns[c].kind == "main"
        )
        transcript = Transcript()
        transcript.absorb("version", (1).to_bytes(4, "big"))
        transcript.absorb("tau", encode_g2(self.tau_g2))
        transcript.absorb("key", keccak256(self.key))
        transcript.absorb("program", header.digest)
        transcript.absorb("statement", statement.encoding)
        transcript.absorb("instances", instance_bytes)
        transcript.absorb("main", mains)
        alpha = transcript.challenge("alpha")
        gamma = transcript.challenge("gamma")

        terms = verifier_terms(self.system, header, statement, alpha, gamma)
        steps = [terms * pow(n, -1, R) % R] * n  # A(wX) - A(X) on each row
        for instance in instances:
            helpers = self._helper_rows(instance, alpha, gamma)
            instance.helpers = [self._blind(interpolate(h), instance.height, 2) for h in helpers]
            share = pow(n // instance.height, -1, R)
            for row in range(n):
                steps[row] = (steps[row] + share * sum(h[row % instance.height] for h in helpers)) % R
        sums = [0]
        for step in steps:
            sums.append((sums[-1] + step) % R)
        assert not honest or sums[-1] == 0, "the buses do not balance"
        accumulator = self._blind(interpolate(sums[:n]), n, 4)
        helper_bytes = b"".join(self.commit(h) for i in instances for h in i.helpers) + self.commit(accumulator)
        transcript.absorb("helpers", helper_bytes)
        y = transcript.challenge("y")

        total, power = [0], 1
        for instance in instances:
            for label, f in self._constraints(instance, alpha, gamma):
                if honest:
                    assert not any(divide_by_vanishing(f, instance.height)[1]), label
                total = add(total, scale(inflate(f, n // instance.height), power))
                power = power * y % R
        f = subtract(shift(accumulator, root_of_unity(log)), accumulator)
        for instance in instances:
            k = n // instance.height
            for h in instance.helpers:
                f = subtract(f, scale(inflate(h, k), pow(k, -1, R)))
        f = subtract(f, [terms * pow(n, -1, R) % R])
        total = add(total, scale(f, power))
        quotient, remainder = divide_by_vanishing(total, n)
        assert not honest or not any(remainder)
        assert len(quotient) <= 4 * n
        r0, r1, r2 = (self.random.randrange(R) for _ in range(3))
        quotient += [0] * (4 * n - len(quotient))
        pieces = [
            quotient[:n] + [r0],
            subtract(quotient[n : 2 * n] + [r1], [r0]),
            subtract(quotient[2 * n : 3 * n] + [r2], [r1]),
            subtract(quotient[3 * n :], [r2]),
        ]
        quotient_bytes = b"".join(self.commit(piece) for piece in pieces)
        transcript.absorb("quotient", quotient_bytes)
        zeta = transcript.challenge_where("zeta", lambda z: z and pow(z, n, R) != 1)

        evaluations = []
        for instance in instances:
            z = pow(zeta, n // instance.height, R)
            w = root_of_unity(instance.log)
            evaluations += [evaluate(instance.polynomials[c], z) for c in instance.table.committed]
            evaluations += [evaluate(instance.polynomials[c], w * z) for c in instance.table.committed_next]
            evaluations += [evaluate(h, z) for h in instance.helpers]
        evaluations += [evaluate(accumulator, zeta), evaluate(accumulator, root_of_unity(log) * zeta)]
        evaluation_bytes = b"".join(encode_field(e) for e in evaluations)
        transcript.absorb("evaluations", evaluation_bytes)
        nu = transcript.challenge("nu")

        zeta_n = pow(zeta, n, R)
        at_zeta = []
        for piece in reversed(pieces):
            at_zeta = add(piece, scale(at_zeta, zeta_n))
        w_bytes, w_prime_bytes = self._open(transcript, instances, at_zeta, accumulator, zeta, n, nu)
        return b"zkWP\0\1" + instance_bytes + mains + helper_bytes + quotient_bytes + evaluation_bytes + w_bytes + w_prime_bytes

    def _helper_rows(self, instance, alpha, gamma):
        table, height = instance.table, instance.height
        helpers = [[0] * height for _ in range(table.helpers)]
        for row in range(height):
            cells = {}
            for c, values in enumerate(instance.rows):
                cells[c, False] = values[row]
                cells[c, True] = values[(row + 1) % height]
            for k, i in enumerate(table.interactions):
                fingerprint = _fingerprint(i.bus, [e.evaluate(cells) for e in i.entries], gamma)
                term = i.sign * i.multiplicity.evaluate(cells) * pow(alpha - fingerprint, -1, R)
                helpers[k // 3][row] = (helpers[k // 3][row] + term) % R
        return helpers

    def _constraints(self, instance, alpha, gamma):
        table, height = instance.table, instance.height
        w = root_of_unity(instance.log)
        cells = {}
        for c, f in enumerate(instance.polynomials):
            cells[c, False] = f
            cells[c, True] = shift(f, w)
        first = interpolate([1] + [0] * (height - 1))
        last = interpolate([0] * (height - 1) + [1])
        selectors = {"always": [1], "first": first, "last": last, "transition": subtract([1], last)}
        for constraint in table.constraints:
            f = constraint.expression.evaluate(cells, POLYNOMIALS)
            yield table.name + " " + constraint.label, multiply(f, selectors[constraint.selector])
        for g, helper in enumerate(instance.helpers):
            group = table.interactions[3 * g : 3 * g + 3]
            factors = []
            for i in group:
                f = [(alpha - i.bus) % R]
                for k, entry in enumerate(i.entries, 1):
                    f = subtract(f, scale(entry.evaluate(cells, POLYNOMIALS), pow(gamma, k, R)))
                factors.append(f)
            value = helper
            for factor in factors:
                value = multiply(value, factor)
            for i, interaction in enumerate(group):
                term = scale(interaction.multiplicity.evaluate(cells, POLYNOMIALS), interaction.sign)
                for j, factor in enumerate(factors):
                    if i != j:
                        term = multiply(term, factor)
                value = subtract(value, term)
            yield "%s helper %d" % (table.name, g), value

    def _open(self, transcript, instances, at_zeta, accumulator, zeta, n, nu):
        groups = []
        for height in sorted({i.height for i in instances}, reverse=True):
            single, pair = [], []
            for instance in instances:
                if instance.height == height:
                    for c in instance.table.committed:
                        (pair if c in instance.table.committed_next else single).append(instance.polynomials[c])
                    single += instance.helpers
            if height == n:
                single.append(at_zeta)
                pair.append(accumulator)
            z = pow(zeta, n // height, R)
            w = root_of_unity(height.bit_length() - 1)
            groups += [((z,), single), ((z, w * z % R), pair)]
        power = 1
        combined = []  # (set, F, R)
        for points, members in groups:
            if members:
                total = [0]
                for f in members:
                    total = add(total, scale(f, power))
                    power = power * nu % R
                values = [evaluate(total, p) for p in points]
                remainder = [values[0]]
                if len(points) == 2:
                    slope = (values[1] - values[0]) * pow(points[1] - points[0], -1, R) % R
                    remainder = [(values[0] - slope * points[0]) % R, slope]
                combined.append((points, total, remainder))
        w = [0]
        for points, f, remainder in combined:
            f = subtract(f, remainder)
            for point in points:
                f = divide_by_root(f, point)
            w = add(w, f)
        w_bytes = self.commit(w)
        transcript.absorb("W", w_bytes)
        taken = {point for points, _, _ in combined for point in points}
        u = transcript.challenge_where("u", lambda value: value not in taken)
        line = scale(w, -1)
        for points, f, remainder in combined:
            z_at_u = 1
            for point in points:
                z_at_u = z_at_u * (u - point) % R
            line = add(line, scale(subtract(f, [evaluate(remainder, u)]), pow(z_at_u, -1, R)))
        return w_bytes, self.commit(divide_by_root(line, u))


def proof_file(statement_encoding, proof, tau_g2, key, extension_id=keccak256(b"a toy module")):
    return (
        b"zkwasm proof file" + b"\0\1" + extension_id + keccak256(encode_g2(tau_g2)) + keccak256(key)
        + encode_bytes(statement_encoding) + encode_bytes(proof)
    )  # fmt: skip
