"""The verifier of docs/spec/protocol.md: transcript, quotient identity, batch opening."""

from . import bn254
from .bn254 import R, batch_inverse, root_of_unity
from .encoding import FormatError, encode_g2
from .formats import FUNCREF, RETURNED, VERSION
from .polynomial import evaluate_leading_rows, lagrange, vanishing
from .proof import Invalid, check_version, read_proof
from .transcript import Transcript


def verify(system, key, header, proof_file):
    """Raises Invalid unless the proof shows its statement. system, key and header are trusted, and bound to each other by the caller through
    check_setup."""
    statement = proof_file.statement
    try:
        check_version(proof_file.proof)  # first, because another version has another key as well
    except FormatError as error:
        raise Invalid(str(error)) from None
    _check_statement(statement, header)
    if proof_file.reference_string_id != key.reference_string_id():
        raise Invalid("the proof was made with another reference string than the key's")
    if proof_file.key_digest != key.digest:
        raise Invalid("the proof was made under another verification key: 0x%s, not 0x%s" % (proof_file.key_digest.hex(), key.digest.hex()))
    try:
        proof = read_proof(proof_file.proof, system, header, statement, _fixed_columns(system, key))
    except FormatError as error:
        raise Invalid(str(error)) from None

    transcript = Transcript()
    transcript.absorb("version", VERSION.to_bytes(4, "big"))
    transcript.absorb("tau", encode_g2(key.tau_g2))
    transcript.absorb("key", key.digest)
    transcript.absorb("program", header.digest)
    transcript.absorb("statement", statement.encoding)
    transcript.absorb("instances", proof.instances_encoding)
    transcript.absorb("main", proof.main_encoding)
    alpha = transcript.challenge("alpha")
    gamma = transcript.challenge("gamma")
    transcript.absorb("helpers", proof.helper_encoding)
    y = transcript.challenge("y")
    transcript.absorb("quotient", proof.quotient_encoding)
    zeta = transcript.challenge_where("zeta", lambda z: z != 0 and vanishing(proof.log, z) != 0)
    transcript.absorb("evaluations", proof.evaluation_encoding)
    nu = transcript.challenge("nu")
    transcript.absorb("W", proof.w_encoding)

    terms = verifier_terms(system, header, statement, alpha, gamma)
    left = _constraints_at(proof, system, statement, alpha, gamma, y, zeta, terms)
    quotient_value = left * pow(vanishing(proof.log, zeta), -1, R) % R

    groups = _opening_groups(proof, zeta, quotient_value)
    points = {point for opening_set, _ in groups for point in opening_set}
    u = transcript.challenge_where("u", lambda value: value not in points)
    if not _opening_holds(proof, groups, zeta, nu, u, key.tau_g2):
        raise Invalid("the pairing check fails: some constraint, evaluation or commitment is wrong")


def check_setup(system, key, header):
    """FormatError unless the constraints are the key's and the numbers of columns fit."""
    if system.digest != key.constraint_digest:
        raise FormatError("the constraints have the digest %s, the key is for %s"
                          % (system.digest.hex(), key.constraint_digest.hex()))  # fmt: skip
    _fixed_columns(system, key)
    for name, columns in (("program", header.program_columns), ("image", header.image_columns)):
        expected = system.table(name).count("program")
        if len(columns) != expected:
            raise FormatError("program header: %d columns for table %s, which has %d"
                              % (len(columns), name, expected))  # fmt: skip


def _fixed_columns(system, key):
    """Splits the fixed columns of the key: table index -> commitments."""
    split = {}
    position = 0
    for table in system.tables:
        count = table.count("fixed")
        if count:
            split[table.index] = key.fixed_columns[position : position + count]
            position += count
    if position != len(key.fixed_columns):
        raise FormatError("key: %d fixed columns, the tables have %d" % (len(key.fixed_columns), position))
    return split


def _check_statement(statement, header):
    if statement.program_digest != header.digest:
        raise Invalid("the statement is about another program: digest %s, the header's is %s"
                      % (statement.program_digest.hex(), header.digest.hex()))  # fmt: skip
    export = header.exports.get(statement.export)
    if export is None:
        raise Invalid("the program has no export %r" % statement.export)
    if [code for code, _ in statement.arguments] != export.parameters:
        raise Invalid("the arguments do not have the types of export %r" % statement.export)
    if any(code == FUNCREF and bits != 0 for code, bits in statement.arguments):
        raise Invalid("a function reference other than null is an argument")
    results = export.results if statement.exit_kind == RETURNED else []
    if [code for code, _ in statement.results] != results:
        raise Invalid("the results do not have the types of export %r, or are there without a return" % statement.export)


def _fingerprint(bus, entries, gamma):
    """bus + gamma x1 + ... + gamma^n xn."""
    value = 0
    for entry in reversed(entries):
        value = (value + entry) * gamma % R
    return (value + bus) % R


def verifier_terms(system, header, statement, alpha, gamma):
    """V: the verifier's part on the buses."""
    sent = [("exec", (header.exports[statement.export].entry_pc, header.frame_base, 4, header.initial_pages))]
    received = [("exit", (statement.exit_kind, statement.exit_code, len(statement.output), 4 * (statement.steps + 1)))]
    for i, (_, bits) in enumerate(statement.arguments):
        sent.append(("argument", (i, bits & 0xFFFFFFFF, bits >> 32)))
    for i, (_, bits) in enumerate(statement.results):  # none unless returned, see _check_statement
        received.append(("result", (i, bits & 0xFFFFFFFF, bits >> 32)))
    for j, byte in enumerate(statement.output):
        received.append(("output", (j, byte)))
    denominators = [
        (alpha - _fingerprint(system.buses[bus], entries, gamma)) % R for bus, entries in sent + received
    ]
    try:
        inverses = batch_inverse(denominators)
    except ZeroDivisionError:
        raise Invalid("alpha is a fingerprint of the verifier's terms") from None
    return (sum(inverses[: len(sent)]) - sum(inverses[len(sent) :])) % R


def public_rows(statement):
    """The columns lo, hi of the public words: the length in bytes, then the bytes as little-endian words, zero-padded."""
    data = statement.public_input
    words = [len(data)] + [int.from_bytes(data[i : i + 8], "little") for i in range(0, len(data), 8)]
    return [word & 0xFFFFFFFF for word in words], [word >> 32 for word in words]


def _point(zeta, log, largest):
    """zeta_c = zeta^(N / N_c)."""
    return pow(zeta, 1 << (largest - log), R)


def _constraints_at(proof, system, statement, alpha, gamma, y, zeta, terms):
    """sum_m y^m C_m(zeta^(N / N_m))."""
    total = 0
    power = 1
    largest = proof.log
    for instance in proof.instances:
        z = _point(zeta, instance.log, largest)
        for value in _instance_constraints(instance, statement, alpha, gamma, z):
            total = (total + power * value) % R
            power = power * y % R
    value = proof.accumulator_next_value - proof.accumulator_value
    for instance in proof.instances:
        share = pow(1 << (largest - instance.log), -1, R)  # N_c / N
        value -= share * sum(instance.helper_values)
    value -= terms * pow(1 << largest, -1, R)
    return (total + power * value) % R


def _instance_constraints(instance, statement, alpha, gamma, z):
    """The values of an instance's constraints at its point, selectors included, in order."""
    table = instance.table
    cells = {(column, False): value for column, value in instance.values.items()}
    cells.update({(column, True): value for column, value in instance.next_values.items()})
    _add_instance_columns(cells, instance, statement, z)

    last = lagrange(instance.log, -1, z)
    selectors = {"always": 1, "first": lagrange(instance.log, 0, z), "last": last, "transition": 1 - last}
    for constraint in table.constraints:
        yield selectors[constraint.selector] * constraint.expression.evaluate(cells) % R

    for g, helper in enumerate(instance.helper_values):
        group = table.interactions[3 * g : 3 * g + 3]
        factors = [
            (alpha - _fingerprint(i.bus, [entry.evaluate(cells) for entry in i.entries], gamma)) % R for i in group
        ]
        value = helper
        for factor in factors:
            value = value * factor % R
        for i, interaction in enumerate(group):
            product = interaction.sign * interaction.multiplicity.evaluate(cells)
            for j, factor in enumerate(factors):
                if j != i:
                    product = product * factor % R
            value -= product
        yield value % R


def _add_instance_columns(cells, instance, statement, z):
    """The public words' columns: in all rows i the number i, and lo and hi of word i, 0 beyond the last."""
    table = instance.table
    columns = [i for i, column in enumerate(table.columns) if column.kind == "instance"]
    if not columns:
        return
    low, high = public_rows(statement)
    for is_next in (False, True):
        cells_here = [(column, is_next) for column in columns]
        if is_next and not table.used.intersection(cells_here):
            continue
        at = root_of_unity(instance.log) * z % R if is_next else z
        values = evaluate_leading_rows(instance.log, [range(instance.height), low, high], at)
        cells.update(zip(cells_here, values))


def _opening_groups(proof, zeta, quotient_value):
    """The groups in order: pairs (opening set, members), a member being (commitment, values at the points of the set); the quotient's commitment
    is the list of its pieces."""
    largest = proof.log
    groups = []
    for log in sorted({instance.log for instance in proof.instances}, reverse=True):
        single, pair = [], []
        for instance in proof.instances:
            if instance.log != log:
                continue
            for column, commitment in zip(instance.table.committed, instance.commitments):
                value = instance.values[column]
                if column in instance.next_values:
                    pair.append((commitment, (value, instance.next_values[column])))
                else:
                    single.append((commitment, (value,)))
            single += [(c, (v,)) for c, v in zip(instance.helper_commitments, instance.helper_values)]
        if log == largest:
            single.append((proof.quotient, (quotient_value,)))
            pair.append((proof.accumulator, (proof.accumulator_value, proof.accumulator_next_value)))
        z = _point(zeta, log, largest)
        groups.append(((z,), single))
        groups.append(((z, root_of_unity(log) * z % R), pair))
    return [(opening_set, members) for opening_set, members in groups if members]


def _opening_holds(proof, groups, zeta, nu, u, tau_g2):
    """The second scheme of Boneh, Drake, Fisch, Gabizon (eprint 2020/081) in the spec's notation."""
    zeta_n = pow(zeta, 1 << proof.log, R)
    scalars, points = [], []
    constant = 0  # sum_j R_j(u) / Z_j(u)
    power = 1
    for opening_set, members in groups:
        z_at_u = 1
        for point in opening_set:
            z_at_u = z_at_u * (u - point) % R
        weight = pow(z_at_u, -1, R)
        sums = [0] * len(opening_set)
        for commitment, values in members:
            scalar = power * weight % R
            if commitment is proof.quotient:
                for piece in commitment:
                    scalars.append(scalar)
                    points.append(piece)
                    scalar = scalar * zeta_n % R
            else:
                scalars.append(scalar)
                points.append(commitment)
            sums = [(s + power * value) % R for s, value in zip(sums, values)]
            power = power * nu % R
        remainder = sums[0]
        if len(opening_set) == 2:
            at, after = opening_set
            remainder += (sums[1] - sums[0]) * (u - at) * pow(after - at, -1, R)
        constant += remainder * weight
    scalars += [-constant, -1, u]
    points += [bn254.G1, proof.w, proof.w_prime]
    combined = bn254.g1_sum(scalars, points)
    return bn254.pairing_product_is_one([(combined, bn254.G2), (bn254.g1_negate(proof.w_prime), tau_g2)])
