"""Calibration of the share of samples that mark a pixel against the readers: Brier, ECE, ACE.

A pixel and a reader are one observation (p, y): p = k / N where k of N samples mark the pixel, y whether that reader
did. All measures follow from how many observations there are for each k and how many of them are marked.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from margin_trainer.measures.distance import Masks

Float64 = NDArray[np.float64]


@dataclass(frozen=True)
class Reliability:
    """For k = 0..N of N samples: observations with that k, and how many of them are marked; both [N + 1]."""

    observations: Float64
    marked: Float64

    @property
    def share(self) -> Float64:
        """p = k / N, [N + 1]."""
        return np.arange(len(self.observations)) / (len(self.observations) - 1)


def reliability(samples: Masks, readings: Masks, region: NDArray[np.bool_]) -> Reliability:
    """samples [N, H, W], readings [M, H, W], region [H, W]: the pixels that count."""
    votes = samples.sum(axis=0, dtype=np.int64)[region]
    marks = readings.sum(axis=0, dtype=np.int64)[region]
    size = len(samples) + 1
    return Reliability(
        observations=len(readings) * np.bincount(votes, minlength=size).astype(np.float64),
        marked=np.bincount(votes, weights=marks, minlength=size).astype(np.float64),
    )


BAND_PX = 5.0


def band_around_marks(samples: Masks, readings: Masks) -> NDArray[np.bool_]:
    """Pixels within BAND_PX (centre to centre) of a pixel that a sample or a reader marks; none where nobody does."""
    union = np.asarray(np.concatenate([samples, readings]).any(axis=0))
    if not union.any():
        return union
    near: NDArray[np.bool_] = ndimage.distance_transform_edt(~union) <= BAND_PX
    return near


def brier(counts: Reliability) -> float | None:
    """Mean of (p - y)^2; None without observations."""
    total = counts.observations.sum()
    if total == 0:
        return None
    p = counts.share
    squares = counts.marked * (1 - p) ** 2 + (counts.observations - counts.marked) * p**2
    return float(squares.sum() / total)


BINS = 15


def expected_error(counts: Float64, bins: int = BINS) -> Float64:
    """ECE of counts [..., 2, N + 1] (observations, marked): NaN without observations.

    Bins of equal width ([0, 1/15), ..., the last with 1), each |mean p - share marked|, weighted by its size.
    """
    samples = counts.shape[-1] - 1
    of_bin = np.minimum(np.arange(samples + 1) * bins // samples, bins - 1)[:, None] == np.arange(bins)
    errors: Float64 = np.abs(_excess(counts) @ of_bin.astype(np.float64)).sum(axis=-1)
    return _over(errors, counts)


def adaptive_error(counts: Float64, bins: int = BINS) -> Float64:
    """ACE of counts [..., 2, N + 1]: bins of equal mass in order of p, mean of |mean p - share marked|.

    Observations with the same p that a bin's edge divides are divided in proportion: they cannot be told apart.
    """
    mass = counts[..., 0, :].reshape(-1, counts.shape[-1])
    total = np.maximum(mass.sum(axis=-1, keepdims=True), 1.0)
    start = np.zeros((len(mass), 1))
    row = 2.0 * np.arange(len(mass))[:, None]
    # One interpolation for all rows: each has its own stretch of the axis, [2 row, 2 row + 1].
    reached = row + np.hstack([start, mass.cumsum(axis=-1) / total])
    claimed = np.hstack([start, _excess(counts).reshape(mass.shape).cumsum(axis=-1)])
    edges = row + np.arange(bins + 1) / bins
    at_edges = np.interp(edges.ravel(), reached.ravel(), claimed.ravel()).reshape(edges.shape)
    errors: Float64 = np.abs(np.diff(at_edges, axis=-1)).sum(axis=-1).reshape(counts.shape[:-2])
    return _over(errors, counts)


def _excess(counts: Float64) -> Float64:
    """Marks claimed less marks found, for each share k / N."""
    shares = np.arange(counts.shape[-1]) / (counts.shape[-1] - 1)
    excess: Float64 = counts[..., 0, :] * shares - counts[..., 1, :]
    return excess


def _over(errors: Float64, counts: Float64) -> Float64:
    total = counts[..., 0, :].sum(axis=-1)
    return np.where(total > 0, errors / np.where(total > 0, total, 1.0), np.nan)
