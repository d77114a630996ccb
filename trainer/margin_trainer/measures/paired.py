"""Two models on the same images: difference per patient, BCa bootstrap, paired t, Wilcoxon, Holm over a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from margin_trainer.measures.bootstrap import DRAWS, LEVEL, SEED, per_patient

Float64 = NDArray[np.float64]


@dataclass(frozen=True)
class Difference:
    """First model less second: mean over patients of the difference of their means, its interval, two p-values."""

    value: float
    low: float
    high: float
    patients: int
    p_t: float
    p_wilcoxon: float


def patient_means(values: Sequence[float], patients: Sequence[str]) -> Float64:
    """Mean of each patient's images, in order of the patient's name."""
    sums, counts = per_patient(values, patients)
    return sums / counts


def paired_difference(first: Sequence[float], second: Sequence[float], patients: Sequence[str]) -> Difference:
    """One value an image for each model, in the same order."""
    differences = patient_means(first, patients) - patient_means(second, patients)
    low, high = bca_interval(differences)
    p_t, p_wilcoxon = 1.0, 1.0
    # Without any difference both tests are 0 / 0; there is nothing against equality.
    if np.ptp(differences) or differences[0]:
        p_t = float(stats.ttest_1samp(differences, 0.0).pvalue) if np.ptp(differences) else 0.0
        p_wilcoxon = float(stats.wilcoxon(differences).pvalue)
    return Difference(float(differences.mean()), low, high, len(differences), p_t, p_wilcoxon)


def bca_interval(values: Float64) -> tuple[float, float]:
    """Bias-corrected and accelerated bootstrap interval of the mean (Efron 1987), 95 %, fixed seed.

    values [P], one a patient. All equal (or one alone): the value itself, twice: nothing to draw.
    """
    if len(values) < 2 or not np.ptp(values):
        return float(values[0]), float(values[0])
    generator = np.random.default_rng(SEED)
    means = values[generator.integers(len(values), size=(DRAWS, len(values)))].mean(axis=1)
    below = ((means < values.mean()).sum() + (means <= values.mean()).sum()) / (2 * DRAWS)
    bias = stats.norm.ppf(below)
    # Jackknife of a mean: leaving one out moves it by (mean - value) / (P - 1).
    influence = values - values.mean()
    acceleration = (influence**3).sum() / (6 * (influence**2).sum() ** 1.5)
    z = stats.norm.ppf([(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    shares = stats.norm.cdf(bias + (bias + z) / (1 - acceleration * (bias + z)))
    low, high = np.quantile(means, shares)
    return float(low), float(high)


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's adjusted p-values, in the order given."""
    order = np.argsort(p_values, kind="stable")
    adjusted = np.empty(len(p_values))
    highest = 0.0
    for rank, index in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = highest
    return [float(p) for p in adjusted]
