"""Augmentation. One geometric transform for an image and all its readings; intensities change in the image only."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Scalar = TypeVar("Scalar", bound=np.generic)


@dataclass(frozen=True)
class Turn:
    """One of the eight symmetries of the square: quarter turns, then perhaps a mirror along columns."""

    quarters: int
    mirrored: bool

    def apply(self, array: NDArray[Scalar]) -> NDArray[Scalar]:
        """Turn the last two axes."""
        turned = np.rot90(array, self.quarters, axes=(-2, -1))
        return turned[..., ::-1] if self.mirrored else turned


def draw_turn(generator: np.random.Generator, square: bool = True) -> Turn:
    """A symmetry drawn uniformly; without quarter turns when the image is not square."""
    quarters = int(generator.integers(4)) if square else 2 * int(generator.integers(2))
    return Turn(quarters=quarters, mirrored=bool(generator.integers(2)))


@dataclass(frozen=True)
class IntensityChange:
    """value -> value^gamma + shift, for values in [0, 1]."""

    gamma: float
    shift: float

    def apply(self, value: NDArray[np.float32]) -> NDArray[np.float32]:
        """Any shape, float32."""
        changed: NDArray[np.float32] = np.power(value, np.float32(self.gamma)) + np.float32(self.shift)
        return changed


def draw_intensity_change(generator: np.random.Generator, gamma: tuple[float, float], shift: float) -> IntensityChange:
    """gamma log-uniform between its limits, shift uniform in +-shift."""
    low, high = math.log(gamma[0]), math.log(gamma[1])
    return IntensityChange(
        gamma=math.exp(generator.uniform(low, high)),
        shift=float(generator.uniform(-shift, shift)),
    )


@dataclass(frozen=True)
class Warp:
    """Rotation and scale about the centre of a patch."""

    angle_radians: float
    scale: float

    def coordinates(self, size_px: int, centre: tuple[float, float]) -> NDArray[np.float64]:
        """Where each pixel of a size x size patch lies in the image, [2, size, size], around `centre` (row, column)."""
        offset = np.arange(size_px) - (size_px - 1) / 2
        row, column = np.meshgrid(offset, offset, indexing="ij")
        cosine, sine = math.cos(self.angle_radians), math.sin(self.angle_radians)
        return np.stack(
            [
                centre[0] + self.scale * (cosine * row - sine * column),
                centre[1] + self.scale * (sine * row + cosine * column),
            ]
        )


def draw_warp(generator: np.random.Generator) -> Warp:
    """Rotation within +-10 degrees, scale 0.9 to 1.1."""
    return Warp(
        angle_radians=math.radians(float(generator.uniform(-10, 10))),
        scale=float(generator.uniform(0.9, 1.1)),
    )
