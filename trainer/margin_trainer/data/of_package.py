"""The cases that a package is evaluated on, prepared as its manifest says, from any of the data layouts."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from margin_trainer.data.batch import Case
from margin_trainer.data.fundus import fundus_cases, load_fundus
from margin_trainer.data.lidc import Disturbance, lidc_cases, load_patches
from margin_trainer.failure import TrainerError

Layout = Literal["lidc", "fundus", "drive", "folder"]
LAYOUTS: tuple[Layout, ...] = ("lidc", "fundus", "drive", "folder")


def open_cases(
    manifest: dict[str, Any], data: Path, split: str, disturbance: Disturbance, layout: Layout | None
) -> list[Case]:
    """Cases of the split for the package's modality; without a layout the shards or photographs under `data`."""
    if layout in ("drive", "folder"):
        raise TrainerError(f"--layout {layout}: not readable yet")
    if manifest["modality"] == "CT":
        part = {"validation": "val"}.get(split, split)
        return lidc_cases(load_patches(data, part), manifest["input"]["sizePx"], disturbance)
    if disturbance.shift_px:
        raise TrainerError("--shift-px: a whole photograph has no crop to shift")
    part = {"val": "validation"}.get(split, split)
    return fundus_cases(load_fundus(data, part, manifest["input"]["heightPx"]), disturbance.gamma)
