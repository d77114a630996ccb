"""Every measure of one case: of a package's samples, and of answers that need no model."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from margin_trainer.data.batch import Case, Masks, place
from margin_trainer.measures import calibration, coverage
from margin_trainer.measures.cross_correlation import sample_correlation
from margin_trainer.measures.dice import (
    best_dice,
    dice_matrix,
    dice_of_majority,
    matched_dice,
    mean_dice,
    soft_dice,
)
from margin_trainer.measures.distance import Matrix, distance
from margin_trainer.measures.ged import EnergyDistance, energy_distance, from_distances
from margin_trainer.measures.hungarian_iou import hungarian_iou, matched_mean
from margin_trainer.measures.log_likelihood import conditional_likelihood, log_likelihoods
from margin_trainer.package import Draws, Package

SAMPLES = 100
FEW_SAMPLES = (16, 50, 100)
MATCHED_SAMPLES = 16
HEADLINE_SAMPLES = FEW_SAMPLES[0]
EXPECTED = f"GED_V@{HEADLINE_SAMPLES}, expected"
"""GED_V at 16 samples, averaged over every choice of 16 among the 100."""
MATCHED = f"HM-IoU@{MATCHED_SAMPLES}, expected"
"""HM-IoU at 16 samples, averaged over six blocks of 16 among the 100."""
MODEL_ERROR = "model error"
EVEN = ", even"
"""Of samples that spread evenly over the prior; without it, of independent ones."""
CHUNK = 10
STREAM_PIXEL = 14
"""Second entry of the numpy seed of the deterministic network's independent draws a pixel."""
INDEPENDENT = "the model's pixels drawn independently"

CaseScores = dict[str, float | None]
Float32 = NDArray[np.float32]


@dataclass(frozen=True)
class CaseRecord:
    """What is kept of a scored case: everything that a table, an interval or a comparison is made of.

    A measure that is not defined for the case is None. `counts` holds what is summed over cases before a measure is
    taken: by name the reliability counts [2][N + 1] (observations, marked), and by name (covered, of).
    """

    name: str
    patient: str
    source: str
    scores: CaseScores
    baselines: dict[str, CaseScores]
    reliability: dict[str, list[list[float]]] = field(default_factory=dict)
    covered: dict[str, list[int]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Plain object; floats survive JSON exactly."""
        return asdict(self)


def sampled_logits(
    package: Package, case: Case, seed: int, samples: int = SAMPLES, draws: Draws = "independent"
) -> Float32:
    """Logit maps [N, H, W] of a case's network input, drawn as the product draws them; [1, H, W] without a latent."""
    encoding = package.encode(np.ascontiguousarray(case.image[None]))
    if package.latent_dimension == 0:
        return package.sample(encoding.features, np.zeros((1, 0), np.float32))[:, 0]
    z = package.latents(encoding, seed, np.arange(samples), draws)
    chunks = [package.sample(encoding.features, z[k : k + CHUNK])[:, 0] for k in range(0, samples, CHUNK)]
    return np.concatenate(chunks)


def record_case(package: Package, case: Case, seed: int) -> CaseRecord:
    """Every measure of one case; `seed` is the case's own."""
    logits = sampled_logits(package, case, seed)
    masks, readings = place(logits, case), case.readings & case.inside
    scores = _overlap_scores(masks, readings)
    rows, columns = _window(logits, case)
    seen = logits[:, : rows.stop - rows.start, : columns.stop - columns.start]
    scores |= _likelihood_scores(seen, readings[:, rows, columns], case.inside[rows, columns])
    regions = {"": case.inside, " near the marks": calibration.band_around_marks(masks, readings) & case.inside}
    counts = {name: calibration.reliability(masks, readings, region) for name, region in regions.items()}
    scores |= {f"Brier{name}@{SAMPLES}": calibration.brier(c) for name, c in counts.items()}
    scores |= _empty_scores(masks, readings)
    if package.directions is not None:
        scores |= _even_scores(place(sampled_logits(package, case, seed, draws="even"), case), readings)
    baselines = score_baselines(readings)
    if package.latent_dimension == 0:
        baselines[INDEPENDENT] = _independent_draws(logits[0], case, seed)
    return CaseRecord(
        case.name,
        case.patient,
        case.source,
        scores,
        baselines,
        reliability={name: [c.observations.tolist(), c.marked.tolist()] for name, c in counts.items()},
        # One answer has no interval.
        covered={} if len(masks) == 1 else _coverage(masks, readings, diameters=case.image.shape[0] == 1),
    )


def score_case(package: Package, case: Case, seed: int) -> dict[str, float]:
    """The measures of one case that are defined for it."""
    return {name: value for name, value in record_case(package, case, seed).scores.items() if value is not None}


def _overlap_scores(masks: Masks, readings: Masks) -> CaseScores:
    """Measures of masks [N, H, W] against readings [M, H, W]; one mask stands for any number of equal ones."""
    to_readings, between = distance(masks, readings), distance(masks, masks)
    among_readings = distance(readings, readings)

    def first(count: int) -> EnergyDistance:
        return from_distances(to_readings[:count], between[:count, :count], among_readings)

    scores: CaseScores = {f"GED_V@{count}": first(count).v for count in FEW_SAMPLES}
    every = first(SAMPLES)
    scores |= {
        EXPECTED: every.expected_v(HEADLINE_SAMPLES),
        f"{EXPECTED}, marked or empty": marked_or_empty(masks, readings).expected_v(HEADLINE_SAMPLES),
        f"GED_U(samples)@{SAMPLES}": every.u_samples,
        **_parts(masks, readings, every),
        f"D_sy@{SAMPLES}": every.d_sy,
        f"D_ss@{SAMPLES}": every.d_ss,
        "D_yy": every.d_yy,
        f"HM-IoU@{MATCHED_SAMPLES}": matched_mean(1.0 - to_readings[:MATCHED_SAMPLES]),
        MATCHED: matched_in_blocks(to_readings),
    }
    pairs: Matrix = dice_matrix(masks, readings)
    return scores | {
        f"Dice(a)@{SAMPLES}": dice_of_majority(masks, readings),
        f"Dice(b)@{SAMPLES}": mean_dice(pairs),
        f"Dice(c)@{SAMPLES}": best_dice(pairs),
        f"Dice(d)@{MATCHED_SAMPLES}": matched_dice(pairs[:MATCHED_SAMPLES]),
        f"Dice(e)@{SAMPLES}": soft_dice(masks, readings),
    }


def _parts(masks: Masks, readings: Masks, every: EnergyDistance) -> CaseScores:
    """What EXPECTED is the sum of: the model's error, the noise of the readings and that of 16 samples.

    One reading has no other to differ from: nothing can be said of the noise then.
    """
    if every.readings == 1:
        return {}
    marked = marked_or_empty(masks, readings).u
    return {
        MODEL_ERROR: every.u,
        f"{MODEL_ERROR}, marked or empty": marked,
        f"{MODEL_ERROR}, outlines": every.u - marked,
        "noise of the readings": every.readings_noise,
        f"noise of {HEADLINE_SAMPLES} samples": every.samples_noise(HEADLINE_SAMPLES),
    }


def blocks_of(samples: int, size: int) -> list[slice]:
    """Consecutive blocks of `size` samples, what does not fill one left out; one block of all where there are fewer."""
    return [slice(k, k + size) for k in range(0, samples - size + 1, size)] or [slice(0, samples)]


def matched_in_blocks(to_readings: Matrix) -> float:
    """HM-IoU of 16 samples, mean over the blocks, from distances [N, M]."""
    blocks = blocks_of(len(to_readings), MATCHED_SAMPLES)
    return float(np.mean([matched_mean(1.0 - to_readings[block]) for block in blocks]))


def _even_scores(masks: Masks, readings: Masks) -> CaseScores:
    """Measures of even draws. Every block of 16 points that begins at a multiple of 16 is as even as the first 16."""
    to_readings, between = distance(masks, readings), distance(masks, masks)
    among_readings = distance(readings, readings)

    def ged(block: slice) -> float:
        return from_distances(to_readings[block], between[block, block], among_readings).v

    return {
        f"GED_V@{HEADLINE_SAMPLES}{EVEN}": float(np.mean([ged(b) for b in blocks_of(len(masks), HEADLINE_SAMPLES)])),
        f"GED_V@{SAMPLES}{EVEN}": ged(slice(0, SAMPLES)),
        f"HM-IoU@{MATCHED_SAMPLES}{EVEN}": matched_in_blocks(to_readings),
        f"Dice(a)@{SAMPLES}{EVEN}": dice_of_majority(masks, readings),
    }


def marked_or_empty(masks: Masks, readings: Masks) -> EnergyDistance:
    """Energy distance of masks that say only whether anything is marked: the part of the GED that outlines have not."""
    return energy_distance(*(np.asarray(some.any(axis=(1, 2)))[:, None, None] for some in (masks, readings)))


def _window(logits: Float32, case: Case) -> tuple[slice, slice]:
    """Rows and columns of the readings' grid that the network's output covers."""
    bottom = min(case.top + logits.shape[1], case.inside.shape[0])
    right = min(case.left + logits.shape[2], case.inside.shape[1])
    return slice(case.top, bottom), slice(case.left, right)


def _likelihood_scores(logits: Float32, readings: Masks, inside: NDArray[np.bool_]) -> CaseScores:
    """-CLL by prior draws (of one answer: its Bernoulli likelihood, exactly) and S_NCC."""
    likelihood = conditional_likelihood(log_likelihoods(logits, readings, inside))
    scores: CaseScores = {f"-CLL@{SAMPLES}": likelihood.negative_log}
    if len(logits) > 1:
        scores["effective samples of -CLL"] = likelihood.effective_samples
    return scores | {f"S_NCC@{SAMPLES}": sample_correlation(logits, readings, inside)}


def _share_empty(masks: Masks) -> float:
    return float((~masks.reshape(len(masks), -1).any(axis=1)).mean())


def _empty_scores(masks: Masks, readings: Masks) -> CaseScores:
    """Shares of empty samples and readings, and what is empty where every reader marked something."""
    all_marked = _share_empty(readings) == 0
    return {
        "empty samples": _share_empty(masks),
        "empty readings": _share_empty(readings),
        "empty samples where every reader marked": _share_empty(masks) if all_marked else None,
        "all samples empty, all readings not": float(all_marked and not masks.any()),
    }


def _coverage(masks: Masks, readings: Masks, diameters: bool) -> dict[str, list[int]]:
    """Readers' sizes in the samples' intervals: (covered, of) by name."""
    sizes = {"area": (coverage.areas(masks), coverage.areas(readings))}
    if diameters:
        sizes["longest diameter"] = (coverage.longest_diameters(masks), coverage.longest_diameters(readings))
    return {
        f"{what} in the {percent} % interval": list(coverage.covered(*both, percent))
        for what, both in sizes.items()
        for percent in coverage.PERCENT
    }


def _independent_draws(logit: Float32, case: Case, seed: int) -> CaseScores:
    """Masks whose pixels are drawn one by one from the deterministic network's probabilities; logit [H, W]."""
    generator = np.random.default_rng([seed, STREAM_PIXEL])
    drawn = generator.random((SAMPLES, *logit.shape), dtype=np.float32) < expit(logit)
    masks = place(np.where(drawn, np.float32(1), np.float32(-1)), case)
    readings = case.readings & case.inside
    return {
        **{f"GED_V@{count}": energy_distance(masks[:count], readings).v for count in FEW_SAMPLES},
        f"HM-IoU@{MATCHED_SAMPLES}": hungarian_iou(masks[:MATCHED_SAMPLES], readings),
        f"Dice(a)@{SAMPLES}": dice_of_majority(masks, readings),
    }


def point_answers(readings: Masks) -> dict[str, Masks]:
    """Single masks [1, H, W] that use no model: what a GED must beat to mean anything."""
    votes = readings.sum(axis=0)
    answers = {"always empty": np.zeros_like(votes, dtype=bool), "union of readers": votes > 0}
    if len(readings) == 2:
        answers["reader 1 alone"] = readings[0]
    elif len(readings) > 2:
        least = range(len(readings) // 2, len(readings) // 2 + 2)
        answers |= {f"majority, at least {k} of {len(readings)} readers": votes >= k for k in least}
    answers["intersection of readers"] = votes == len(readings)
    return {name: mask[None] for name, mask in answers.items()}


def score_baselines(readings: Masks) -> dict[str, CaseScores]:
    """Point answers, one reader against the others, and what the measure leaves to the best of models.

    N draws of the image's own readers score D_yy / N: they know the answer. A model that is the population of readers
    draws N others: with D the distance of two different readers it scores D (1 / M + 1 / N).
    """
    scores: dict[str, CaseScores] = {}
    for name, answer in point_answers(readings).items():
        scores[name] = {
            "GED_V": energy_distance(answer, readings).v,
            f"HM-IoU@{MATCHED_SAMPLES}": hungarian_iou(answer, readings),
            "Dice(a)": dice_of_majority(answer, readings),
        }
    count = len(readings)
    if count > 1:
        rest = [(readings[k : k + 1], np.delete(readings, k, axis=0)) for k in range(count)]
        scores["one reader against the others"] = {
            "GED_V": float(np.mean([energy_distance(one, others).v for one, others in rest])),
            f"HM-IoU@{MATCHED_SAMPLES}": float(np.mean([hungarian_iou(one, others) for one, others in rest])),
            "Dice(a)": float(np.mean([dice_of_majority(one, others) for one, others in rest])),
        }
    d_yy = energy_distance(readings, readings).d_yy
    for draws in FEW_SAMPLES:
        scores[f"{draws} draws of the image's own readers, expected"] = {"GED_V": d_yy / draws}
    if count > 1:
        different = d_yy * count / (count - 1)
        for draws in FEW_SAMPLES:
            name = f"a model that is the reader population, {draws} samples, expected"
            scores[name] = {"GED_V": different * (1 / count + 1 / draws)}
        scores["noise of the readings: any number of the best samples"] = {"GED_V": different / count}
    return scores
