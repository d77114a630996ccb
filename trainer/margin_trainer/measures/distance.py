"""Distance between two binary masks, d = 1 - IoU. Two empty masks agree: d = 0; one empty: d = 1. No epsilon."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Masks = NDArray[np.bool_]
Matrix = NDArray[np.float64]


def intersections(first: Masks, second: Masks) -> Matrix:
    """[N, ...] and [M, ...] -> pixels in both, [N, M]; exact, since counts stay below 2^24."""
    a, b = first.reshape(len(first), -1), second.reshape(len(second), -1)
    # Most pixels of a patch are in no mask at all.
    kept = np.flatnonzero(a.any(axis=0) & b.any(axis=0))
    return (a[:, kept].astype(np.float32) @ b[:, kept].astype(np.float32).T).astype(np.float64)


def overlap(first: Masks, second: Masks) -> Matrix:
    """Intersection over union of every pair, [N, M]; 1 where both masks are empty."""
    both = intersections(first, second)
    areas_a = first.reshape(len(first), -1).sum(axis=1, dtype=np.int64)
    areas_b = second.reshape(len(second), -1).sum(axis=1, dtype=np.int64)
    union = areas_a[:, None] + areas_b[None, :] - both
    return np.where(union == 0, 1.0, both / np.where(union == 0, 1.0, union))


def distance(first: Masks, second: Masks) -> Matrix:
    """1 - IoU of every pair, [N, M]."""
    return 1.0 - overlap(first, second)
