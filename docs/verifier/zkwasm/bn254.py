"""The pairing curve BN254 (alt_bn128 of EIP-196 and EIP-197) on plain integers.

G1: affine points are pairs (x, y) of integers below Q, or None for infinity. G2: the same with elements of Fq2, which are pairs
(real, imaginary), i^2 = -1. Nothing here is constant-time: a verifier holds no secret.
"""

R = 21888242871839275222246405745257275088548364400416034343698204186575808495617  # order of G1, G2
Q = 21888242871839275222246405745257275088696311157297823662689037894645226208583  # base field

G1 = (1, 2)
G2 = (
    (
        10857046999023057135944570762232829481370756359578518086990519993285655852781,
        11559732032986387107991004021392285783925812861821192530917403151452391805634,
    ),
    (
        8495653923123431417604973247489272438418190587263600148770280649306958101930,
        4082367875863433681332203403145435568316851327593401208105741076214120093531,
    ),
)

TWO_ADICITY = 28  # 2^28 divides R - 1
ROOT_28 = pow(5, (R - 1) >> TWO_ADICITY, R)  # 5 generates the multiplicative group of the scalar field


def root_of_unity(log):
    """The generator of the domain of size 2^log."""
    return pow(ROOT_28, 1 << (TWO_ADICITY - log), R)


def batch_inverse(values, modulus=R):
    """The inverses of non-zero values, with one inversion (Montgomery's trick). ZeroDivisionError if one is 0."""
    prefix = []
    product = 1
    for value in values:
        prefix.append(product)
        product = product * value % modulus
    if product == 0:
        raise ZeroDivisionError("inverse of zero")
    inverse = pow(product, -1, modulus)
    result = [0] * len(prefix)
    for i in range(len(prefix) - 1, -1, -1):
        result[i] = inverse * prefix[i] % modulus
        inverse = inverse * values[i] % modulus
    return result


# --- G1 ---------------------------------------------------------------------------------------------------------------


def g1_on_curve(point):
    if point is None:
        return True
    x, y = point
    return 0 <= x < Q and 0 <= y < Q and (y * y - x * x * x - 3) % Q == 0


def g1_negate(point):
    return None if point is None else (point[0], -point[1] % Q)


# Jacobian coordinates (X, Y, Z), x = X / Z^2, y = Y / Z^3, Z = 0 at infinity. Formulas dbl-2009-l and (m)add-2007-bl of the
# Explicit-Formulas Database.
_INFINITY = (1, 1, 0)


def _double(p):
    x, y, z = p
    if z == 0:
        return p
    a = x * x % Q
    b = y * y % Q
    c = b * b % Q
    d = 2 * ((x + b) * (x + b) - a - c) % Q
    e = 3 * a
    x3 = (e * e - 2 * d) % Q
    return (x3, (e * (d - x3) - 8 * c) % Q, 2 * y * z % Q)


def _add_affine(p, q):
    """p + q with q affine and not infinity."""
    x1, y1, z1 = p
    x2, y2 = q
    if z1 == 0:
        return (x2, y2, 1)
    zz = z1 * z1 % Q
    h = (x2 * zz - x1) % Q
    s = (y2 * z1 % Q * zz - y1) % Q
    if h == 0:
        return _double(p) if s == 0 else _INFINITY
    hh = h * h % Q
    hhh = h * hh % Q
    v = x1 * hh % Q
    x3 = (s * s - hhh - 2 * v) % Q
    return (x3, (s * (v - x3) - y1 * hhh) % Q, z1 * h % Q)


def _add(p, q):
    x1, y1, z1 = p
    x2, y2, z2 = q
    if z1 == 0:
        return q
    if z2 == 0:
        return p
    zz1 = z1 * z1 % Q
    zz2 = z2 * z2 % Q
    u1 = x1 * zz2 % Q
    s1 = y1 * z2 % Q * zz2 % Q
    h = (x2 * zz1 - u1) % Q
    s = (y2 * z1 % Q * zz1 - s1) % Q
    if h == 0:
        return _double(p) if s == 0 else _INFINITY
    hh = h * h % Q
    hhh = h * hh % Q
    v = u1 * hh % Q
    x3 = (s * s - hhh - 2 * v) % Q
    return (x3, (s * (v - x3) - s1 * hhh) % Q, z1 * z2 % Q * h % Q)


def _to_affine(p):
    x, y, z = p
    if z == 0:
        return None
    inverse = pow(z, -1, Q)
    square = inverse * inverse % Q
    return (x * square % Q, y * square % Q * inverse % Q)


def g1_sum(scalars, points):
    """sum scalar_i * point_i, by Pippenger's buckets. Scalars are taken modulo R."""
    terms = [(s % R, p) for s, p in zip(scalars, points) if p is not None and s % R]
    width = max(2, len(terms).bit_length() - 2)
    total = _INFINITY
    for shift in reversed(range(0, R.bit_length(), width)):
        for _ in range(width):
            total = _double(total)
        buckets = [_INFINITY] * (1 << width)
        for scalar, point in terms:
            digit = scalar >> shift & ((1 << width) - 1)
            if digit:
                buckets[digit] = _add_affine(buckets[digit], point)
        running = window = _INFINITY
        for bucket in reversed(buckets[1:]):
            running = _add(running, bucket)
            window = _add(window, running)
        total = _add(total, window)
    return _to_affine(total)


# --- Fq2 = Fq[i] / (i^2 + 1) ------------------------------------------------------------------------------------------


def _f2_mul(a, b):
    return ((a[0] * b[0] - a[1] * b[1]) % Q, (a[0] * b[1] + a[1] * b[0]) % Q)


def _f2_sub(a, b):
    return ((a[0] - b[0]) % Q, (a[1] - b[1]) % Q)


def _f2_scale(a, k):
    return (a[0] * k % Q, a[1] * k % Q)


def _f2_inverse(a):
    norm = pow(a[0] * a[0] + a[1] * a[1], -1, Q)
    return (a[0] * norm % Q, -a[1] * norm % Q)


_XI = (9, 1)  # i + 9, the non-residue that defines Fq12 and the twist
_TWIST_B = _f2_scale(_f2_inverse(_XI), 3)  # the twist is y^2 = x^3 + 3 / xi

# --- G2 ---------------------------------------------------------------------------------------------------------------


def g2_negate(point):
    return None if point is None else (point[0], _f2_sub((0, 0), point[1]))


def _g2_slope(p, q):
    """The slope of the line through p and q (tangent if equal), or None if it is vertical."""
    if p[0] != q[0]:
        return _f2_mul(_f2_sub(q[1], p[1]), _f2_inverse(_f2_sub(q[0], p[0])))
    if p[1] != q[1] or p[1] == (0, 0):
        return None
    return _f2_mul(_f2_scale(_f2_mul(p[0], p[0]), 3), _f2_inverse(_f2_scale(p[1], 2)))


def _g2_third(p, q, slope):
    """p + q, given the slope of their line."""
    x = _f2_sub(_f2_sub(_f2_mul(slope, slope), p[0]), q[0])
    return (x, _f2_sub(_f2_mul(slope, _f2_sub(p[0], x)), p[1]))


def g2_add(p, q):
    if p is None:
        return q
    if q is None:
        return p
    slope = _g2_slope(p, q)
    return None if slope is None else _g2_third(p, q, slope)


def g2_multiply(point, scalar):
    """scalar * point for scalar >= 0, not reduced modulo R: the subgroup check multiplies by R itself."""
    result = None
    for bit in bin(scalar)[2:]:
        result = g2_add(result, result)
        if bit == "1":
            result = g2_add(result, point)
    return result


def g2_in_subgroup(point):
    """Whether a point, coordinates below Q, is on the twist and of order R (or infinity). The twist has a cofactor."""
    if point is None:
        return True
    x, y = point
    if any(not 0 <= c < Q for c in x + y):
        return False
    if _f2_sub(_f2_mul(y, y), _f2_mul(_f2_mul(x, x), x)) != _TWIST_B:
        return False
    return g2_multiply(point, R) is None


# --- Fq12 = Fq2[w] / (w^6 - xi): six coefficients ------------------------------------------------------------------------

_ONE = ((1, 0),) + ((0, 0),) * 5


def _f12_mul(a, b):
    real = [0] * 11
    imaginary = [0] * 11
    for i, (a0, a1) in enumerate(a):
        if a0 or a1:
            for j, (b0, b1) in enumerate(b):
                real[i + j] += a0 * b0 - a1 * b1
                imaginary[i + j] += a0 * b1 + a1 * b0
    for k in range(10, 5, -1):  # w^k = xi w^(k-6), xi = 9 + i
        real[k - 6] += 9 * real[k] - imaginary[k]
        imaginary[k - 6] += real[k] + 9 * imaginary[k]
    return tuple((real[k] % Q, imaginary[k] % Q) for k in range(6))


def _f12_power(a, exponent):
    result = _ONE
    for bit in bin(exponent)[2:]:
        result = _f12_mul(result, result)
        if bit == "1":
            result = _f12_mul(result, a)
    return result


def _line(slope, through, p):
    """The line with this slope through a twist point, at the G1 point p. With (x, y) -> (x w^2, y w^3) from the twist to the curve it is
    y_p - slope w x_p + (slope x_q - y_q) w^3."""
    constant = _f2_sub(_f2_mul(slope, through[0]), through[1])
    return ((p[1], 0), _f2_scale(slope, -p[0]), (0, 0), constant, (0, 0), (0, 0))


# The ate pairing: Miller's loop over t - 1 = 6 u^2, t the trace of Frobenius, u the parameter of the curve. (The optimal ate pairing has a
# shorter loop but needs Frobenius maps; this one is simpler, and whether a product of pairings is 1 does not depend on the choice.)
_U = 4965661367192848881
_ATE_LOOP = 6 * _U * _U
_HALF_FINAL_EXPONENT = (Q**6 + 1) // R
assert _ATE_LOOP == Q - R  # t - 1 = Q - R


def _miller(p, q):
    """f_{t-1, q}(p); vertical lines are left out, their values lie in a subfield and vanish in the final power."""
    f = _ONE
    t = q
    for bit in bin(_ATE_LOOP)[3:]:
        slope = _g2_slope(t, t)
        f = _f12_mul(_f12_mul(f, f), _line(slope, t, p))
        t = _g2_third(t, t, slope)
        if bit == "1":
            slope = _g2_slope(t, q)  # t = k q with 1 < k < R - 1, so the line is never vertical
            f = _f12_mul(f, _line(slope, t, p))
            t = _g2_third(t, q, slope)
    return f


def pairing_product_is_one(pairs):
    """Whether prod e(P_i, Q_i) = 1. The points must be in their groups (g1_on_curve, g2_in_subgroup).

    The final exponent (Q^12 - 1) / R is (Q^6 - 1) (Q^6 + 1) / R, and g^(Q^6 - 1) = 1 exactly if g, which is not 0, lies in Fq6: if its odd
    coefficients are 0, w^2 generating Fq6.
    """
    product = _ONE
    for p, q in pairs:
        if p is not None and q is not None:
            product = _f12_mul(product, _miller(p, q))
    return all(c == (0, 0) for c in _f12_power(product, _HALF_FINAL_EXPONENT)[1::2])
