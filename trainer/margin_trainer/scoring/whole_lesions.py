"""Coverage of whole lesions' volumes by the coupling of slices: cross-fitted by shard, before and after adjustment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from margin_trainer.measures.bootstrap import patient_interval
from margin_trainer.measures.conformal import adjusted_level, interval_at, score_of
from margin_trainer.measures.crps import crps
from margin_trainer.sampling.coupling import (
    NOT_THERE,
    chosen_ranks,
    extent_walk,
    lesion_places,
    present_by_share,
    present_by_threshold,
)

Floats = NDArray[np.float64]
PERCENT = (50, 80, 95)
LENGTHS_MM = (2.0, 4.0, 8.0, 16.0, 32.0)
"""What a smooth draw's length is fitted among."""
NONE, WHOLE = 0.0, float("inf")
COVERED = (0.93, 0.97)
"""What a calibrated 95 % interval is asked to cover."""


@dataclass(frozen=True)
class Coupling:
    """Presence `as drawn` (a sample is where it draws) or once a lesion; extent along z by a length, None: fitted."""

    name: str
    presence: str
    length_mm: float | None


COUPLINGS = (
    Coupling("independent", "as drawn", NONE),
    Coupling("tied (one draw)", "as drawn", WHOLE),
    Coupling("smooth along z", "as drawn", None),
    Coupling("presence by share, extent independent", "share", NONE),
    Coupling("presence by share, extent tied", "share", WHOLE),
    Coupling("presence by share, extent smooth", "share", None),
    Coupling("presence where 1 in 4 draw, extent tied", "0.25", WHOLE),
    Coupling("presence where 1 in 4 draw, extent smooth", "0.25", None),
    Coupling("presence where half draw, extent tied", "0.5", WHOLE),
    Coupling("presence where half draw, extent smooth", "0.5", None),
)


@dataclass(frozen=True)
class DrawnLesion:
    """A lesion as it was read and drawn: areas [N, J] by length of the noise's walk, as `drawn_areas` gives them."""

    patient: str
    shard: int
    seed: int
    places_mm: Floats
    readings: Floats
    areas: dict[float, Floats]


def lengths_of(coupling: Coupling) -> tuple[float, ...]:
    """The lengths that a coupling is tried with."""
    return LENGTHS_MM if coupling.length_mm is None else (coupling.length_mm,)


def volumes(lesion: DrawnLesion, presence: str, length_mm: float) -> Floats:
    """Volumes of the samples that draw anything, in pixels."""
    if presence == "as drawn":
        drawn: Floats = lesion.areas[length_mm].sum(axis=1)
        return drawn[drawn > 0]
    pool = lesion.areas[WHOLE]
    samples = len(pool)
    counts = (pool > 0).sum(axis=0)
    indices = np.arange(samples)
    place, start = lesion_places(lesion.seed, indices)
    there = (
        present_by_share(place, counts)
        if presence == "share"
        else present_by_threshold(samples, counts, samples, float(presence))
    )
    first = int(counts.argmax())
    walk = extent_walk(lesion.seed, indices, start, lesion.places_mm, first, length_mm)
    ranks = chosen_ranks(there, walk, counts)
    total = np.zeros(samples)
    for at in range(pool.shape[1]):
        sorted_areas = np.sort(pool[pool[:, at] > 0, at])
        who = ranks[:, at] != NOT_THERE
        total[who] += sorted_areas[ranks[who, at]]
    return total[total > 0]


@dataclass(frozen=True)
class Record:
    """One lesion under one coupling: scores and CRPS of its readings, bias in the logarithm, widths at any level."""

    patient: str
    shard: int
    drawn: Floats
    scores: list[float]
    crps: list[float]
    bias: list[float]


def record(lesion: DrawnLesion, presence: str, length_mm: float) -> Record | None:
    """None where no sample draws anything: nothing is said of its volume."""
    drawn = volumes(lesion, presence, length_mm)
    if len(drawn) == 0 or len(lesion.readings) == 0:
        return None
    logs = np.log(drawn)
    return Record(
        lesion.patient,
        lesion.shard,
        drawn,
        [score_of(drawn, float(v)) for v in lesion.readings],
        [crps(logs, float(np.log(v))) for v in lesion.readings],
        [float(np.median(logs) - np.log(v)) for v in lesion.readings],
    )


def by_patient(records: Sequence[Record], values: Callable[[Record], Sequence[float]]) -> dict[str, float]:
    """Mean over each patient's readings."""
    found: dict[str, list[float]] = {}
    for one in records:
        found.setdefault(one.patient, []).extend(values(one))
    return {patient: float(np.mean(of)) for patient, of in found.items()}


def mean_crps(records: Sequence[Record]) -> float:
    """By patient."""
    return float(np.mean(list(by_patient(records, lambda one: one.crps).values())))


def fitted(every: dict[float, list[Record]], shards: Sequence[int]) -> tuple[list[Record], dict[int, float]]:
    """For each shard the records of the length with the lowest CRPS on the others, and those lengths."""
    kept, lengths = [], {}
    for shard in shards:
        others = {length: [r for r in records if r.shard != shard] for length, records in every.items()}
        best = min(others, key=lambda length: mean_crps(others[length]))
        lengths[shard] = best
        kept += [r for r in every[best] if r.shard == shard]
    return kept, lengths


def adjusted(records: Sequence[Record], shards: Sequence[int], percent: int) -> dict[int, float]:
    """Level of each shard, from the patients of the others. Refused (ValueError): too few of them."""
    levels = {}
    for shard in shards:
        pairs = [(score, one.patient) for one in records if one.shard != shard for score in one.scores]
        level = adjusted_level([s for s, _ in pairs], [p for _, p in pairs], percent / 100)
        if level is None:
            raise ValueError(f"too few patients to calibrate {percent} %")
        levels[shard] = level
    return levels


def coverage(records: Sequence[Record], levels: dict[int, float]) -> dict[str, Any]:
    """Share of readings inside, each patient weighing 1, with its interval over patients; median upper over lower."""
    inside = by_patient(records, lambda one: [float(score <= levels[one.shard] + 1e-9) for score in one.scores])
    names = sorted(inside)
    low, high = patient_interval([inside[name] for name in names], names)
    ends = [interval_at(one.drawn, levels[one.shard]) for one in records]
    return {
        "covered": round(float(np.mean(list(inside.values()))), 4),
        "interval": [round(low, 4), round(high, 4)],
        "width": round(float(np.median([upper / lower for lower, upper in ends])), 3),
    }


def study(lesions: Sequence[DrawnLesion]) -> dict[str, Any]:
    """A row a coupling, and the name of the narrowest that covers after adjustment (none: null).

    A coupling by which no sample draws any lesion of some shard has no row and is left out by name.
    """
    shards = sorted({lesion.shard for lesion in lesions})
    rows: list[dict[str, Any]] = []
    left_out: list[str] = []
    for coupling in COUPLINGS:
        every = {}
        for length in lengths_of(coupling):
            found = [record(lesion, coupling.presence, length) for lesion in lesions]
            every[length] = [one for one in found if one is not None]
        if any(len({one.shard for one in records}) < len(shards) for records in every.values()):
            left_out.append(coupling.name)
            continue
        records, lengths = fitted(every, shards)
        crps_of = by_patient(records, lambda one: one.crps)
        names = sorted(crps_of)
        low, high = patient_interval([crps_of[name] for name in names], names)
        rows.append(
            {
                "coupling": coupling.name,
                "lengthsMm": sorted(set(lengths.values())) if coupling.length_mm is None else None,
                "lesions": len(records),
                "crps": {"value": round(mean_crps(records), 4), "interval": [round(low, 4), round(high, 4)]},
                "bias": round(float(np.mean(list(by_patient(records, lambda one: one.bias).values()))), 4),
                "before": {str(p): coverage(records, dict.fromkeys(shards, p / 100)) for p in PERCENT},
                "after": {str(p): coverage(records, adjusted(records, shards, p)) for p in PERCENT},
            }
        )
    return {
        "lesions": len(lesions),
        "patients": len({lesion.patient for lesion in lesions}),
        "readings": int(sum(len(lesion.readings) for lesion in lesions)),
        "shards": shards,
        "rows": rows,
        "leftOut": left_out,
        "chosen": chosen(rows),
    }


def chosen(rows: Sequence[dict[str, Any]]) -> str | None:
    """The coupling with the narrowest adjusted 95 % interval among those whose coverage is as asked."""
    least, most = COVERED
    covering = [row for row in rows if least <= row["after"]["95"]["covered"] <= most]
    if not covering:
        return None
    return str(min(covering, key=lambda row: float(row["after"]["95"]["width"]))["coupling"])
