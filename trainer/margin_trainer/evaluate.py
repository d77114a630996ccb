"""Evaluation of a model package from its ONNX graphs alone, beside baselines that need no model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from margin_trainer.data.batch import Case, Masks, place
from margin_trainer.data.fundus import fundus_cases, load_fundus
from margin_trainer.data.lidc import Disturbance, lidc_cases, load_patches
from margin_trainer.failure import TrainerError
from margin_trainer.measures.bootstrap import patient_interval
from margin_trainer.measures.dice import dice_of_majority
from margin_trainer.measures.ged import energy_distance
from margin_trainer.measures.hungarian_iou import hungarian_iou
from margin_trainer.measures.log_likelihood import conditional_likelihood, log_likelihoods
from margin_trainer.package import Package, open_package
from margin_trainer.sampling.philox import latent_draws, standard_normals

SAMPLES = 100
FEW_SAMPLES = (16, 50, 100)
MATCHED_SAMPLES = 16
CHUNK = 10
CONVENTIONS = (
    ("GED_V", "V: all ordered pairs, self-pairs included; d = 1 - IoU, two empty masks agree"),
    ("GED_U", "U(samples): without the samples' self-pairs; readings taken as the whole population"),
    ("D_", "mean of d = 1 - IoU over all ordered pairs, self-pairs included"),
    ("HM-IoU", "IoU of samples matched one to one with the repeated readings, largest total"),
    ("Dice(a)", "pixels in more than half of the samples against each reading, mean over readings; both empty: 1"),
    ("-CLL", "nats an image, by prior draws, mean over readings"),
    ("effective samples", "(sum w)^2 / sum w^2: near 1, -CLL is the luckiest draw"),
    ("", "share, mean over images"),
)
"""What a measure means, by the start of its name."""

CaseScores = dict[str, float]


@dataclass(frozen=True)
class Protocol:
    """How the evaluation was set up, in words that go into the manifest."""

    split: str
    seed: int
    disturbance: Disturbance


def open_cases(manifest: dict[str, Any], data: Path, protocol: Protocol) -> list[Case]:
    """Cases of the split for the package's modality, prepared as its manifest says."""
    if manifest["modality"] == "CT":
        part = {"validation": "val"}.get(protocol.split, protocol.split)
        return lidc_cases(load_patches(data, part), manifest["input"]["sizePx"], protocol.disturbance)
    part = {"val": "validation"}.get(protocol.split, protocol.split)
    if protocol.disturbance.shift_px:
        raise TrainerError("--shift-px: a whole photograph has no crop to shift")
    return fundus_cases(load_fundus(data, part, manifest["input"]["heightPx"]), protocol.disturbance.gamma)


def sampled_logits(package: Package, case: Case, seed: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    """SAMPLES logit maps [N, H, W] of a case's network input, drawn as the product draws them."""
    encoding = package.encode(np.ascontiguousarray(case.image[None]))
    noise = standard_normals(seed, np.arange(SAMPLES), package.latent_dimension)
    z = latent_draws(encoding.mean, encoding.log_variance, noise)
    chunks = [package.sample(encoding.features, z[k : k + CHUNK])[:, 0] for k in range(0, SAMPLES, CHUNK)]
    return np.concatenate(chunks)


def score_case(package: Package, case: Case, seed: int) -> CaseScores:
    """Every measure of one case."""
    logits = sampled_logits(package, case, seed)
    masks, readings = place(logits, case), case.readings & case.inside
    scores: CaseScores = {}
    for count in FEW_SAMPLES:
        distances = energy_distance(masks[:count], readings)
        scores[f"GED_V@{count}"] = distances.v
    scores["GED_U(samples)@100"] = distances.u_samples
    scores |= {"D_sy@100": distances.d_sy, "D_ss@100": distances.d_ss, "D_yy": distances.d_yy}
    scores["HM-IoU@16"] = hungarian_iou(masks[:MATCHED_SAMPLES], readings)
    scores["Dice(a)@100"] = dice_of_majority(masks, readings)
    top, left = case.top, case.left
    height = min(logits.shape[1], readings.shape[1] - top)
    width = min(logits.shape[2], readings.shape[2] - left)
    window = (..., slice(top, top + height), slice(left, left + width))
    log_p = log_likelihoods(logits[:, :height, :width], readings[window], case.inside[window])
    likelihood = conditional_likelihood(log_p)
    scores["-CLL@100"] = likelihood.negative_log
    scores["effective samples of -CLL"] = likelihood.effective_samples
    scores["empty samples"] = float((~masks.reshape(SAMPLES, -1).any(axis=1)).mean())
    scores["empty readings"] = float((~readings.reshape(len(readings), -1).any(axis=1)).mean())
    all_marked = bool(readings.reshape(len(readings), -1).any(axis=1).all())
    scores["all samples empty, all readings not"] = float(all_marked and not masks.any())
    return scores


def point_answers(readings: Masks) -> dict[str, Masks]:
    """Single masks [1, H, W] that use no model: what a GED must beat to mean anything."""
    votes = readings.sum(axis=0)
    answers = {"always empty": np.zeros_like(votes, dtype=bool), "union of readers": votes > 0}
    if len(readings) == 2:
        answers["intersection of readers"] = votes == 2
        answers["reader 1 alone"] = readings[0]
    else:
        answers["majority, at least 2 of 4 readers"] = votes >= 2
        answers["majority, at least 3 of 4 readers"] = votes >= 3
    return {name: mask[None] for name, mask in answers.items()}


def score_baselines(case: Case) -> dict[str, CaseScores]:
    """GED_V and Dice of point answers, and the floor of the measure: 16 draws from the readers, exactly D_yy / 16."""
    readings = case.readings & case.inside
    scores: dict[str, CaseScores] = {}
    for name, answer in point_answers(readings).items():
        distances = energy_distance(answer, readings)
        scores[name] = {"GED_V": distances.v, "Dice(a)": dice_of_majority(answer, readings)}
    scores["16 draws of the readers, expected"] = {"GED_V": distances.d_yy / 16}
    return scores


def evaluate(
    folder: Path,
    data: Path,
    protocol: Protocol,
    threads: int = 0,
    report: Callable[[int, int], None] = lambda _done, _total: None,
) -> dict[str, Any]:
    """Score a package on a split; the result is a JSON object with one entry a measure in `results`."""
    package, manifest = open_package(folder, threads)
    cases = open_cases(manifest, data, protocol)
    scores, baselines = [], []
    for index, case in enumerate(cases):
        scores.append(score_case(package, case, protocol.seed + index))
        baselines.append(score_baselines(case))
        report(index + 1, len(cases))
    results: list[dict[str, Any]] = []
    sources = sorted({case.source for case in cases})
    for source in [None, *(sources if len(sources) > 1 else [])]:
        kept = [k for k, case in enumerate(cases) if source in (None, case.source)]
        results += _results(manifest, protocol, source, [cases[k] for k in kept], [scores[k] for k in kept], "")
        for name in baselines[0]:
            chosen = [baselines[k][name] for k in kept]
            results += _results(manifest, protocol, source, [cases[k] for k in kept], chosen, name)
    return {
        "model": manifest["id"],
        "version": manifest["version"],
        "split": protocol.split,
        "images": len(cases),
        "patients": len({case.patient for case in cases}),
        "samples": SAMPLES,
        "seed": protocol.seed,
        "shiftPx": protocol.disturbance.shift_px,
        "gamma": protocol.disturbance.gamma,
        "results": results,
    }


def _results(
    manifest: dict[str, Any],
    protocol: Protocol,
    source: str | None,
    cases: Sequence[Case],
    scores: Sequence[CaseScores],
    baseline: str,
) -> list[dict[str, Any]]:
    """One manifest entry a measure: mean over images with its interval over patients."""
    patients = [case.patient for case in cases]
    entries = []
    for measure in scores[0]:
        values = [score[measure] for score in scores]
        low, high = patient_interval(values, patients)
        entries.append(
            {
                "protocol": protocol_text(manifest, protocol),
                "data": f"{protocol.split}{'' if source is None else ', ' + source}",
                "n": len(values),
                "measure": measure,
                "convention": next(text for start, text in CONVENTIONS if measure.startswith(start)),
                "value": round(float(np.mean(values)), 5),
                "interval": [round(low, 5), round(high, 5)],
                "baseline": baseline or False,
            }
        )
    return entries


def protocol_text(manifest: dict[str, Any], protocol: Protocol) -> str:
    """How the numbers came about, for manifest and card."""
    disturbed = protocol.disturbance
    changes = [f"crop shifted by {disturbed.shift_px} px along both axes"] if disturbed.shift_px else []
    changes += [f"intensities raised to {disturbed.gamma:g}"] if disturbed.gamma != 1 else []
    where = (
        "Own split by patient, all four readings (empty ones kept), centre crop, scored over the whole 128x128 patch "
        "(what the crop does not cover is background; -CLL over the crop only)"
        if manifest["modality"] == "CT"
        else f"Own split by patient, both readings, whole photographs at height {manifest['input']['heightPx']}, "
        "inside the field of view"
    )
    return "; ".join([where, f"ONNX graphs, prior draws, seed {protocol.seed} + image", *changes]) + "."
