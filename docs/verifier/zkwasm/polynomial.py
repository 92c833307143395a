"""Lagrange polynomials of the domains, evaluated outside of them."""

from .bn254 import R, batch_inverse, root_of_unity


def vanishing(log, z):
    """z^N - 1 with N = 2^log."""
    return (pow(z, 1 << log, R) - 1) % R


def lagrange(log, row, z):
    """L_row(z) = w^row (z^N - 1) / (N (z - w^row)), for z outside of the domain."""
    w_row = pow(root_of_unity(log), row % (1 << log), R)
    return w_row * vanishing(log, z) * pow((z - w_row) << log, -1, R) % R


def evaluate_leading_rows(log, columns, z):
    """The values at z, outside of the domain, of the polynomials that take the given values (lists of integers) on the first rows of the domain and 0
    on all others."""
    count = max(len(column) for column in columns)
    w = root_of_unity(log)
    powers = [1] * count
    for i in range(1, count):
        powers[i] = powers[i - 1] * w % R
    inverses = batch_inverse([(z - power) % R for power in powers])
    factor = vanishing(log, z) * pow(1 << log, -1, R) % R
    weights = [power * inverse % R for power, inverse in zip(powers, inverses)]
    return [factor * sum(v * weight for v, weight in zip(column, weights)) % R for column in columns]
