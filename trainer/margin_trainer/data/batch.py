"""What a data set gives: batches to train on and whole cases to evaluate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from margin_trainer.config import Jitter

Float32 = NDArray[np.float32]
Masks = NDArray[np.bool_]


@dataclass(frozen=True)
class Batch:
    """image [B, C, H, W] as the network sees it, masks [B, R, H, W] in {0, 1}, inside [B, 1, H, W] or None for all."""

    image: Float32
    masks: Float32
    inside: Float32 | None


@dataclass(frozen=True)
class Case:
    """One image to evaluate.

    image [C, H, W] is the network input. The network's output covers rows `top`.. and columns `left`.. of the
    readings' grid; what it does not cover is background, what exceeds the grid is dropped.
    readings [R, H', W']; inside [H', W']: the pixels that count.
    """

    name: str
    patient: str
    source: str
    image: Float32
    top: int
    left: int
    readings: Masks
    inside: Masks


@dataclass(frozen=True)
class Cropping:
    """What of an image a step sees, where that differs between phases.

    `size_px` None: as the data set has it (whole photographs, `data.crop_px` of a patch). `jitter` None: `data.jitter`.
    """

    size_px: int | None = None
    jitter: Jitter | None = None
    warp: bool = False


@dataclass(frozen=True)
class Contents:
    """What a training part holds: patients, images, readings an image, share of readings that mark nothing."""

    patients: int
    images: int
    raters: int
    empty_share: float


class TrainingSet(Protocol):
    """Cases to draw batches from; the batch is a function of indices, cropping and generator alone."""

    count: int
    identity: str

    @property
    def contents(self) -> Contents:
        """For the card of a model that is trained on it."""
        ...

    def batch(self, indices: NDArray[np.int64], cropping: Cropping, generator: np.random.Generator) -> Batch:
        """Augmented batch of the cases `indices`."""
        ...


def place(logits: Float32, case: Case) -> Masks:
    """Logits [N, H, W] of a case's network input -> masks [N, H', W'] on the readings' grid, inside only."""
    height, width = case.inside.shape
    full = np.zeros((len(logits), height, width), dtype=bool)
    rows = min(logits.shape[1], height - case.top)
    columns = min(logits.shape[2], width - case.left)
    full[:, case.top : case.top + rows, case.left : case.left + columns] = logits[:, :rows, :columns] > 0
    return full & case.inside
