"""Splits by patient: as shipped with the data, else by hash of the patient; never drawn anew."""

from __future__ import annotations

import csv
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from margin_trainer.failure import TrainerError

PARTS = ("train", "validation", "test")


@dataclass(frozen=True)
class FundusEntry:
    """One photograph with its readings and field of view, paths relative to the folder of its set."""

    name: str
    source: str
    patient: str
    image: str
    readings: tuple[str, ...]
    field_of_view: str


def patient_parts(split: dict[str, list[str]], path: Path) -> dict[str, str]:
    """{part: [patient]} -> {patient: part}; refused: a patient in two parts."""
    parts: dict[str, str] = {}
    for part, patients in split.items():
        for patient in patients:
            if parts.setdefault(patient, part) != part:
                raise TrainerError(f"{path}: patient {patient} is in {parts[patient]} and in {part}")
    return parts


def hash_fraction(patient: str) -> float:
    """A number in [0, 1) that a patient keeps whatever else is there: first 32 bits of sha256 over 2^32."""
    return int(hashlib.sha256(patient.encode()).hexdigest()[:8], 16) / 2**32


def part_of_patient(patient: str) -> str:
    """60 % train, 20 % validation, 20 % test."""
    fraction = hash_fraction(patient)
    return "train" if fraction < 0.6 else "validation" if fraction < 0.8 else "test"


def fundus_entries(folder: Path, part: str) -> list[FundusEntry]:
    """Photographs of `part` under data/retina, by split.json and images.csv; refused by name: missing, inconsistent."""
    split_path, table_path = folder / "split.json", folder / "images.csv"
    try:
        parts = patient_parts(json.loads(split_path.read_text(encoding="utf-8"))["patients"], split_path)
        with table_path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, KeyError, ValueError) as error:
        raise TrainerError(f"{split_path} and {table_path}: cannot be read: {error}") from error
    entries = []
    for row in rows:
        if row["patient"] not in parts:
            raise TrainerError(f"{table_path}: patient {row['patient']} is in no part of {split_path}")
        if parts[row["patient"]] == part:
            entries.append(
                FundusEntry(
                    name=row["id"],
                    source=row["set"],
                    patient=row["patient"],
                    image=row["image"],
                    readings=(row["rater1"], row["rater2"]),
                    field_of_view=row["fov"],
                )
            )
    if not entries:
        raise TrainerError(f"{table_path}: no image in part {part!r}")
    return entries
