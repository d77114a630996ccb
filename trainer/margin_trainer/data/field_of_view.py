"""Field of view of a fundus photograph that comes without one.

The brightest channel of each pixel, averaged over 5x5 (edge pixels repeated), above 12 of 255; of that the largest
4-connected component (the first in reading order on a tie); holes, i.e. background that is not 4-connected to the
image border, filled. On the photograph's own pixels, before any scaling.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

THRESHOLD = 12.0
BOX_PX = 5


def find_field_of_view(rgb: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """rgb [H, W, 3] uint8 -> [H, W]; all True where nothing is bright enough."""
    brightest = rgb.max(axis=2).astype(np.int64)
    # Whole sums of 25 compared with 25 * 12: no rounding that two languages could disagree on.
    padded = np.pad(brightest, BOX_PX // 2, mode="edge")
    sums = np.pad(padded.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    box = sums[BOX_PX:, BOX_PX:] - sums[:-BOX_PX, BOX_PX:] - sums[BOX_PX:, :-BOX_PX] + sums[:-BOX_PX, :-BOX_PX]
    labels, count = ndimage.label(box > THRESHOLD * BOX_PX * BOX_PX)
    if count == 0:
        return np.ones(brightest.shape, dtype=bool)
    sizes = np.bincount(labels.ravel())[1:]
    field: NDArray[np.bool_] = ndimage.binary_fill_holes(labels == 1 + int(np.argmax(sizes)))
    return field
