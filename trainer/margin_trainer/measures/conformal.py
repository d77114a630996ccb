"""Intervals of sizes that cover further readers: conformal adjustment by patient (Vovk et al. 2005).

The samples' sizes of an image give a nested family of intervals. Level t from 0 to 1 is their central interval with
share t (quantiles of type 7); beyond 1 it is their range, made wider by t - 1 in the logarithm on either side. A
reading's score is the smallest level whose interval holds it. Of the scores of patients who were set aside, each
patient weighing 1 and split among its readings, the adjusted level of a nominal share is the quantile that makes a
further reading of a further patient lie inside with at least that share.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def interval_at(sizes: Floats, level: float) -> tuple[float, float]:
    """Interval of the samples' sizes [n >= 1], all positive, at a level >= 0."""
    tail = (1 - min(level, 1.0)) / 2
    low, high = np.quantile(sizes, [tail, 1 - tail])
    beyond = float(np.exp(max(level - 1.0, 0.0)))
    return float(low) / beyond, float(high) * beyond


def score_of(sizes: Floats, reading: float) -> float:
    """The smallest level whose interval holds the reading's size."""
    ordered = np.sort(sizes)
    if reading < ordered[0]:
        return 1.0 + float(np.log(ordered[0] / reading))
    if reading > ordered[-1]:
        return 1.0 + float(np.log(reading / ordered[-1]))
    # Where sizes are equal the quantile function is flat: a range of ranks belongs to the reading.
    first, last = _rank(ordered, reading, "left"), _rank(ordered, reading, "right")
    if first <= 0.5 <= last:
        return 0.0
    return 2.0 * min(abs(first - 0.5), abs(last - 0.5))


def _rank(ordered: Floats, value: float, side: str) -> float:
    """Smallest or largest share in 0..1 whose quantile of type 7 is `value`, which lies within the sizes."""
    steps = len(ordered) - 1
    if steps == 0:
        return 0.0 if side == "left" else 1.0
    if side == "left":
        above = int(np.searchsorted(ordered, value, "left"))
        if ordered[above] == value:
            return above / steps
        below = above - 1
    else:
        below = int(np.searchsorted(ordered, value, "right")) - 1
        if ordered[below] == value:
            return below / steps
    return float((below + (value - ordered[below]) / (ordered[below + 1] - ordered[below])) / steps)


def adjusted_level(scores: Sequence[float], patients: Sequence[str], share: float) -> float | None:
    """Level that covers a further patient's reading with at least `share`; None: too few patients to say so."""
    names, place, counts = np.unique(np.asarray(patients), return_inverse=True, return_counts=True)
    order = np.argsort(scores, kind="stable")
    weights = (1.0 / counts)[place][order]
    wanted = share * (len(names) + 1)
    # Weights are sums of unit fractions: their last bits must not decide.
    reached = np.nonzero(np.cumsum(weights) >= wanted - 1e-9)[0]
    return None if len(reached) == 0 else float(np.asarray(scores)[order][reached[0]])
