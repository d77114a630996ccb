"""Simulated clinics: held-back images of LIDC, read in a way of their own or seen through another scanner."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy import ndimage

from margin_trainer.data.batch import Masks
from margin_trainer.fine_tune.annotated import Annotated

GENEROUS_PX, TIGHT_PX, RIM_PX = 2, 1, 3
GAMMA, BLUR_PX = 1.6, 1.0


@dataclass(frozen=True)
class Clinic:
    """What is done to every image and reading."""

    name: str
    words: str
    change: Callable[[Annotated], Annotated]


def _each(reading: Callable[[Masks], Masks]) -> Callable[[Annotated], Annotated]:
    return lambda one: replace(one, readings=np.stack([reading(mask) for mask in one.readings]))


def _generous(mask: Masks) -> Masks:
    return np.asarray(ndimage.binary_dilation(mask, iterations=GENEROUS_PX))


def _tight(mask: Masks) -> Masks:
    return np.asarray(ndimage.binary_erosion(mask, iterations=TIGHT_PX))


def _rim(mask: Masks) -> Masks:
    return np.asarray(ndimage.binary_dilation(mask, iterations=RIM_PX)) & ~mask


def _kernel(one: Annotated) -> Annotated:
    soft = ndimage.gaussian_filter(one.image[0], BLUR_PX)[None] ** GAMMA
    return replace(one, image=soft.astype(np.float32))


def _one_reader(one: Annotated) -> Annotated:
    """The same share of the four, drawn by the image's name: columns of LIDC are no persons."""
    chosen = sum(map(ord, one.name)) % len(one.readings)
    return replace(one, readings=np.stack([_generous(one.readings[chosen])]))


CLINICS = (
    Clinic("as trained", "readers and images as the model was trained on: nothing to gain", lambda one: one),
    Clinic("generous", f"every reader {GENEROUS_PX} px wider", _each(_generous)),
    Clinic("tight", f"every reader {TIGHT_PX} px narrower", _each(_tight)),
    Clinic("other kernel", f"images blurred by {BLUR_PX:g} px, raised to {GAMMA:g}", _kernel),
    Clinic("other structure", f"readers mark the rim of {RIM_PX} px around the lesion", _each(_rim)),
    Clinic("one reader", f"one reading an image, {GENEROUS_PX} px wider; judged by all four", _one_reader),
)


def judged_by(clinic: Clinic, one: Annotated) -> Annotated:
    """The image with the readings that the truth is measured against: with one reader all four, as wide."""
    return _each(_generous)(one) if clinic.name == "one reader" else clinic.change(one)
