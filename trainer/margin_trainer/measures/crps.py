"""Continuous ranked probability score of samples (Gneiting and Raftery 2007)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def crps(samples: NDArray[np.float64], value: float) -> float:
    """E|x - value| - E|x - x'| / 2 of the samples [n >= 1] as they stand, self-pairs included; 0 is best."""
    ordered = np.sort(samples)
    count = len(ordered)
    weights = 2 * np.arange(count) + 1 - count
    between = 2.0 * float(weights @ ordered) / count**2
    return float(np.abs(ordered - value).mean()) - between / 2
