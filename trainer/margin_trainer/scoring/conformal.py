"""Fits a package's calibration of sizes on validation patients and measures it, before and after, on test patients."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from margin_trainer.calibration import PERCENT, SIZES, calibration_of, scope_of
from margin_trainer.data.batch import Masks, place
from margin_trainer.export.card import write_card
from margin_trainer.export.manifest import save_manifest
from margin_trainer.failure import TrainerError
from margin_trainer.measures.bootstrap import patient_interval
from margin_trainer.measures.conformal import adjusted_level, interval_at, score_of
from margin_trainer.measures.coverage import areas, longest_diameters
from margin_trainer.package import open_package, read_manifest
from margin_trainer.scoring.evaluate import Protocol, cases_of
from margin_trainer.scoring.score import SAMPLES, sampled_logits

LEAST_DRAWN = 50
"""Of 100 samples: below it the page gives no interval, and none is calibrated."""
DIGITS = 6

Floats = NDArray[np.float64]
Report = Callable[[int, int], None]


@dataclass(frozen=True)
class ImageSizes:
    """Sizes of an image's samples that draw something and of its readings that mark something, by name of the size."""

    patient: str
    samples: dict[str, Floats]
    readings: dict[str, Floats]


def sizes_of_masks(masks: Masks) -> dict[str, Floats]:
    """In pixels, of masks [N, H, W] that are not empty."""
    area = areas(masks)
    return dict(zip(SIZES, (area, 2 * np.sqrt(area / np.pi), longest_diameters(masks)), strict=True))


def measure_sizes(folder: Path, data: Path, protocol: Protocol, threads: int, report: Report) -> list[ImageSizes]:
    """Of 100 even draws; images where too few draw, or no reading marks within the mask, are left out."""
    package, manifest = open_package(folder, threads)
    if package.directions is None:
        raise TrainerError(f"{folder}: has no directions of even draws; add them with 'directions'")
    cases = cases_of(manifest, data, protocol)
    found = []
    for done, (number, case) in enumerate(cases):
        masks = place(sampled_logits(package, case, protocol.seed + number, draws="even"), case)
        readings = case.readings & case.inside
        if masks.any(axis=(1, 2)).sum() >= LEAST_DRAWN and readings.any():
            found.append(ImageSizes(case.patient, sizes_of_masks(masks), sizes_of_masks(readings)))
        report(done + 1, len(cases))
    return found


def scores_of(images: Sequence[ImageSizes], size: str) -> tuple[list[float], list[str]]:
    """Score and patient of every reading."""
    pairs = [(score_of(i.samples[size], float(r)), i.patient) for i in images for r in i.readings[size]]
    return [score for score, _ in pairs], [patient for _, patient in pairs]


def fit(images: Sequence[ImageSizes]) -> dict[str, dict[int, float]]:
    """Levels by size and percent. Refused: too few patients for 95 %."""
    levels: dict[str, dict[int, float]] = {}
    for size in SIZES:
        scores, patients = scores_of(images, size)
        found = {percent: adjusted_level(scores, patients, percent / 100) if scores else None for percent in PERCENT}
        if any(level is None for level in found.values()):
            few = f"{len(set(patients))} patients are too few to calibrate {max(PERCENT)} %: 20 are needed"
            raise TrainerError(few)
        levels[size] = {percent: round(level or 0.0, DIGITS) for percent, level in found.items()}
    return levels


def measure(images: Sequence[ImageSizes], size: str, level: float) -> dict[str, Any]:
    """Coverage by patient (each weighs 1) with patients drawn anew, and the median of upper over lower bound."""
    by_patient: dict[str, list[bool]] = {}
    widths = []
    for image in images:
        low, high = interval_at(image.samples[size], level)
        widths.append(high / low)
        inside = (image.readings[size] >= low * (1 - 1e-9)) & (image.readings[size] <= high * (1 + 1e-9))
        by_patient.setdefault(image.patient, []).extend(inside.tolist())
    names = sorted(by_patient)
    shares = [float(np.mean(by_patient[name])) for name in names]
    low, high = patient_interval(shares, names)
    return {
        "covered": round(float(np.mean(shares)), 4),
        "interval": [round(low, 4), round(high, 4)],
        "width": round(float(np.median(widths)), 3),
    }


def counts(images: Sequence[ImageSizes], data: str) -> dict[str, Any]:
    """Of whom a figure is."""
    readings = sum(len(image.readings["area"]) for image in images)
    return {"data": data, "patients": len({image.patient for image in images}), "readings": readings}


def record(folder: Path, table: dict[str, Any]) -> None:
    """Write the table into the package's manifest, behind `draws`, and its card anew; graphs and golden run stay."""
    manifest = read_manifest(folder)
    kept = [(key, value) for key, value in manifest.items() if key != "calibration"]
    after = next(k for k, (key, _) in enumerate(kept) if key == "draws") + 1
    changed = dict([*kept[:after], ("calibration", table), *kept[after:]])
    calibration_of(changed)
    save_manifest(folder, changed)
    write_card(folder)


def calibrate(
    folder: Path, data: Path, protocol: Protocol, threads: int, report: Callable[[str, int, int], None]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The manifest's table, and the comparison before and after; `protocol` names seed and layout."""
    _, manifest = open_package(folder, threads)
    parts = {}
    for split in ("validation", "test"):
        chosen = Protocol(split, protocol.seed, protocol.disturbance, protocol.layout, protocol.limit)

        def told(done: int, total: int, split: str = split) -> None:
            report(f"{folder.name}, {split}", done, total)

        parts[split] = measure_sizes(folder, data, chosen, threads, told)
    fitted, tested = parts["validation"], parts["test"]
    levels = fit(fitted)
    rows: list[dict[str, Any]] = [
        {
            "size": size,
            "percent": percent,
            "level": levels[size][percent],
            "before": measure(tested, size, percent / 100),
            "after": measure(tested, size, levels[size][percent]),
        }
        for size in SIZES
        for percent in PERCENT
    ]
    table = {
        "samples": SAMPLES,
        "draws": "even",
        "leastDrawn": LEAST_DRAWN,
        "fitted": counts(fitted, "validation part"),
        "tested": counts(tested, "test part"),
        "scope": scope_of(manifest),
        "sizes": {
            size: {
                str(row["percent"]): {"level": row["level"], **{k: row["after"][k] for k in ("covered", "interval")}}
                for row in rows
                if row["size"] == size
            }
            for size in SIZES
        },
    }
    graphs = [manifest["graphs"][role]["sha256"] for role in ("encoder", "sampler")]
    outcome = {"model": manifest["id"], "graphs": graphs, "fitted": table["fitted"], "tested": table["tested"]}
    return table, outcome | {"rows": rows}
