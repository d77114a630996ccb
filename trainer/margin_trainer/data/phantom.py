"""A drawn data set with two known modes: a blob with or without a tail, each reading one of the two at 50:50."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from margin_trainer.config import DataConfig
from margin_trainer.data.batch import Batch, Case, Contents, Cropping

READINGS = 4
NOISE = 0.05


def draw_phantom(
    size_px: int, generator: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.bool_]]:
    """Image [S, S] in about [0, 1], the blob without and with its tail [S, S]."""
    row, column = np.mgrid[:size_px, :size_px].astype(np.float64)
    centre = size_px * generator.uniform(0.38, 0.5, size=2)
    radius = size_px * generator.uniform(0.14, 0.2)
    blob = np.hypot(row - centre[0], column - centre[1]) <= radius
    along = (row - centre[0]) + (column - centre[1])
    across = (row - centre[0]) - (column - centre[1])
    tail = (np.abs(across) <= 0.8 * radius) & (along > 0) & (along <= 4.2 * radius)
    value = 0.2 + 0.6 * blob + 0.25 * (tail & ~blob) + NOISE * generator.standard_normal((size_px, size_px))
    return value.astype(np.float32), blob, blob | tail


class PhantomSet:
    """`count` drawn images; the readings are drawn anew in every batch and fixed half and half for evaluation."""

    def __init__(self, config: DataConfig, seed: int) -> None:
        generator = np.random.default_rng([seed, 2])
        drawn = [draw_phantom(config.crop_px, generator) for _ in range(config.cases)]
        self.image = np.stack([d[0] for d in drawn])
        self.short = np.stack([d[1] for d in drawn])
        self.long = np.stack([d[2] for d in drawn])
        self.count = config.cases
        self.identity = hashlib.sha256(self.image.tobytes()).hexdigest()

    @property
    def contents(self) -> Contents:
        """See TrainingSet."""
        return Contents(patients=self.count, images=self.count, raters=READINGS, empty_share=0.0)

    def batch(self, indices: NDArray[np.int64], cropping: Cropping, generator: np.random.Generator) -> Batch:
        """See TrainingSet; images are used whole."""
        del cropping
        with_tail = generator.random((len(indices), READINGS)) < 0.5
        masks = np.where(with_tail[..., None, None], self.long[indices][:, None], self.short[indices][:, None])
        return Batch(image=self.image[indices][:, None], masks=masks.astype(np.float32), inside=None)

    def cases(self) -> list[Case]:
        """Every image with two readings of each mode."""
        whole = np.ones(self.image.shape[1:], dtype=bool)
        return [
            Case(
                name=f"phantom-{k}",
                patient=f"phantom-{k}",
                source="phantom",
                image=self.image[k][None],
                top=0,
                left=0,
                readings=np.stack([self.short[k], self.long[k], self.short[k], self.long[k]]),
                inside=whole,
            )
            for k in range(self.count)
        ]
