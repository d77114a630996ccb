"""LIDC-IDRI patch shards: 128x128 patches, four readings each, split by patient as shipped.

Intensity is the patch's own minimum and maximum mapped to [0, 1] (cropMinMax with a context of 128 px); the network
sees a crop of the patch, so that mapping does not change with the crop.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from margin_trainer.config import DataConfig, Jitter
from margin_trainer.data.augment import Warp, draw_intensity_change, draw_turn, draw_warp
from margin_trainer.data.batch import Batch, Case, Contents, Cropping
from margin_trainer.failure import TrainerError

PATCH_PX = 128
READINGS = 4


@dataclass(frozen=True)
class Patches:
    """image [N, 128, 128] uint8; packed readings [N, 4, 128, 16], most significant bit first; the rest [N]."""

    image: NDArray[np.uint8]
    packed: NDArray[np.uint8]
    patient: NDArray[np.uint16]
    nodule: NDArray[np.uint8]
    slice: NDArray[np.uint8]
    identity: str

    def readings(self, indices: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Readings of the patches `indices`, [n, 4, 128, 128] in {0, 1}."""
        return np.unpackbits(self.packed[indices], axis=-1)


def load_patches(data: Path, part: str, only: Sequence[int] | None = None) -> Patches:
    """Shards of `part` (train, val, test) under `data`/lidc: all, or those with the numbers `only`.

    Refused by name: missing, corrupt, mismatched.
    """
    folder = data / "lidc"
    paths = sorted(folder.glob(f"{part}-*.npz"))
    if only is not None:
        paths = [folder / f"{part}-{number}.npz" for number in sorted(set(only))]
    absent = [path for path in paths or [folder / f"{part}-0.npz"] if not path.exists()]
    if absent:
        raise TrainerError(f"{absent[0]}: no such shard; give the data folder with --data")
    digest = hashlib.sha256()
    shards = []
    for path in paths:
        try:
            content = path.read_bytes()
            digest.update(content)
            shards.append(_read_shard(path, content))
        except (OSError, KeyError, ValueError, zipfile.BadZipFile, EOFError) as error:
            raise TrainerError(f"{path}: corrupt shard: {error}") from error
    image, packed, patient, nodule, slices = (np.concatenate(column) for column in zip(*shards, strict=True))
    return Patches(image, packed, patient.astype(np.uint16), nodule, slices, digest.hexdigest())


def load_heights(data: Path, part: str, only: Sequence[int]) -> NDArray[np.float64]:
    """z of every patch of those shards, mm, in the order of `load_patches`; NaN where it is not known."""
    paths = [data / "lidc" / f"{part}-{number}.npz" for number in sorted(set(only))]
    heights = []
    for path in paths:
        try:
            with np.load(path, allow_pickle=False) as shard:
                heights.append(shard["z_mm"].astype(np.float64))
        except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
            raise TrainerError(f"{path}: corrupt shard: {error}") from error
    return np.concatenate(heights)


def _read_shard(path: Path, content: bytes) -> tuple[NDArray[Any], ...]:
    """One shard's image, packed readings, patient, nodule, slice."""
    with np.load(io.BytesIO(content), allow_pickle=False) as shard:
        if "image_webp" in shard:
            image = _decode_webp(shard["image_webp"], shard["image_webp_end"])
        else:
            image = shard["image_delta"].cumsum(axis=1, dtype=np.uint8).cumsum(axis=2, dtype=np.uint8)
        packed = shard["masks"]
        patient, nodule, slices = shard["patient"], shard["nodule"], shard["slice"]
    count = len(image)
    if image.shape != (count, PATCH_PX, PATCH_PX):
        raise TrainerError(f"{path}: images are {image.shape}, expected ({count}, 128, 128)")
    if packed.dtype != np.uint8 or packed.shape != (count, READINGS, PATCH_PX, PATCH_PX // 8):
        raise TrainerError(f"{path}: masks are {packed.shape}, expected ({count}, 4, 128, 16) for {count} images")
    if not len(patient) == len(nodule) == len(slices) == count:
        raise TrainerError(f"{path}: patient, nodule and slice do not have one entry for each of {count} images")
    empty = ~packed.reshape(count, -1).any(axis=1)
    if empty.any():
        raise TrainerError(f"{path}: image {int(np.argmax(empty))} has no reading that marks anything")
    return image, packed, patient, nodule, slices


def _decode_webp(data: NDArray[np.uint8], ends: NDArray[np.int64]) -> NDArray[np.uint8]:
    """WebP files laid end to end -> [N, H, W] uint8."""
    content = data.tobytes()
    starts = np.concatenate([[0], ends[:-1]])
    files = (content[a:b] for a, b in zip(starts, ends, strict=True))
    return np.stack([np.asarray(Image.open(io.BytesIO(f)).convert("L")) for f in files])


STREAM_READING = 13
"""Second entry of the numpy seed that chooses the one reading of an image."""


class LidcTraining:
    """Random crops of the training patches: centre jittered by up to `jitter_px`, turned, intensity changed.

    With `readings = "one"` each patch shows one of its four readings, drawn once: the columns are not persons, so
    taking always the same column would not be one rater either.
    """

    def __init__(self, patches: Patches, config: DataConfig) -> None:
        self.patches = patches
        self.config = config
        self.count = len(patches.image)
        self.identity = patches.identity
        self.kept = np.random.default_rng([0, STREAM_READING]).integers(patches.packed.shape[1], size=self.count)

    @property
    def contents(self) -> Contents:
        """See TrainingSet."""
        shown = np.asarray(self.patches.packed.any(axis=(2, 3)))
        if self.config.readings == "one":
            shown = shown[np.arange(self.count), self.kept][:, None]
        return Contents(len(np.unique(self.patches.patient)), self.count, shown.shape[1], float(1 - shown.mean()))

    def _readings(self, indices: NDArray[np.int64]) -> NDArray[np.uint8]:
        """[n, R, 128, 128], R = 4, or 1 in the single-rater setting."""
        readings = self.patches.readings(indices)
        if self.config.readings == "all":
            return readings
        return readings[np.arange(len(indices)), self.kept[indices]][:, None]

    def _jitter(self, jitter: Jitter, generator: np.random.Generator) -> NDArray[np.int64]:
        """How far the crop's centre is moved along rows and columns, px."""
        bound = self.config.jitter_px
        if jitter == "uniform" or (jitter == "mixed" and generator.random() < 0.5):
            return generator.integers(-bound, bound + 1, size=2)
        moved = bound * generator.uniform() * generator.uniform(-1, 1, size=2)
        return np.rint(moved).astype(np.int64)

    def batch(self, indices: NDArray[np.int64], cropping: Cropping, generator: np.random.Generator) -> Batch:
        """See TrainingSet."""
        size = self.config.crop_px if cropping.size_px is None else cropping.size_px
        slack = (PATCH_PX - size) // 2
        if self.config.jitter_px > slack:
            raise TrainerError(f"data.jitter_px {self.config.jitter_px}: a {size} px crop leaves {slack} px")
        image = np.empty((len(indices), 1, size, size), np.float32)
        readings = self._readings(indices)
        masks = np.empty((len(indices), readings.shape[1], size, size), np.float32)
        for row, index in enumerate(indices):
            top, left = slack + self._jitter(cropping.jitter or self.config.jitter, generator)
            turn = draw_turn(generator)
            change = draw_intensity_change(generator, self.config.gamma, self.config.intensity_shift)
            warp = draw_warp(generator) if cropping.warp else None
            value, marked = cut(self.patches.image[index], readings[row], (int(top), int(left)), size, warp)
            image[row, 0] = turn.apply(change.apply(value))
            masks[row] = turn.apply(marked)
        return Batch(image=image, masks=masks, inside=None)


def cut(
    patch: NDArray[np.uint8], readings: NDArray[np.uint8], corner: tuple[int, int], size_px: int, warp: Warp | None
) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """patch [H, W], readings [R, H, W] -> value [size, size] in [0, 1] and marks [R, size, size] at `corner`.

    A warped crop is interpolated linearly around the same centre, its marks cut at one half; what lies beyond the
    patch is its mirror image.
    """
    top, left = corner
    if warp is None:
        window = (..., slice(top, top + size_px), slice(left, left + size_px))
        return patch[window].astype(np.float32) / np.float32(255), readings[window]
    half = (size_px - 1) / 2
    where = warp.coordinates(size_px, (top + half, left + half))
    planes = np.concatenate([patch[None], 255 * readings]).astype(np.float32) / np.float32(255)
    moved = np.stack([ndimage.map_coordinates(plane, where, order=1, mode="reflect") for plane in planes])
    return moved[0], (moved[1:] >= 0.5).astype(np.uint8)


@dataclass(frozen=True)
class Disturbance:
    """A robustness check: crop centre off by `shift_px` along rows and columns, intensity raised to `gamma`."""

    shift_px: int = 0
    gamma: float = 1.0


def lidc_cases(patches: Patches, crop_px: int, disturbance: Disturbance | None = None) -> list[Case]:
    """Centre crops (shifted by the disturbance, alternately in the four diagonal directions) of all patches.

    Scored over the whole 128x128 patch: what the crop does not cover is background.
    """
    disturbance = disturbance or Disturbance()
    cases = []
    readings = patches.readings(np.arange(len(patches.image)))
    slack = (PATCH_PX - crop_px) // 2
    for index, patch in enumerate(patches.image):
        signs = ((1, 1), (-1, -1), (1, -1), (-1, 1))[index % 4]
        top, left = (slack + sign * disturbance.shift_px for sign in signs)
        value = patch[top : top + crop_px, left : left + crop_px].astype(np.float32) / np.float32(255)
        if value.shape != (crop_px, crop_px):
            raise TrainerError(f"a shift of {disturbance.shift_px} px leaves the patch: at most {slack}")
        if disturbance.gamma != 1.0:
            value = np.power(value, np.float32(disturbance.gamma))
        patient = f"LIDC-IDRI-{patches.patient[index]:04d}"
        cases.append(
            Case(
                name=f"{patient}/nodule-{patches.nodule[index]}/slice-{patches.slice[index]}",
                patient=patient,
                source="lidc",
                image=value[None],
                top=top,
                left=left,
                readings=readings[index].astype(bool),
                inside=np.ones((PATCH_PX, PATCH_PX), dtype=bool),
            )
        )
    return cases
