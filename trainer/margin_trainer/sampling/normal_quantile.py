"""Quantile of the standard normal distribution by rational functions: AS 241, PPND16 (Wichura 1988).

The same operations in the same order as in TypeScript; only log, used in the tails alone, may differ in its last bit.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]

MIDDLE_HALF_WIDTH = 0.425
"""Beyond this distance from one half the tails' function is used."""


def _numbers(text: str) -> tuple[float, ...]:
    return tuple(float(word) for word in text.split())


# Coefficients of numerator and denominator, highest power first. The far tail, below 2^-36, is never met here.
MIDDLE = (
    _numbers("""2509.0809287301226727 33430.575583588128105 67265.770927008700853 45921.953931549871457
    13731.693765509461125 1971.5909503065514427 133.14166789178437745 3.387132872796366608"""),
    _numbers("""5226.495278852854561 28729.085735721942674 39307.89580009271061 21213.794301586595867
    5394.1960214247511077 687.1870074920579083 42.313330701600911252 1"""),
)
TAIL = (
    _numbers("""7.7454501427834140764e-4 0.0227238449892691845833 0.24178072517745061177 1.27045825245236838258
    3.64784832476320460504 5.7694972214606914055 4.6303378461565452959 1.42343711074968357734"""),
    _numbers("""1.05075007164441684324e-9 5.475938084995344946e-4 0.0151986665636164571966 0.14810397642748007459
    0.68976733498510000455 1.6763848301838038494 2.05319162663775882187 1"""),
)
SMALLEST = 2.0**-36


def normal_quantile(share: Float64) -> Float64:
    """share in [2^-36, 1 - 2^-36] -> x with P(X < x) = share; accurate to about 1e-15."""
    if not ((share >= SMALLEST) & (share <= 1 - SMALLEST)).all():
        raise ValueError("a share outside 2^-36 .. 1 - 2^-36")
    from_half = share - 0.5
    middle = np.abs(from_half) <= MIDDLE_HALF_WIDTH
    inner = 0.180625 - from_half * from_half
    outer = np.sqrt(-np.log(np.where(from_half <= 0, share, 1 - share))) - 1.6
    tail = _ratio(TAIL, outer)
    # In the middle the numerator is multiplied before it is divided, as in TypeScript: it rounds otherwise.
    numerator, denominator = (_polynomial(coefficients, inner) for coefficients in MIDDLE)
    value: Float64 = np.where(middle, numerator * from_half / denominator, np.where(from_half < 0, -tail, tail))
    return value


def _ratio(pair: tuple[tuple[float, ...], tuple[float, ...]], at: Float64) -> Float64:
    return _polynomial(pair[0], at) / _polynomial(pair[1], at)


def _polynomial(coefficients: tuple[float, ...], at: Float64) -> Float64:
    """Horner's scheme."""
    value = np.full_like(at, coefficients[0])
    for coefficient in coefficients[1:]:
        value = value * at + coefficient
    return value
