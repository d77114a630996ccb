"""Annotated images to learn from: what a clinic's own readers marked, in the coordinates of the package's network."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from margin_trainer.data.augment import draw_intensity_change, draw_turn
from margin_trainer.data.batch import Case, Float32, Masks
from margin_trainer.data.lidc import Patches

JITTER_PX = 20
GAMMA, SHIFT = (0.8, 1.25), 0.05


@dataclass(frozen=True)
class View:
    """What the network sees once: image [C, h, w], readings [R, h, w], inside [h, w]."""

    image: Float32
    readings: Masks
    inside: NDArray[np.bool_]


@dataclass(frozen=True)
class Annotated:
    """One image with its readers' masks.

    `image` [C, H, W] as the network reads it; with `crop_px` (reference patches) it is a context whose centre, or a
    crop off it, the network reads. readings [R, H, W], inside [H, W]. Any number of readers, at least one.
    """

    name: str
    patient: str
    image: Float32
    readings: Masks
    inside: NDArray[np.bool_]
    crop_px: int | None = None

    @property
    def photograph(self) -> bool:
        """In colour: intensities are standardised and stay."""
        return len(self.image) == 3

    def case(self) -> Case:
        """To be scored: the centre crop, or the whole photograph."""
        top = left = 0
        image = self.image
        if self.crop_px is not None:
            top, left = ((side - self.crop_px) // 2 for side in self.image.shape[1:])
            image = image[:, top : top + self.crop_px, left : left + self.crop_px]
        return Case(self.name, self.patient, "local", image, top, left, self.readings, self.inside)

    def view(self, generator: np.random.Generator | None) -> View:
        """The image as it is scored; with a generator off centre, turned, with other intensities."""
        image, readings, inside = self.image, self.readings, self.inside
        if self.crop_px is not None:
            window = self._window(self.crop_px, generator)
            image, readings, inside = image[(..., *window)], readings[(..., *window)], inside[window]
        if generator is not None:
            turn = draw_turn(generator, square=image.shape[1] == image.shape[2])
            change = draw_intensity_change(generator, GAMMA, SHIFT)
            image = turn.apply(image if self.photograph else change.apply(image.clip(min=0)))
            readings, inside = turn.apply(readings), turn.apply(inside)
        return View(np.ascontiguousarray(image), np.ascontiguousarray(readings), np.ascontiguousarray(inside))

    def _window(self, side: int, generator: np.random.Generator | None) -> tuple[slice, slice]:
        """The crop within the context; as most clicks, most crops lie near the centre."""
        slack = [(whole - side) // 2 for whole in self.image.shape[1:]]
        moved = np.zeros(2)
        if generator is not None:
            moved = np.rint(min(JITTER_PX, *slack) * generator.uniform() * generator.uniform(-1, 1, size=2))
        top, left = (int(a + b) for a, b in zip(slack, moved, strict=True))
        return slice(top, top + side), slice(left, left + side)


def annotated_patches(patches: Patches, crop_px: int) -> list[Annotated]:
    """Patches of the shards' kind."""
    readings = patches.readings(np.arange(len(patches.image))).astype(bool)
    everywhere = np.ones(patches.image.shape[1:], dtype=bool)
    return [
        Annotated(
            name=f"LIDC-IDRI-{patches.patient[k]:04d}/nodule-{patches.nodule[k]}/slice-{patches.slice[k]}",
            patient=f"LIDC-IDRI-{patches.patient[k]:04d}",
            image=patches.image[k][None].astype(np.float32) / np.float32(255),
            readings=readings[k],
            inside=everywhere,
            crop_px=crop_px,
        )
        for k in range(len(patches.image))
    ]
