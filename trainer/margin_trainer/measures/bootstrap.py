"""Percentile bootstrap over patients: images of one patient are not independent."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

DRAWS = 10_000
SEED = 20_202_683
LEVEL = 0.95


def patient_interval(values: Sequence[float], patients: Sequence[str]) -> tuple[float, float]:
    """95 % interval of the mean over images; patients are drawn with replacement, each with all its images."""
    sums, counts = per_patient(values, patients)
    generator = np.random.default_rng(SEED)
    chosen = generator.integers(len(sums), size=(DRAWS, len(sums)))
    means = sums[chosen].sum(axis=1) / counts[chosen].sum(axis=1)
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def per_patient(values: Sequence[float], patients: Sequence[str]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Sum of values and number of images of each patient, in order of the patient's name."""
    _, place = np.unique(np.asarray(patients), return_inverse=True)
    sums = np.bincount(place, weights=np.asarray(values)).astype(np.float64)
    return sums, np.bincount(place).astype(np.float64)
