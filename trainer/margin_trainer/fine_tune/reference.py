"""The reference set that ships with the trainer: a few open images, so that what the parent knew is kept and checked.

`replay` is learned from in every step (patients of the parent's training); `fixed` is scored by the gate alone
(patients that no shipped model was trained on).
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from margin_trainer.data.lidc import load_patches
from margin_trainer.fine_tune.annotated import Annotated, annotated_patches

FOLDER = Path(__file__).parents[1] / "reference"
NAME = "LIDC-IDRI, images that ship with the trainer"
SIZES = {"replay": 96, "fixed": 64}
SOURCES = {"replay": "train", "fixed": "val"}
Part = Literal["replay", "fixed"]


def reference_of(manifest: dict[str, Any], part: Part) -> list[Annotated]:
    """Images for a package that outlines lung nodules in crops of CT; none for others: none can be passed on."""
    subject = (manifest["modality"], manifest["bodyPart"], manifest["structure"])
    if subject != ("CT", "CHEST", "lung nodule") or manifest["input"]["intensity"]["kind"] != "cropMinMax":
        return []
    return annotated_patches(load_patches(FOLDER, part), manifest["input"]["sizePx"])


def write_reference(data: Path, folder: Path = FOLDER) -> dict[str, int]:
    """Choose the images from the shards of `data`, one a patient, patients evenly spaced; counts by part."""
    written = {}
    for part, size in SIZES.items():
        patches = load_patches(data, SOURCES[part])
        # The middle one of a patient's images: edges of lesions are what readers leave out most.
        own = [np.flatnonzero(patches.patient == patient) for patient in np.unique(patches.patient)]
        middle = np.array([rows[len(rows) // 2] for rows in own])
        kept = middle[np.linspace(0, len(middle) - 1, size).round().astype(int)]
        files = [_webp(patches.image[row]) for row in kept]
        (folder / "lidc").mkdir(parents=True, exist_ok=True)
        np.savez_compressed(
            folder / "lidc" / f"{part}-0.npz",
            image_webp=np.frombuffer(b"".join(files), np.uint8),
            image_webp_end=np.cumsum([len(file) for file in files]),
            masks=patches.packed[kept],
            patient=patches.patient[kept],
            nodule=patches.nodule[kept],
            slice=patches.slice[kept],
        )
        written[part] = len(kept)
    return written


def _webp(image: NDArray[np.uint8]) -> bytes:
    """Without loss."""
    content = io.BytesIO()
    Image.fromarray(image).convert("RGB").save(content, "WEBP", lossless=True, quality=100, method=6)
    return content.getvalue()
