"""Sobol points as 32-bit words, with the direction numbers of Joe and Kuo.

S. Joe and F. Y. Kuo, *Constructing Sobol sequences with better two-dimensional projections*, SIAM J. Sci. Comput. 30
(2008) 2635-2654, their table new-joe-kuo-6.21201. Points come in the order of the Gray code, so that sample k is
written down without those before it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint64]

BITS = 32

TABLE: tuple[tuple[int, tuple[int, ...]], ...] = (
    (0, (1,)),
    (1, (1, 3)),
    (1, (1, 3, 1)),
    (2, (1, 1, 1)),
    (1, (1, 1, 3, 3)),
    (4, (1, 3, 5, 13)),
    (2, (1, 1, 5, 5, 17)),
    (4, (1, 1, 5, 5, 5)),
    (7, (1, 1, 7, 11, 19)),
    (11, (1, 1, 5, 1, 1)),
    (13, (1, 1, 1, 3, 11)),
    (14, (1, 3, 5, 5, 31)),
    (1, (1, 3, 3, 9, 7, 49)),
    (13, (1, 1, 1, 15, 21, 21)),
    (16, (1, 3, 1, 13, 27, 49)),
)
"""Dimensions 2 on: inner coefficients of the primitive polynomial as bits, and the first odd numbers m."""

MAXIMUM_DIMENSION = 1 + len(TABLE)


def _direction_numbers(dimension: int) -> Words:
    """[dimension, 32]: v_j = m_j 2^(31 - j), the rest by the polynomial's recurrence."""
    rows = [[1 << (BITS - 1 - j) for j in range(BITS)]]
    for inner, first in TABLE[: dimension - 1]:
        degree = len(first)
        row = [m << (BITS - 1 - j) for j, m in enumerate(first)]
        for j in range(degree, BITS):
            value = row[j - degree] ^ (row[j - degree] >> degree)
            for k in range(1, degree):
                if inner >> (degree - 1 - k) & 1:
                    value ^= row[j - k]
            row.append(value)
        rows.append(row)
    return np.array(rows, dtype=np.uint64)


def sobol_words(indices: NDArray[np.integer], dimension: int) -> Words:
    """Points `indices` [N] (0 <= index < 2^32) -> [N, dimension], 32-bit words; point 0 is the corner 0."""
    if not 1 <= dimension <= MAXIMUM_DIMENSION:
        raise ValueError(f"Sobol points of {dimension} dimensions: the table has 1 to {MAXIMUM_DIMENSION}")
    index = np.asarray(indices, np.uint64)
    gray = index ^ (index >> np.uint64(1))
    words = np.zeros((len(index), dimension), dtype=np.uint64)
    for j, column in enumerate(_direction_numbers(dimension).T):
        chosen = (gray >> np.uint64(j) & np.uint64(1)).astype(bool)
        words[chosen] ^= column
    return words
