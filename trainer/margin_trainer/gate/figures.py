"""What the gate measures on one case, and what patients make of it: means by patient, differences, intervals, power."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from margin_trainer.data.batch import Masks
from margin_trainer.measures.bootstrap import DRAWS, SEED, per_patient
from margin_trainer.measures.calibration import Reliability, band_around_marks, reliability
from margin_trainer.measures.dice import dice_of_majority
from margin_trainer.measures.ged import energy_distance

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class CaseFigures:
    """One case by one model. `area_px`: mean over samples, `read_area_px`: over readings, empty ones too."""

    case: str
    patient: str
    ged: float
    spread: float
    reader_spread: float | None
    dice: float
    share_that_draws: float
    draws: float
    area_px: float
    read_area_px: float
    empty_where_all_marked: bool
    near: Reliability


def case_figures(case: str, patient: str, masks: Masks, readings: Masks, inside: NDArray[np.bool_]) -> CaseFigures:
    """masks [N, H, W] and readings [M, H, W]; GED without the samples' self-pairs."""
    distances = energy_distance(masks, readings)
    drawn, marked = masks.any(axis=(1, 2)), readings.any(axis=(1, 2))
    return CaseFigures(
        case=case,
        patient=patient,
        ged=distances.u_samples,
        spread=distances.samples_noise(1),
        reader_spread=distances.readings_noise * distances.readings if len(readings) > 1 else None,
        dice=dice_of_majority(masks, readings),
        share_that_draws=float(drawn.mean() - marked.mean()),
        draws=float(drawn.mean()),
        area_px=float(masks.sum() / len(masks)),
        read_area_px=float(readings.sum() / len(readings)),
        empty_where_all_marked=bool(marked.all() and not drawn.any()),
        near=reliability(masks, readings, band_around_marks(masks, readings) & inside),
    )


def by_patient(cases: Sequence[CaseFigures], take: Callable[[CaseFigures], float]) -> dict[str, float]:
    """Mean of each patient's cases."""
    patients = [one.patient for one in cases]
    sums, counts = per_patient([take(one) for one in cases], patients)
    return dict(zip(sorted(set(patients)), (sums / counts).tolist(), strict=True))


def size_bias(cases: Sequence[CaseFigures]) -> dict[str, float]:
    """Area less the readers' of each patient over the readers' mean area of all patients; {}: no reader marked.

    Its mean is the pooled bias: sum of areas over sum of the readers', less 1. A mean of each case's own ratio is above
    zero for a perfect model, since its denominator is as uncertain as its numerator and may be near zero.
    """
    read = by_patient(cases, lambda one: one.read_area_px)
    pooled = float(np.mean(list(read.values()))) if read else 0.0
    off = by_patient(cases, lambda one: one.area_px - one.read_area_px)
    return {patient: value / pooled for patient, value in off.items()} if pooled > 0 else {}


def _mean(take: Callable[[CaseFigures], float]) -> Callable[[Sequence[CaseFigures]], dict[str, float]]:
    return lambda cases: by_patient(cases, take)


MEASURES: dict[str, tuple[str, Callable[[Sequence[CaseFigures]], dict[str, float]]]] = {
    "expectedGed": ("lower", _mean(lambda one: one.ged)),
    "sizeBias": ("nearerZero", size_bias),
    "dice": ("higher", _mean(lambda one: one.dice)),
    "shareThatDraws": ("nearerZero", _mean(lambda one: one.share_that_draws)),
    "spread": ("neither", _mean(lambda one: one.spread)),
}
"""As the contract names them, with what is better."""


def interval(values: Floats, confidence: float) -> tuple[float, float] | None:
    """Percentile bootstrap of the mean over patients, widened for few (Hesterberg 2015, "expanded"); None: one patient.

    The share cut off on either side is that of Student's t with P - 1 degrees of freedom, times sqrt(P / (P - 1)): as
    it stands the percentile interval is too narrow for small samples. Values are sorted: whose is whose does not count.
    """
    count = len(values)
    if count < 2:
        return None
    ordered = np.sort(values)
    beyond = stats.t.ppf((1 - confidence) / 2, count - 1) * math.sqrt(count / (count - 1))
    tail = float(stats.norm.cdf(beyond))
    generator = np.random.default_rng(SEED)
    means = ordered[generator.integers(count, size=(DRAWS, count))].mean(axis=1)
    low, high = np.quantile(means, [tail, 1 - tail])
    return float(low), float(high)


def estimate(values: Sequence[float], confidence: float) -> dict[str, float | None]:
    """As the contract has it; patients none: nothing can be said, and zero with no interval stands for it."""
    if not values:
        return {"value": 0.0, "low": None, "high": None}
    around = interval(np.array(values), confidence)
    low, high = (None, None) if around is None else around
    return {"value": float(np.mean(np.sort(values))), "low": low, "high": high}


USUAL_SD = 0.030
"""Of the difference in expected GED between near models, over patients of LIDC (measured)."""
LEAST_MEASURED = 10
POWER = 0.8


def sd_of(differences: Sequence[float]) -> float:
    """Measured where there are patients enough and they differ; else the usual one."""
    if len(differences) >= LEAST_MEASURED and np.ptp(differences) > 0:
        return float(np.std(differences, ddof=1))
    return USUAL_SD


def detectable(sd: float, patients: int, confidence: float) -> float:
    """The difference that so many patients find four times out of five."""
    if patients < 1:
        return math.inf
    return float((stats.norm.ppf((1 + confidence) / 2) + stats.norm.ppf(POWER)) * sd / math.sqrt(patients))


def measure_entry(
    name: str, parent: Sequence[CaseFigures], candidate: Sequence[CaseFigures], confidence: float
) -> dict[str, Any]:
    """One of MEASURES for both models and the paired change, candidate less parent."""
    better, of_patients = MEASURES[name]
    before, after = of_patients(parent), of_patients(candidate)
    return {
        "measure": name,
        "better": better,
        "parent": estimate(list(before.values()), confidence),
        "candidate": estimate(list(after.values()), confidence),
        "change": estimate([after[one] - before[one] for one in before], confidence),
        "byPatient": [{"patientId": one, "parent": before[one], "candidate": after[one]} for one in before],
    }
