"""Separable resampling that Python and TypeScript compute alike, in float64.

Pixel i of the output covers [i s, (i + 1) s) of the input, s = input size / output size (half-pixel centres).
Where s >= 1 the value is the exact average over that interval, pixels counted by the part that is covered; where
s < 1 it is linear interpolation between pixel centres, clamped at the border.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]


def axis_weights(input_px: int, output_px: int) -> Float64:
    """[output_px, input_px], rows sum to 1."""
    scale = input_px / output_px
    weights = np.zeros((output_px, input_px))
    for i in range(output_px):
        if scale >= 1.0:
            start, end = i * scale, min((i + 1) * scale, float(input_px))
            for j in range(math.floor(start), min(math.ceil(end), input_px)):
                weights[i, j] = (min(end, j + 1) - max(start, j)) / scale
        else:
            position = (i + 0.5) * scale - 0.5
            low = math.floor(position)
            share = position - low
            weights[i, min(max(low, 0), input_px - 1)] += 1.0 - share
            weights[i, min(max(low + 1, 0), input_px - 1)] += share
    return weights


def resample(values: Float64, height_px: int, width_px: int) -> Float64:
    """values [H, W] -> [height_px, width_px]: columns first, then rows; float64 throughout."""
    rows = axis_weights(values.shape[0], height_px)
    columns = axis_weights(values.shape[1], width_px)
    result: Float64 = rows @ (values @ columns.T)
    return result


def resample_mask(mask: NDArray[np.bool_], height_px: int, width_px: int) -> NDArray[np.bool_]:
    """The same on 0 and 1, then >= 0.5."""
    return resample(mask.astype(np.float64), height_px, width_px) >= 0.5


def width_at_height(width_px: int, height_px: int, target_height_px: int) -> int:
    """Width that keeps the aspect, halves rounded up."""
    return math.floor(width_px * target_height_px / height_px + 0.5)


def pad_to_multiple(values: NDArray[np.float32], multiple: int) -> NDArray[np.float32]:
    """[C, H, W] with bottom and right edges reflected (edge pixel not repeated) to multiples of `multiple`."""
    bottom, right = (-values.shape[1]) % multiple, (-values.shape[2]) % multiple
    return np.pad(values, ((0, 0), (0, bottom), (0, right)), mode="reflect")
