"""The same configuration trained from other seeds: what of a difference is the seed's.

`train --config NAME.toml --seed N` makes the run NAME-seed-N. Such runs are not shipped; their scores are recorded.
"""

from __future__ import annotations

import re
import statistics
from pathlib import Path
from typing import Any

from margin_trainer.export.write_package import write_package
from margin_trainer.reproduce.finished import finished
from margin_trainer.reproduce.table_one import ROWS
from margin_trainer.scoring.evaluate import Protocol
from margin_trainer.scoring.score import EXPECTED
from margin_trainer.scoring.scored import ScoreStore

OF_A_SEED = re.compile(r"(.+)-seed-(\d+)")
MEASURES = (EXPECTED, "GED_V@100", "HM-IoU@16", "Dice(a)@100")

Scores = dict[str, float]
"""Means over the test part by measure, with the hash of the cases they were taken on under `casesSha256`."""


def run_name(name: str, seed: int) -> str:
    """Name of the run of a configuration from another seed."""
    return f"{name}-seed-{seed}"


def score_seeds(
    store: ScoreStore, protocol: Protocol, runs: Path, exported: Path, hardware: str
) -> dict[str, dict[str, Any]]:
    """{configuration: {seed: scores}} of the finished runs."""
    found: dict[str, dict[str, Any]] = {}
    names = {row.name for row in ROWS}
    for run in sorted(runs.glob("*-seed-*")) if runs.exists() else []:
        match = OF_A_SEED.fullmatch(run.name)
        if match is None or match[1] not in names or not finished(run):
            continue
        write_package(run, exported / run.name, hardware)
        scored = store.score(exported / run.name, protocol)
        means = {r["measure"]: r["value"] for r in scored.outcome()["results"] if not r["baseline"]}
        kept = {measure: means[measure] for measure in MEASURES}
        found.setdefault(match[1], {})[match[2]] = {"casesSha256": scored.cases_sha256, **kept}
    return found


def mean_and_sd(values: list[float]) -> str:
    """Mean ± sample standard deviation of two values or more."""
    return f"{statistics.mean(values):.3f} ± {statistics.stdev(values):.3f}"
