"""What a worklist gains that puts images first whose samples differ most: a simulation on images that were read.

Images are ordered by the mean distance between pairs of samples. The gain is how much of all the disagreement between
readers (D_yy, summed over images) lies in the first share of that order; in random order it is the share itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from margin_trainer.data.batch import place
from margin_trainer.measures.ged import energy_distance
from margin_trainer.package import open_package
from margin_trainer.scoring.evaluate import Protocol, cases_of

SAMPLES = 16
SHARES = (0.1, 0.25, 0.5)

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Ranked:
    """One entry an image: distance between samples, disagreement between readers, patient."""

    spread: Floats
    disagreement: Floats
    patient: NDArray[np.str_]


def share_found(order_by: Floats, disagreement: Floats, share: float) -> float:
    """Share of all disagreement in the first `share` of images, largest `order_by` first; ties in the given order."""
    count = max(1, round(share * len(order_by)))
    first = np.argsort(-order_by, kind="stable")[:count]
    total = float(disagreement.sum())
    return float(disagreement[first].sum()) / total if total > 0 else 0.0


REPLICATES = 2_000
STREAM_BOOTSTRAP = 17
"""Second entry of the numpy seed that draws patients."""


def simulate(ranked: Ranked, seed: int = 1) -> dict[str, Any]:
    """Gain over random order at each share, with a 95 % interval over patients (whole patients are drawn)."""
    patients = np.unique(ranked.patient)
    members = [np.flatnonzero(ranked.patient == one) for one in patients]
    generator = np.random.default_rng([seed, STREAM_BOOTSTRAP])
    drawn = [
        np.concatenate([members[k] for k in generator.integers(len(members), size=len(members))])
        for _ in range(REPLICATES)
    ]
    rows = []
    for share in SHARES:
        found = [share_found(ranked.spread[d], ranked.disagreement[d], share) for d in drawn]
        low, high = np.quantile(found, [0.025, 0.975])
        rows.append(
            {
                "share": share,
                "found": share_found(ranked.spread, ranked.disagreement, share),
                "interval": [float(low), float(high)],
                "random": share,
                "best": share_found(ranked.disagreement, ranked.disagreement, share),
            }
        )
    correlation = stats.spearmanr(ranked.spread, ranked.disagreement).statistic
    return {
        "images": len(ranked.spread),
        "patients": len(patients),
        "spearman": float(correlation),
        "rows": rows,
    }


def rank_images(
    folder: Path,
    data: Path,
    protocol: Protocol,
    threads: int = 0,
    report: Callable[[int, int], None] = lambda _done, _total: None,
) -> Ranked:
    """Draws 16 samples of each image of the protocol and compares them, and its readings, among themselves."""
    package, manifest = open_package(folder, threads)
    cases = cases_of(manifest, data, protocol)
    spread, disagreement, patient = [], [], []
    for done, (number, case) in enumerate(cases):
        encoding = package.encode(np.ascontiguousarray(case.image[None]))
        z = package.latents(encoding, protocol.seed + number, np.arange(SAMPLES), "independent")
        masks = place(package.sample(encoding.features, z)[:, 0], case)
        distances = energy_distance(masks, case.readings & case.inside)
        spread.append(distances.d_ss)
        disagreement.append(distances.d_yy)
        patient.append(case.patient)
        report(done + 1, len(cases))
    return Ranked(np.array(spread), np.array(disagreement), np.array(patient))


def simulate_worklist(
    folder: Path,
    data: Path,
    protocol: Protocol,
    threads: int,
    report: Callable[[int, int], None],
) -> dict[str, Any]:
    """The simulation as a JSON object."""
    ranked = rank_images(folder, data, protocol, threads, report)
    return {"model": folder.name, "split": protocol.split, "samples": SAMPLES, **simulate(ranked)}
