"""Interval of a mean over seeds and patients at once: neither more patients nor more seeds alone make it narrow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Float64 = NDArray[np.float64]
LEVEL = 0.95


@dataclass(frozen=True)
class CrossedMean:
    """Mean of all cells, its 95 % interval, and the standard deviations of the means by seed and by patient."""

    value: float
    low: float
    high: float
    sd_seeds: float
    sd_patients: float
    degrees: float


def crossed_mean(values: Float64) -> CrossedMean:
    """values [S seeds, P patients], every patient under every seed, both drawn from more of their kind.

    Two-way crossed random effects (Cornfield and Tukey 1956): var(mean) = var(seed means) / S + var(patient means) / P
    - var(rest) / (S P); Student's t with Satterthwaite's degrees of freedom. Two of each are needed.
    """
    seeds, patients = values.shape
    if seeds < 2 or patients < 2:
        raise ValueError(f"{seeds} seeds and {patients} patients: two of each are needed")
    mean = float(values.mean())
    by_seed, by_patient = values.mean(axis=1), values.mean(axis=0)
    rest = values - by_seed[:, None] - by_patient[None, :] + mean
    squares = np.array([by_seed.var(ddof=1) / seeds, by_patient.var(ddof=1) / patients])
    left = (rest**2).sum() / ((seeds - 1) * (patients - 1)) / (seeds * patients)
    # Where chance makes the difference smaller than the larger part, the larger part is what is known of the mean.
    variance = max(squares.sum() - left, squares.max())
    freedom = np.array([seeds - 1, patients - 1])
    degrees = float(variance**2 / (squares**2 / freedom).sum()) if variance > 0 else float(seeds - 1)
    degrees = min(max(degrees, float(freedom.min())), float(freedom.sum()))
    half = float(stats.t.ppf((1 + LEVEL) / 2, degrees)) * float(np.sqrt(variance))
    return CrossedMean(
        mean, mean - half, mean + half, float(by_seed.std(ddof=1)), float(by_patient.std(ddof=1)), degrees
    )
