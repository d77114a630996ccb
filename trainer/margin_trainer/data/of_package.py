"""The cases that a package is evaluated on, prepared as its manifest says, from any of the data layouts."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from margin_trainer.data.batch import Case
from margin_trainer.data.drive import load_drive
from margin_trainer.data.fundus import Photograph, fundus_cases, load_fundus
from margin_trainer.data.lidc import Disturbance, lidc_cases, load_patches
from margin_trainer.data.png_folder import load_folder_patches, load_folder_photographs, name_cases
from margin_trainer.failure import TrainerError

Layout = Literal["drive", "folder"]
LAYOUTS: tuple[Layout, ...] = ("drive", "folder")


def open_cases(
    manifest: dict[str, Any], data: Path, split: str, disturbance: Disturbance, layout: Layout | None
) -> list[Case]:
    """Cases of the split for the package's modality.

    Without a layout the shards or photographs under `data`; with one, `data` is the folder in that layout. Refused: a
    layout that holds another kind of image than the package takes.
    """
    part = {"val": "validation"}.get(split, split)
    if manifest["modality"] == "CT":
        return _patch_cases(data, part, manifest["input"]["sizePx"], disturbance, layout)
    if disturbance.shift_px:
        raise TrainerError("--shift-px: a whole photograph has no crop to shift")
    return fundus_cases(load_photographs(data, part, manifest["input"]["heightPx"], layout), disturbance.gamma)


def load_photographs(data: Path, part: str, height_px: int, layout: Layout | None) -> list[Photograph]:
    """Photographs of `part` from any layout."""
    if layout == "drive":
        return load_drive(data, part, height_px)
    if layout == "folder":
        return load_folder_photographs(data, part, height_px)
    return load_fundus(data, part, height_px)


def _patch_cases(data: Path, part: str, crop_px: int, disturbance: Disturbance, layout: Layout | None) -> list[Case]:
    if layout == "drive":
        raise TrainerError("--layout drive: holds photographs, this model takes patches of a scan")
    if layout is None:
        return lidc_cases(load_patches(data, {"validation": "val"}.get(part, part)), crop_px, disturbance)
    entries, patches = load_folder_patches(data, part)
    return name_cases(entries, lidc_cases(patches, crop_px, disturbance))
