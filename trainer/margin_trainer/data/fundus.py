"""Fundus photographs with their readings, scaled to one height; CHASE_DB1 and STARE have two readers.

Each channel is standardised by its mean and standard deviation inside the field of view, applied to the whole image;
then the image is reflected at its bottom and right edges to multiples of 8. Losses and measures count inside the
field of view only.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError
from scipy import ndimage

from margin_trainer.config import DataConfig
from margin_trainer.data.augment import IntensityChange, draw_intensity_change, draw_turn, draw_warp
from margin_trainer.data.batch import Batch, Case, Contents, Cropping
from margin_trainer.data.resample import pad_to_multiple, resample, resample_mask, width_at_height
from margin_trainer.data.split import FundusEntry, fundus_entries
from margin_trainer.failure import TrainerError

MULTIPLE = 8
STREAM_READING = 13
"""Second entry of the numpy seed that chooses the one reading of a photograph."""
SMALLEST_SD = 1e-6
"""A channel flatter than this (of 255) is left at its scale: it holds nothing to amplify."""


@dataclass(frozen=True)
class Photograph:
    """On the grid of the target height: value [3, H, W] float64 of 0..255, readings [R, H, W], inside [H, W]."""

    entry: FundusEntry
    value: NDArray[np.float64]
    readings: NDArray[np.bool_]
    inside: NDArray[np.bool_]


def _open(path: Path, mode: str) -> NDArray[np.uint8]:
    try:
        return np.asarray(Image.open(path).convert(mode))
    except (OSError, UnidentifiedImageError) as error:
        raise TrainerError(f"{path}: cannot be read as an image: {error}") from error


def load_photograph(folder: Path, entry: FundusEntry, height_px: int) -> Photograph:
    """Read and scale one photograph; refused, naming the file: unreadable, mask of another size, nothing marked."""
    rgb = _open(folder / entry.image, "RGB")
    size = rgb.shape[:2]

    def mask(name: str) -> NDArray[np.bool_]:
        grey = _open(folder / name, "L")
        if grey.shape != size:
            raise TrainerError(f"{folder / name}: mask is {grey.shape}, its image {entry.image} is {size}")
        return grey > 127

    readings = np.stack([mask(name) for name in entry.readings])
    if not readings.any():
        raise TrainerError(f"{folder / entry.image}: no reader marked anything")
    return scale_photograph(entry, rgb, readings, mask(entry.field_of_view), height_px)


def scale_photograph(
    entry: FundusEntry, rgb: NDArray[np.uint8], readings: NDArray[np.bool_], inside: NDArray[np.bool_], height_px: int
) -> Photograph:
    """rgb [H, W, 3], readings [R, H, W], inside [H, W] of the photograph's own pixels -> on the target's grid."""
    width_px = width_at_height(rgb.shape[1], rgb.shape[0], height_px)
    return Photograph(
        entry=entry,
        value=np.stack([resample(rgb[..., c].astype(np.float64), height_px, width_px) for c in range(3)]),
        readings=np.stack([resample_mask(reading, height_px, width_px) for reading in readings]),
        inside=resample_mask(inside, height_px, width_px),
    )


def standardise(value: NDArray[np.float64], inside: NDArray[np.bool_]) -> NDArray[np.float32]:
    """value [C, H, W] -> (value - mean) / sd, mean and population sd of the inside, float64, rounded once."""
    kept = value[:, inside]
    mean = kept.mean(axis=1)
    sd = np.sqrt(((kept - mean[:, None]) ** 2).mean(axis=1))
    sd = np.where(sd < SMALLEST_SD, 1.0, sd)
    standardised: NDArray[np.float64] = (value - mean[:, None, None]) / sd[:, None, None]
    return standardised.astype(np.float32)


def load_fundus(data: Path, part: str, height_px: int) -> list[Photograph]:
    """All photographs of `part` (train, validation or test) under `data`/retina."""
    folder = data / "retina"
    return [load_photograph(folder, entry, height_px) for entry in fundus_entries(folder, part)]


def fundus_cases(photographs: list[Photograph], gamma: float = 1.0) -> list[Case]:
    """Whole photographs; `gamma` disturbs the intensities before they are standardised."""
    return [
        Case(
            name=p.entry.name,
            patient=p.entry.patient,
            source=p.entry.source,
            image=_input(p, IntensityChange(gamma, 0.0)),
            top=0,
            left=0,
            readings=p.readings,
            inside=p.inside,
        )
        for p in photographs
    ]


def _input(photograph: Photograph, change: IntensityChange) -> NDArray[np.float32]:
    """Network input [3, H', W'], H' and W' multiples of 8."""
    value = photograph.value
    if change != IntensityChange(1.0, 0.0):
        value = 255.0 * change.apply((value / 255.0).astype(np.float32)).astype(np.float64)
    return pad_to_multiple(standardise(value, photograph.inside), MULTIPLE)


class FundusTraining:
    """Patches at random places, warped and turned; or whole photographs, mirrored only.

    With `readings = "one"` each photograph shows one of its readings, drawn once.
    """

    def __init__(self, photographs: list[Photograph], config: DataConfig) -> None:
        if config.readings == "one":
            draw = np.random.default_rng([0, STREAM_READING])
            photographs = [replace(p, readings=draw.choice(p.readings, size=1)) for p in photographs]
        self.photographs = photographs
        self.config = config
        self.count = len(photographs)
        self.readings = len(photographs[0].readings)
        for photograph in photographs:
            if len(photograph.readings) != self.readings:
                raise TrainerError(
                    f"{photograph.entry.image}: has {len(photograph.readings)} readings, "
                    f"{photographs[0].entry.image} {self.readings}"
                )
        digest = hashlib.sha256()
        for photograph in photographs:
            digest.update(photograph.value.tobytes())
            digest.update(photograph.readings.tobytes())
        self.identity = digest.hexdigest()

    @property
    def contents(self) -> Contents:
        """See TrainingSet."""
        empty = [not reading.any() for p in self.photographs for reading in p.readings]
        patients = len({p.entry.patient for p in self.photographs})
        return Contents(patients, self.count, self.readings, float(np.mean(empty)))

    def batch(self, indices: NDArray[np.int64], cropping: Cropping, generator: np.random.Generator) -> Batch:
        """See TrainingSet."""
        planes = [self._planes(self.photographs[i], generator) for i in indices]
        if cropping.size_px is None:
            if len({p.shape for p in planes}) > 1:
                raise TrainerError("whole photographs differ in size: a phase on whole images needs batch = 1")
            planes = [np.ascontiguousarray(draw_turn(generator, square=False).apply(p)) for p in planes]
        else:
            planes = [self._patch(p, cropping.size_px, generator) for p in planes]
        stacked = np.stack(planes)
        return Batch(image=stacked[:, :3], masks=stacked[:, 3:-1], inside=stacked[:, -1:])

    def _planes(self, photograph: Photograph, generator: np.random.Generator) -> NDArray[np.float32]:
        """Three channels, R readings, field of view: [4 + R, H', W']; padding counts as outside the field."""
        change = draw_intensity_change(generator, self.config.gamma, self.config.intensity_shift)
        image = _input(photograph, change)
        planes = np.zeros((4 + self.readings, *image.shape[1:]), np.float32)
        height, width = photograph.inside.shape
        planes[:3] = image
        planes[3:-1, :height, :width] = photograph.readings
        planes[-1, :height, :width] = photograph.inside
        return planes

    def _patch(self, planes: NDArray[np.float32], size_px: int, generator: np.random.Generator) -> NDArray[np.float32]:
        """[P, H, W] -> [P, size, size]: linear interpolation in the warped square, masks cut at one half."""
        height, width = planes.shape[1:]
        centre = generator.uniform((size_px / 2, size_px / 2), (height - size_px / 2, width - size_px / 2))
        coordinates = draw_warp(generator).coordinates(size_px, (float(centre[0]), float(centre[1])))
        patch = np.stack([ndimage.map_coordinates(p, coordinates, order=1, mode="reflect") for p in planes])
        patch[3:] = patch[3:] >= 0.5
        return np.ascontiguousarray(draw_turn(generator).apply(patch))
