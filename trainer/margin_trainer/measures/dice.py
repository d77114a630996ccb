"""Dice coefficient in five readings, (a) to (e). Two empty masks agree: 1; one empty: 0. No epsilon."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from margin_trainer.measures.distance import Masks, Matrix, intersections
from margin_trainer.measures.hungarian_iou import matched_mean

SOFT_TENTHS = (1, 3, 5, 7, 9)
"""Thresholds of the soft Dice, in tenths: compared in whole numbers, so that 30 of 100 is not above 0.3 by rounding."""


def dice(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> float:
    """2 |A and B| / (|A| + |B|) of two masks of the same shape."""
    total = int(first.sum()) + int(second.sum())
    return 1.0 if total == 0 else 2.0 * int((first & second).sum()) / total


def dice_matrix(first: Masks, second: Masks) -> Matrix:
    """Dice of every pair, [N, ...] and [M, ...] -> [N, M]."""
    areas_a = first.reshape(len(first), -1).sum(axis=1, dtype=np.int64)
    areas_b = second.reshape(len(second), -1).sum(axis=1, dtype=np.int64)
    total = (areas_a[:, None] + areas_b[None, :]).astype(np.float64)
    return np.where(total == 0, 1.0, 2 * intersections(first, second) / np.where(total == 0, 1.0, total))


def dice_of_majority(samples: Masks, readings: Masks) -> float:
    """Dice (a): pixels in more than half of the samples [N, H, W] against readings [M, H, W], mean."""
    majority = 2 * samples.sum(axis=0) > len(samples)
    return float(np.mean([dice(majority, reading) for reading in readings]))


def mean_dice(matrix: Matrix) -> float:
    """Dice (b): mean over samples and readings of their Dice matrix [N, M]."""
    return float(matrix.mean())


def best_dice(matrix: Matrix) -> float:
    """Dice (c): for each reading the best of N samples, mean over readings."""
    return float(matrix.max(axis=0).mean())


def matched_dice(matrix: Matrix) -> float:
    """Dice (d): samples matched one to one with the repeated readings so that the total is largest."""
    return matched_mean(matrix)


def soft_dice(samples: Masks, readings: Masks) -> float:
    """Dice (e): share of samples against share of readings, both cut at 0.1, 0.3, 0.5, 0.7, 0.9 (above), mean."""
    marked, read = samples.sum(axis=0, dtype=np.int64), readings.sum(axis=0, dtype=np.int64)
    cut = [(10 * marked > t * len(samples), 10 * read > t * len(readings)) for t in SOFT_TENTHS]
    return float(np.mean([dice(ours, theirs) for ours, theirs in cut]))
