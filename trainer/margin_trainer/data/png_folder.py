"""A plain folder of PNG files: one's own data to train on or to evaluate a package on.

    DIR/images/NAME.png             grey (8 or 16 bit): a patch centred on a lesion, at least 128x128, its pixels those
                                    of the scan; colour: a whole photograph
    DIR/readings/NAME/READER.png    one mask a reader, of the image's size, white (above half) where marked; an empty
                                    one is an answer: nothing here
    DIR/fov/NAME.png                optional, photographs: field of view, found by brightness where it is absent
    DIR/split.json                  optional: {"patients": {"train": [...], "validation": [...], "test": [...]},
                                    "patientOf": {"NAME": "PATIENT"}}; without patientOf the patient of NAME is its
                                    part before the first "_"; without split.json the part follows from a hash of
                                    the patient, 60 : 20 : 20, and stays when images are added

Everything wrong is refused with the file's name: an image without a reader, a mask of another size, a damaged file, a
mask of the values 0 and 1 (it would read as empty), a patient in two parts or in none.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from margin_trainer.data.batch import Case
from margin_trainer.data.field_of_view import find_field_of_view
from margin_trainer.data.fundus import Photograph, scale_photograph
from margin_trainer.data.lidc import PATCH_PX, Patches
from margin_trainer.data.split import FundusEntry, part_of_patient, patient_parts
from margin_trainer.failure import TrainerError

GREY_MODES = ("1", "L", "I;16", "I")


@dataclass(frozen=True)
class FolderEntry:
    """An image of the folder with its readings in order of the readers' names."""

    name: str
    patient: str
    image: Path
    readings: tuple[Path, ...]
    field_of_view: Path | None


def folder_entries(folder: Path, part: str) -> list[FolderEntry]:
    """Images of `part` (train, validation, test)."""
    images = sorted((folder / "images").glob("*.png"))
    if not images:
        raise TrainerError(f"{folder / 'images'}: no PNG file")
    parts, patient_of = _split(folder)
    entries = []
    for image in images:
        name = image.stem
        patient = patient_of.get(name, name.split("_")[0])
        if parts is not None and patient not in parts:
            raise TrainerError(f"{folder / 'split.json'}: patient {patient} of {image.name} is in no part")
        if (part_of_patient(patient) if parts is None else parts[patient]) != part:
            continue
        readings = tuple(sorted((folder / "readings" / name).glob("*.png")))
        if not readings:
            raise TrainerError(f"{image}: no reading in {folder / 'readings' / name}")
        field = folder / "fov" / image.name
        entries.append(FolderEntry(name, patient, image, readings, field if field.exists() else None))
    if not entries:
        raise TrainerError(f"{folder / 'images'}: none of {len(images)} images falls to part {part!r}")
    return entries


def _split(folder: Path) -> tuple[dict[str, str] | None, dict[str, str]]:
    """{patient: part} or None, and {name: patient}."""
    path = folder / "split.json"
    if not path.exists():
        return None, {}
    try:
        split = json.loads(path.read_text(encoding="utf-8"))
        return patient_parts(dict(split["patients"]), path), dict(split.get("patientOf", {}))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise TrainerError(f"{path}: cannot be read: {error}") from error


def _open(path: Path) -> Image.Image:
    try:
        image = Image.open(path)
        image.load()
        return image
    except (OSError, UnidentifiedImageError, SyntaxError, ValueError) as error:
        raise TrainerError(f"{path}: cannot be read as an image: {error}") from error


def _mask(path: Path, image: Path, size: tuple[int, ...]) -> NDArray[np.bool_]:
    """Mask of the image's size; by colour, not by palette index."""
    opened = _open(path)
    deep = opened.mode.startswith("I")
    grey = np.asarray(opened if deep else opened.convert("L"))
    if grey.shape != size:
        raise TrainerError(f"{path}: mask is {grey.shape}, its image {image.name} is {size}")
    if grey.max() == 1:
        raise TrainerError(f"{path}: holds the values 0 and 1, which is black on black; write 0 and 255")
    marked: NDArray[np.bool_] = grey > (32767 if deep else 127)
    return marked


def load_folder_patches(folder: Path, part: str) -> tuple[list[FolderEntry], Patches]:
    """Grey patches as the shards hold them: the centre 128x128, scaled by its own extremes to 0..255.

    Refused by name besides: a colour image, one smaller than 128x128, another number of readers than the first image.
    """
    entries = folder_entries(folder, part)
    images, packed, digest = [], [], hashlib.sha256()
    for entry in entries:
        opened = _open(entry.image)
        if opened.mode not in GREY_MODES:
            raise TrainerError(f"{entry.image}: is {opened.mode}, a patch of a scan is grey")
        value = np.asarray(opened).astype(np.float64)
        if min(value.shape) < PATCH_PX:
            raise TrainerError(f"{entry.image}: is {value.shape}, the network's context needs 128x128")
        if len(entry.readings) != len(entries[0].readings):
            raise TrainerError(
                f"{entry.image}: has {len(entry.readings)} readings, {entries[0].image.name} {len(entries[0].readings)}"
            )
        top, left = ((n - PATCH_PX) // 2 for n in value.shape)
        window = (slice(top, top + PATCH_PX), slice(left, left + PATCH_PX))
        masks = np.stack([_mask(path, entry.image, value.shape)[window] for path in entry.readings])
        low, high = value[window].min(), value[window].max()
        scaled = 255 * (value[window] - low) / (high - low if high > low else 1.0)
        images.append(np.floor(scaled + 0.5).astype(np.uint8))
        packed.append(np.packbits(masks, axis=-1))
        digest.update(entry.patient.encode() + images[-1].tobytes() + packed[-1].tobytes())
    patients = np.unique([entry.patient for entry in entries], return_inverse=True)[1].astype(np.uint16)
    nothing = np.zeros(len(entries), np.uint8)
    return entries, Patches(np.stack(images), np.stack(packed), patients, nothing, nothing, digest.hexdigest())


def name_cases(entries: Sequence[FolderEntry], cases: Sequence[Case]) -> list[Case]:
    """The cases under the names and patients of their files."""
    return [
        replace(case, name=entry.name, patient=entry.patient, source="folder")
        for entry, case in zip(entries, cases, strict=True)
    ]


def load_folder_photographs(folder: Path, part: str, height_px: int) -> list[Photograph]:
    """Colour photographs scaled to the height, with as many readings as each has."""
    photographs = []
    for entry in folder_entries(folder, part):
        opened = _open(entry.image)
        if opened.mode in GREY_MODES:
            raise TrainerError(f"{entry.image}: is grey, a photograph is in colour")
        rgb = np.asarray(opened.convert("RGB"))
        size = rgb.shape[:2]
        readings = [_mask(path, entry.image, size) for path in entry.readings]
        field = entry.field_of_view
        inside = find_field_of_view(rgb) if field is None else _mask(field, entry.image, size)
        if not inside.any():
            raise TrainerError(f"{field}: the field of view is empty")
        described = FundusEntry(
            name=entry.name,
            source="folder",
            patient=entry.patient,
            image=str(entry.image.relative_to(folder)),
            readings=tuple(str(path.relative_to(folder)) for path in entry.readings),
            field_of_view="" if field is None else str(field.relative_to(folder)),
        )
        photographs.append(scale_photograph(described, rgb, np.stack(readings), inside, height_px))
    return photographs
