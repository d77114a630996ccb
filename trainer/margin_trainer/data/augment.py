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
