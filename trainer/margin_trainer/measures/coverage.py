"""Do readers' sizes lie in the intervals that the samples span? Counts, of which shares are made."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial.distance import pdist

from margin_trainer.measures.distance import Masks

PERCENT = (50, 90, 95)


def areas(masks: Masks) -> NDArray[np.float64]:
    """Pixels of each mask [N, H, W] that is not empty: an empty one has no size, as in the product."""
    counts: NDArray[np.float64] = masks.reshape(len(masks), -1).sum(axis=1, dtype=np.float64)
    return counts[counts > 0]


def longest_diameters(masks: Masks) -> NDArray[np.float64]:
    """Longest diameter in pixels of each mask [N, H, W] that is not empty."""
    return np.array([longest_diameter(mask) for mask in masks if mask.any()])


def longest_diameter(mask: NDArray[np.bool_]) -> float:
    """Largest distance between two points of the outline of one 4-connected piece.

    The outline passes half way between a marked and an unmarked pixel centre, as the product draws it.
    """
    labels, count = ndimage.label(mask)
    longest = 0.0
    for piece in range(1, count + 1):
        row, column = np.nonzero(labels == piece)
        # Pixels come row by row, left to right, and only the outermost of a row can be extreme.
        rows, start = np.unique(row, return_index=True)
        first, last = column[start].astype(np.float64), column[np.append(start[1:], len(row)) - 1].astype(np.float64)
        points = np.concatenate(
            [
                np.stack([rows, first - 0.5], axis=1),
                np.stack([rows, last + 0.5], axis=1),
                *[np.stack([rows + half, side], axis=1) for half in (-0.5, 0.5) for side in (first, last)],
            ]
        )
        longest = max(longest, float(pdist(points).max()))
    return longest


def covered(samples: NDArray[np.float64], readings: NDArray[np.float64], percent: int) -> tuple[int, int]:
    """How many of the readings' sizes lie in the samples' central interval (quantiles of type 7), and of how many.

    No sample with a size: nothing is claimed and nothing counted.
    """
    if len(samples) == 0:
        return 0, 0
    tail = (1 - percent / 100) / 2
    low, high = np.quantile(samples, [tail, 1 - tail])
    return int(((readings >= low) & (readings <= high)).sum()), len(readings)
