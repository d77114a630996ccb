"""The width of the intervals of sizes, fitted on the clinic's own readers (decision 0088, with few patients).

With n patients a share p can be said where p (n + 1) <= n: 50 % from one patient on, 80 % from four, 95 % from 19.
What cannot be said keeps the parent's level, never below a level that could.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from margin_trainer.calibration import MOST_LEVEL, PERCENT, SIZES, scope_of
from margin_trainer.data.batch import Masks, place
from margin_trainer.fine_tune.annotated import Annotated
from margin_trainer.measures.conformal import adjusted_level
from margin_trainer.networks.segmenter import Segmenter
from margin_trainer.sampling.even import even_normals
from margin_trainer.sampling.philox import Float64
from margin_trainer.scoring.conformal import DIGITS, LEAST_DRAWN, ImageSizes, counts, measure, scores_of, sizes_of_masks
from margin_trainer.scoring.score import CHUNK, SAMPLES


@dataclass(frozen=True)
class Widths:
    """The manifest's `calibration`, or None, and what is to be said of it."""

    table: dict[str, Any] | None
    note: str


@torch.inference_mode()
def drawn_masks(model: Segmenter, directions: Float64, image: Annotated, seed: int, samples: int) -> Masks:
    """Even draws of a network on the readings' grid, [N, H, W]."""
    case = image.case()
    noise = torch.from_numpy(even_normals(seed, np.arange(samples), directions).astype(np.float32))[None]
    part, prior = model.encode(torch.from_numpy(np.ascontiguousarray(case.image[None])))
    drawn = torch.split(prior.draw(noise), CHUNK, dim=1)
    return place(torch.cat([model.decode(part, z)[0] for z in drawn]).numpy(), case)


def sizes_of(model: Segmenter, directions: Float64, images: Sequence[Annotated], seed: int) -> list[ImageSizes]:
    """Of the images where enough samples draw and a reading marks."""
    found = []
    for number, image in enumerate(images):
        masks = drawn_masks(model, directions, image, seed + number, SAMPLES)
        if masks.any(axis=(1, 2)).sum() >= LEAST_DRAWN and image.readings.any():
            found.append(ImageSizes(image.patient, sizes_of_masks(masks), sizes_of_masks(image.readings)))
    return found


def fit_widths(manifest: dict[str, Any], fitted: list[ImageSizes], tested: list[ImageSizes], set_name: str) -> Widths:
    """Levels from `fitted`, their coverage on `tested` (held-out patients)."""
    if not fitted or not tested:
        return Widths(
            None, "Too few images on which samples and readers mark something: sizes are not calibrated here."
        )
    before = manifest.get("calibration")
    sizes: dict[str, Any] = {}
    said: set[int] = set()
    for size in SIZES:
        scores, patients = scores_of(fitted, size)
        least = 0.0
        sizes[size] = {}
        for percent in PERCENT:
            level = adjusted_level(scores, patients, percent / 100)
            if level is None and before is None:
                few = len(set(patients))
                return Widths(None, f"{few} patients are too few for {percent} %: sizes are not calibrated here.")
            if level is None:
                level = before["sizes"][size][str(percent)]["level"]  # type: ignore[index]
            else:
                said.add(percent)
            least = min(MOST_LEVEL, max(least, round(float(level), DIGITS)))
            found = measure(tested, size, least)
            sizes[size][str(percent)] = {"level": least, "covered": found["covered"], "interval": found["interval"]}
    table = {
        "samples": SAMPLES,
        "draws": "even",
        "leastDrawn": LEAST_DRAWN,
        "fitted": counts(fitted, f"own images, set {set_name}"),
        "tested": counts(tested, f"own images held out, set {set_name}"),
        "scope": scope_of(manifest),
        "sizes": sizes,
    }
    kept = [f"{percent} %" for percent in PERCENT if percent not in said]
    note = f"Intervals of sizes were fitted on {len({one.patient for one in fitted})} of the set's patients"
    return Widths(table, f"{note}; too few for {' and '.join(kept)}, which keep the parent's." if kept else f"{note}.")
