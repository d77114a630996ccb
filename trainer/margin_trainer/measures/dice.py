"""Dice coefficient. Two empty masks agree: 1; one empty: 0. No epsilon."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from margin_trainer.measures.distance import Masks


def dice(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> float:
    """2 |A and B| / (|A| + |B|) of two masks of the same shape."""
    total = int(first.sum()) + int(second.sum())
    return 1.0 if total == 0 else 2.0 * int((first & second).sum()) / total


def dice_of_majority(samples: Masks, readings: Masks) -> float:
    """Dice (a): pixels in more than half of the samples [N, H, W] against readings [M, H, W], mean."""
    majority = 2 * samples.sum(axis=0) > len(samples)
    return float(np.mean([dice(majority, reading) for reading in readings]))
