"""How far the interval that the page prints moves when the seed changes: independent against even draws."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from margin_trainer.data.batch import place
from margin_trainer.failure import TrainerError
from margin_trainer.measures.coverage import areas
from margin_trainer.package import Draws, open_package
from margin_trainer.scoring.evaluate import Protocol, cases_of
from margin_trainer.scoring.score import CHUNK, SAMPLES

SEEDS = 20
ENDS = {"lower end of the 95 % interval": 0.025, "median": 0.5, "upper end of the 95 % interval": 0.975}
KINDS: tuple[Draws, ...] = ("independent", "even")

Floats = NDArray[np.float64]


def root_mean_square_sd(values: Floats) -> float:
    """values [images, seeds] -> sd over seeds of each image, root mean square over images."""
    return float(np.sqrt(values.var(axis=1, ddof=1).mean()))


def measure_steadiness(
    folder: Path,
    data: Path,
    protocol: Protocol,
    threads: int,
    report: Callable[[int, int], None] = lambda _done, _total: None,
) -> dict[str, Any]:
    """Log area of the ends and the median of 100 samples, and the share of empty ones, over seeds.

    An image counts where every set of samples draws something. Refused: a package that cannot draw evenly.
    """
    package, manifest = open_package(folder, threads)
    if package.directions is None:
        raise TrainerError(f"{folder}: has no directions of even draws; add them with 'directions'")
    cases = cases_of(manifest, data, protocol)
    logs: dict[Draws, list[Floats]] = {kind: [] for kind in KINDS}
    empties: dict[Draws, list[list[float]]] = {kind: [] for kind in KINDS}
    for done, (number, case) in enumerate(cases):
        encoding = package.encode(np.ascontiguousarray(case.image[None]))
        found: dict[Draws, list[Floats]] = {}
        for kind in KINDS:
            found[kind] = []
            for seed in range(SEEDS):
                z = package.latents(encoding, protocol.seed + number + seed * 2**32, np.arange(SAMPLES), kind)
                chunks = [package.sample(encoding.features, z[k : k + CHUNK])[:, 0] for k in range(0, SAMPLES, CHUNK)]
                found[kind].append(areas(place(np.concatenate(chunks), case)))
        if all(len(sizes) > 1 for every in found.values() for sizes in every):
            for kind, every in found.items():
                ends = [[np.log(np.quantile(sizes, share)) for sizes in every] for share in ENDS.values()]
                logs[kind].append(np.array(ends))
                empties[kind].append([1 - len(sizes) / SAMPLES for sizes in every])
        report(done + 1, len(cases))
    rows = {
        name: {kind: root_mean_square_sd(np.array([ends[k] for ends in logs[kind]])) for kind in KINDS}
        for k, name in enumerate(ENDS)
    }
    rows["share of empty samples"] = {kind: root_mean_square_sd(np.array(empties[kind])) for kind in KINDS}
    return {"model": manifest["id"], "images": len(logs["even"]), "of": len(cases), "seeds": SEEDS, "sd": rows}
