"""S_NCC: does the model vary where the readers differ from it? Zero-normalised cross-correlation of two maps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from margin_trainer.measures.distance import Masks

Map = NDArray[np.float64]


def zero_normalised_correlation(first: Map, second: Map) -> float | None:
    """Pearson correlation of two maps of the same shape; None where one of them is constant."""
    a, b = first.ravel() - first.mean(), second.ravel() - second.mean()
    if not np.ptp(first) or not np.ptp(second):
        return None
    return float((a @ b) / np.sqrt((a @ a) * (b @ b)))


def sample_correlation(logits: NDArray[np.float32], readings: Masks, inside: NDArray[np.bool_]) -> float | None:
    """logits [N, H, W], readings [M, H, W], inside [H, W]: mean over readings j of the correlation of two maps.

    E_ss = mean_i CE(mean_s, s_i), the mean of the samples' probabilities against each; E_sy,j = mean_i CE(y_j, s_i).
    With logits l, CE(y, s) = softplus(l) - y l, so both need only the means of softplus(l) and of l over the samples.
    None (undefined, not zero) where a map is constant.
    """
    kept = logits[:, inside]
    mean_logit = kept.mean(axis=0, dtype=np.float64)
    # exp of what is never positive cannot overflow, and NumPy computes it in vectors.
    decayed = np.exp(-np.abs(kept))
    mean_softplus = (np.maximum(kept, 0) + np.log1p(decayed)).mean(axis=0, dtype=np.float64)
    mean_probability = (np.where(kept > 0, 1, decayed) / (1 + decayed)).mean(axis=0, dtype=np.float64)
    spread = mean_softplus - mean_probability * mean_logit
    found = [
        zero_normalised_correlation(spread, mean_softplus - reading * mean_logit)
        for reading in readings[:, inside].astype(np.float64)
    ]
    defined = [value for value in found if value is not None]
    return float(np.mean(defined)) if len(defined) == len(found) else None
