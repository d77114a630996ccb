"""Evaluation of a model package from its ONNX graphs alone, beside baselines that need no model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from margin_trainer.data.batch import Case
from margin_trainer.data.lidc import Disturbance
from margin_trainer.data.of_package import Layout, open_cases
from margin_trainer.failure import TrainerError
from margin_trainer.measures.bootstrap import patient_interval, pooled_interval
from margin_trainer.measures.calibration import adaptive_error, expected_error
from margin_trainer.package import open_package
from margin_trainer.scoring.score import SAMPLES, CaseRecord, record_case

CONVENTIONS = (
    ("GED_V@16, expected, marked", "as GED_V@16, expected, of masks that say only whether anything is marked"),
    ("GED_V@16, expected", "V of 16 samples, averaged over every choice of 16 among 100: the same with less noise"),
    ("GED_V@16, even", "V of 16 samples that spread evenly over the prior, mean over six such sets of the 100"),
    ("GED_V@100, even", "V of 100 samples that spread evenly over the prior"),
    ("GED_V", "V: all ordered pairs, self-pairs included; d = 1 - IoU, two empty masks agree"),
    ("model error, marked", "as model error, of masks that say only whether anything is marked"),
    ("model error, outlines", "model error less its part that is about marked or empty"),
    ("model error", "GED without self-pairs on either side: what is left when samples and readers are many"),
    ("noise of the readings", "distance of two different readings over their number: part of GED_V, not the model's"),
    ("noise of 16", "distance of two different independent samples over 16: part of GED_V@16, not the model's"),
    ("HM-IoU@16, expected", "IoU of samples matched one to one with the repeated readings, mean over blocks of 16"),
    ("HM-IoU@16, even", "as HM-IoU@16, expected, of samples that spread evenly over the prior"),
    ("GED_U", "U(samples): without the samples' self-pairs; readings taken as the whole population"),
    ("D_", "mean of d = 1 - IoU over all ordered pairs, self-pairs included"),
    ("HM-IoU", "IoU of samples matched one to one with the repeated readings, largest total"),
    ("Dice(a)", "pixels in more than half of the samples against each reading, mean over readings; both empty: 1"),
    ("Dice(b)", "mean over samples and readings; both empty: 1"),
    ("Dice(c)", "the best sample for each reading, mean over readings; both empty: 1"),
    ("Dice(d)", "samples matched one to one with the repeated readings, largest total; both empty: 1"),
    ("Dice(e)", "shares of samples and of readings, both cut at 0.1, 0.3, 0.5, 0.7, 0.9, mean; both empty: 1"),
    ("-CLL", "nats an image, by prior draws, mean over readings; one answer: its Bernoulli likelihood"),
    ("effective samples", "(sum w)^2 / sum w^2: near 1, -CLL is the luckiest draw"),
    ("S_NCC", "correlation of the samples' spread with their distance to each reading; images where it is defined"),
    ("Brier", "(share of samples - reader's mark)^2, a pixel and a reader an observation"),
    ("ECE", "share of samples against share of marks, 15 bins of equal width, observations of all images together"),
    ("ACE", "share of samples against share of marks, 15 bins of equal mass, observations of all images together"),
    (
        "area in",
        "readings whose size lies in the samples' central interval; empty ones have no size; patients drawn anew, each "
        "with all its readings",
    ),
    ("longest diameter in", "as the area, in pixels, of the largest connected piece"),
    ("", "share, mean over images"),
)
"""What a measure means, by the start of its name."""

POOLED = (("ECE", expected_error), ("ACE", adaptive_error))


@dataclass(frozen=True)
class Protocol:
    """How an evaluation is set up. `limit` keeps that many images, evenly spaced: a partial result."""

    split: str
    seed: int
    disturbance: Disturbance
    layout: Layout | None = None
    limit: int | None = None


def cases_of(manifest: dict[str, Any], data: Path, protocol: Protocol) -> list[tuple[int, Case]]:
    """The cases of the split with their numbers, prepared as the manifest says; the number is part of the seed."""
    cases = list(enumerate(open_cases(manifest, data, protocol.split, protocol.disturbance, protocol.layout)))
    if protocol.limit is None or protocol.limit >= len(cases):
        return cases
    if protocol.limit < 1:
        raise TrainerError("--limit: at least one image")
    chosen = np.linspace(0, len(cases) - 1, protocol.limit).round().astype(int)
    return [cases[k] for k in chosen]


def score_cases(
    folder: Path,
    cases: Sequence[tuple[int, Case]],
    seed: int,
    threads: int = 0,
    report: Callable[[int, int], None] = lambda _done, _total: None,
) -> list[CaseRecord]:
    """Score a package on numbered cases."""
    package, _manifest = open_package(folder, threads)
    records = []
    for done, (number, case) in enumerate(cases):
        records.append(record_case(package, case, seed + number))
        report(done + 1, len(cases))
    return records


def outcome_of(manifest: dict[str, Any], protocol: Protocol, records: Sequence[CaseRecord]) -> dict[str, Any]:
    """Means, intervals and baselines of scored cases: all, and each source where there are several."""
    results: list[dict[str, Any]] = []
    sources = sorted({record.source for record in records})
    for source in [None, *(sources if len(sources) > 1 else [])]:
        kept = [record for record in records if source in (None, record.source)]
        where = {
            "protocol": protocol_text(manifest, protocol),
            "data": f"{protocol.split}{'' if source is None else ', ' + source}",
        }
        results += _means(where, kept, baseline=None)
        results += _pooled(where, kept)
        for name in dict.fromkeys(name for record in kept for name in record.baselines):
            results += _means(where, kept, baseline=name)
    return {
        "model": manifest["id"],
        "version": manifest["version"],
        "split": protocol.split,
        "images": len(records),
        "patients": len({record.patient for record in records}),
        "samples": SAMPLES,
        "seed": protocol.seed,
        "shiftPx": protocol.disturbance.shift_px,
        "gamma": protocol.disturbance.gamma,
        "partial": protocol.limit is not None,
        "results": results,
    }


def _entry(
    where: dict[str, str], measure: str, n: int, value: float, interval: tuple[float, float], baseline: str | None
) -> dict[str, Any]:
    """One manifest entry."""
    return {
        **where,
        "n": n,
        "measure": measure,
        "convention": next(text for start, text in CONVENTIONS if measure.startswith(start)),
        "value": round(value, 5),
        "interval": [round(interval[0], 5), round(interval[1], 5)],
        "baseline": baseline or False,
    }


def _means(where: dict[str, str], records: Sequence[CaseRecord], baseline: str | None) -> list[dict[str, Any]]:
    """One entry a measure: mean over the images where it is defined, with its interval over patients."""
    scored = [(r.patient, r.scores if baseline is None else r.baselines.get(baseline, {})) for r in records]
    entries = []
    for measure in dict.fromkeys(name for _patient, scores in scored for name in scores):
        pairs = [(scores.get(measure), patient) for patient, scores in scored]
        defined = [(value, patient) for value, patient in pairs if value is not None]
        if not defined:
            continue
        values, patients = [value for value, _ in defined], [patient for _, patient in defined]
        interval = patient_interval(values, patients)
        entries.append(_entry(where, measure, len(values), float(np.mean(values)), interval, baseline))
    return entries


def _pooled(where: dict[str, str], records: Sequence[CaseRecord]) -> list[dict[str, Any]]:
    """Measures of observations of all images together: calibration errors and coverage."""
    entries = []
    patients = [record.patient for record in records]
    for region in dict.fromkeys(name for record in records for name in record.reliability):
        counts = np.array([record.reliability[region] for record in records])
        for name, error in POOLED:
            value = float(error(counts.sum(axis=0)))
            if np.isfinite(value):
                interval = pooled_interval(counts, patients, error)
                entries.append(_entry(where, f"{name}{region}@{SAMPLES}", len(records), value, interval, None))
    for measure in dict.fromkeys(name for record in records for name in record.covered):
        pairs = np.array([record.covered[measure] for record in records], dtype=np.float64)
        inside, of = pairs.sum(axis=0)
        if of > 0:
            bounds = pooled_interval(pairs, patients, _covered_share)
            entries.append(_entry(where, measure, int(of), float(inside / of), bounds, None))
    return entries


def _covered_share(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """(covered, of) [D, 2] -> share [D]; NaN where nobody with a size was drawn."""
    inside, of = sums[..., 0], sums[..., 1]
    return np.where(of > 0, inside / np.where(of > 0, of, 1.0), np.nan)


def protocol_text(manifest: dict[str, Any], protocol: Protocol) -> str:
    """How the numbers came about, for manifest and card."""
    disturbed = protocol.disturbance
    changes = [f"crop shifted by {disturbed.shift_px} px along both axes"] if disturbed.shift_px else []
    changes += [f"intensities raised to {disturbed.gamma:g}"] if disturbed.gamma != 1 else []
    changes += [f"only {protocol.limit} images"] if protocol.limit is not None else []
    where = (
        "Own split by patient, all four readings (empty ones kept), centre crop, scored over the whole 128x128 patch "
        "(what the crop does not cover is background; -CLL over the crop only)"
        if manifest["modality"] == "CT"
        else f"Own split by patient, both readings, whole photographs at height {manifest['input']['heightPx']}, "
        "inside the field of view"
    )
    if protocol.layout is not None:
        for ours, theirs in (("Own split", "Split"), ("all four readings", "all readings"), ("both", "all")):
            where = where.replace(ours, theirs)
        where = f"{protocol.layout.capitalize()} layout. {where}"
    draws = "ONNX graphs, " + ("one answer" if manifest["kind"] == "unet" else "prior draws")
    return "; ".join([where, f"{draws}, seed {protocol.seed} + image", *changes]) + "."
