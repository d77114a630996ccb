"""Percentile bootstrap over patients: images of one patient are not independent."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

DRAWS = 10_000
SEED = 20_202_683
LEVEL = 0.95
AT_ONCE = 500
"""Draws in memory at a time."""


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


def pooled_interval(
    counts: NDArray[np.float64],
    patients: Sequence[str],
    statistic: Callable[[NDArray[np.float64]], NDArray[np.float64]],
) -> tuple[float, float]:
    """95 % interval of a statistic of summed counts: counts [n, ...] an image, patients drawn with all their images.

    `statistic` takes many sums at once, [D, ...] -> [D]; draws in which it is not defined (NaN) are left out.
    """
    names, place = np.unique(np.asarray(patients), return_inverse=True)
    flat = counts.reshape(len(counts), -1)
    summed = np.zeros((len(names), flat.shape[1]))
    np.add.at(summed, place, flat)
    generator = np.random.default_rng(SEED)
    chosen = generator.integers(len(names), size=(DRAWS, len(names)))
    values = []
    for part in np.array_split(chosen, DRAWS // AT_ONCE):
        times = np.zeros((len(part), len(names)))
        np.add.at(times, (np.arange(len(part))[:, None], part), 1.0)
        values.append(statistic((times @ summed).reshape(len(part), *counts.shape[1:])))
    low, high = np.nanquantile(np.concatenate(values), [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)
