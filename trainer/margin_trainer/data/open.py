"""Opens the data set that a configuration names."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path

from margin_trainer.config import TrainingConfig
from margin_trainer.data.batch import Case, TrainingSet
from margin_trainer.data.fundus import FundusTraining, fundus_cases
from margin_trainer.data.lidc import LidcTraining, lidc_cases, load_patches
from margin_trainer.data.of_package import load_photographs
from margin_trainer.data.phantom import PhantomSet
from margin_trainer.data.png_folder import load_folder_patches, name_cases

PHANTOM_VALIDATION_CASES = 24


@dataclass(frozen=True)
class OpenedSet:
    """Training set and validation cases of a run."""

    training: TrainingSet
    validation: list[Case]


def open_data(config: TrainingConfig, data: Path) -> OpenedSet:
    """Read the training and validation parts; the test part is not touched here."""
    if config.data.kind == "lidc":
        training = LidcTraining(load_patches(data, "train", config.data.shards), config.data)
        return OpenedSet(training, lidc_cases(load_patches(data, "val"), config.data.crop_px))
    if config.data.kind == "folder" and config.modality == "CT":
        entries, held_out_patches = load_folder_patches(data, "validation")
        validation = name_cases(entries, lidc_cases(held_out_patches, config.data.crop_px))
        return OpenedSet(LidcTraining(load_folder_patches(data, "train")[1], config.data), validation)
    if config.data.kind in ("fundus", "drive", "folder"):
        layout = None if config.data.kind == "fundus" else config.data.kind
        height = config.data.height_px
        cases = fundus_cases(load_photographs(data, "validation", height, layout))
        return OpenedSet(FundusTraining(load_photographs(data, "train", height, layout), config.data), cases)
    if config.data.kind == "phantom":
        held_out = dataclasses.replace(config.data, cases=PHANTOM_VALIDATION_CASES)
        return OpenedSet(PhantomSet(config.data, config.seed), PhantomSet(held_out, config.seed + 1).cases())
    raise AssertionError(config.data.kind)
