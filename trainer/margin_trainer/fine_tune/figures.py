"""What is shown while a job runs: how the model at hand does on patients that the current refit leaves out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from margin_trainer.data.batch import Masks
from margin_trainer.fine_tune.annotated import Annotated
from margin_trainer.fine_tune.widths import drawn_masks
from margin_trainer.measures.dice import dice_of_majority
from margin_trainer.measures.ged import energy_distance
from margin_trainer.networks.segmenter import Segmenter
from margin_trainer.sampling.philox import Float64

SAMPLES = 16
MOST_IMAGES = 12
"""Evenly spaced among those left out: enough to see where it goes, soon enough not to hold it up."""


def spaced(images: Sequence[Annotated], most: int) -> list[Annotated]:
    """At most so many."""
    if len(images) <= most:
        return list(images)
    return [images[k] for k in np.linspace(0, len(images) - 1, most).round().astype(int)]


def validation_figures(model: Segmenter, directions: Float64, images: Sequence[Annotated]) -> dict[str, float | None]:
    """GED without the samples' self-pairs, Dice of their majority, mean distance of two samples."""
    if not images:
        return {"ged": None, "dice": None, "spread": None}
    geds, dices, spreads = [], [], []
    for number, image in enumerate(images):
        masks = drawn_masks(model, directions, image, 1 + number, SAMPLES)
        distances = energy_distance(masks, image.readings)
        geds.append(distances.u_samples)
        spreads.append(distances.samples_noise(1))
        dices.append(dice_of_majority(masks, image.readings))
    return {"ged": float(np.mean(geds)), "dice": float(np.mean(dices)), "spread": float(np.mean(spreads))}


def shares(masks: Masks) -> NDArray[np.uint8]:
    """Share of the samples that mark each pixel, 0 to 255."""
    share: NDArray[np.uint8] = np.rint(masks.mean(axis=0) * 255).astype(np.uint8)
    return share


def write_shares(folder: Path, name: str, masks: Masks) -> dict[str, Any]:
    """uint8 [H, W] into the job's folder; returns how the contract names it."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(shares(masks).tobytes())
    return {"file": name}
