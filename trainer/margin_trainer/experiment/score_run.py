"""What a finished run scores: the figures of its row, and the means by patient that comparisons are made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from margin_trainer.data.batch import place
from margin_trainer.data.lidc import Disturbance
from margin_trainer.data.of_package import Layout
from margin_trainer.export.write_package import write_package
from margin_trainer.measures.distance import distance
from margin_trainer.measures.ged import from_distances
from margin_trainer.measures.paired import patient_means
from margin_trainer.package import open_package
from margin_trainer.scoring.evaluate import Protocol, cases_of
from margin_trainer.scoring.score import EXPECTED, HEADLINE_SAMPLES, MODEL_ERROR, matched_in_blocks, sampled_logits

SPLITS = ("validation", "test")
NOISE_SEED = 1
COMPARED = EXPECTED
DIGITS = 5

Report = Callable[[int, int], None]


@dataclass(frozen=True)
class SplitScores:
    """Means over images by measure, and by patient: {measure: {patient: mean}}."""

    images: int
    means: dict[str, float]
    patients: dict[str, dict[str, float]]

    def as_json(self) -> dict[str, Any]:
        """Plain object, five digits."""
        return {
            "images": self.images,
            "means": {name: round(value, DIGITS) for name, value in self.means.items()},
            "patients": {
                name: {patient: round(value, DIGITS) for patient, value in of.items()}
                for name, of in self.patients.items()
            },
        }


def score_run(
    run: Path, data: Path, layout: Layout | None, threads: int, report: Report = lambda _d, _t: None
) -> dict[str, SplitScores]:
    """Export the run to its folder `package` and score that on validation and test, by independent draws."""
    package_folder = run / "package"
    write_package(run, package_folder, "hardware of the queue")
    package, manifest = open_package(package_folder, threads)
    scores = {}
    for split in SPLITS:
        cases = cases_of(manifest, data, Protocol(split, NOISE_SEED, Disturbance(), layout))
        found: dict[str, list[float]] = {}
        for done, (number, case) in enumerate(cases):
            masks = place(sampled_logits(package, case, NOISE_SEED + number), case)
            readings = case.readings & case.inside
            to_readings = distance(masks, readings)
            energy = from_distances(to_readings, distance(masks, masks), distance(readings, readings))
            values = {
                COMPARED: energy.expected_v(HEADLINE_SAMPLES),
                "GED_V@100": energy.v,
                MODEL_ERROR: energy.u,
                "D_sy": energy.d_sy,
                "D_ss": energy.d_ss,
                "D_yy": energy.d_yy,
                "HM-IoU@16": matched_in_blocks(to_readings),
                "empty samples": float((~masks.reshape(len(masks), -1).any(axis=1)).mean()),
            }
            for name, value in values.items():
                found.setdefault(name, []).append(value)
            report(done + 1, len(cases))
        patients = [case.patient for _number, case in cases]
        names = sorted(set(patients))
        scores[split] = SplitScores(
            images=len(cases),
            means={name: float(np.mean(values)) for name, values in found.items()},
            patients={
                name: dict(zip(names, patient_means(found[name], patients).tolist(), strict=True))
                for name in (COMPARED, MODEL_ERROR)
            },
        )
    return scores
