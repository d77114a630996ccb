"""`reproduce`: trains what has no package if asked to, scores everything, writes the page and its pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from margin_trainer.data.lidc import Disturbance
from margin_trainer.export.write_package import write_package
from margin_trainer.failure import TrainerError
from margin_trainer.reproduce.figures import draw_figure, rows_of
from margin_trainer.reproduce.finished import finished
from margin_trainer.reproduce.gather import NOT_SHIPPED, Gathered, gather
from margin_trainer.reproduce.kept import kept_sections
from margin_trainer.reproduce.page import compose, sections
from margin_trainer.reproduce.table_one import DATA_SETS, ROWS, DataSet
from margin_trainer.reproduce.tables import entries_of
from margin_trainer.scoring.evaluate import Protocol
from margin_trainer.scoring.scored import Scored, ScoreStore

MAIN = ("lidc-cflow-planar", "retina-cflow-planar")
CHECKS: tuple[tuple[str, Disturbance], ...] = (
    ("none", Disturbance()),
    ("crop shifted by 8 px both ways", Disturbance(shift_px=8)),
    ("crop shifted by 16 px both ways", Disturbance(shift_px=16)),
    ("gamma 0.8", Disturbance(gamma=0.8)),
    ("gamma 1.25", Disturbance(gamma=1.25)),
)
FIGURE_QUANTILES = (0.1, 0.5, 0.9)


@dataclass(frozen=True)
class Reproduction:
    """Where things are. `page` is docs/results.md unless a partial result goes elsewhere."""

    models: Path
    runs: Path
    docs: Path
    configs: Path
    page: Path
    hardware: str
    queues: Path


def reproduce(plan: Reproduction, store: ScoreStore, limit: int | None, train: Callable[[Path], None] | None) -> None:
    """Write the page. `train` trains a configuration; None evaluates what is there."""
    official = plan.docs / "results.md"
    if limit is not None and plan.page.resolve() == official.resolve():
        raise TrainerError(f"--limit: a partial result does not replace {official}; name another file with --out")
    if train is not None:
        train_missing(plan, train)
    protocol = Protocol(split="test", seed=1, disturbance=Disturbance(), limit=limit)
    recorded = plan.docs / "results" / f"{NOT_SHIPPED}.json"
    found = gather(store, protocol, plan.models, plan.runs, recorded, plan.hardware)
    checks = robustness_checks(plan, store, protocol, found)
    pictures = draw_pictures(plan, store, protocol, found)
    made = sections(found, protocol, checks, pictures) | kept_sections(plan.queues, plan.docs / "results")
    text = compose(plan.docs / "results.template.md", made)
    plan.page.parent.mkdir(parents=True, exist_ok=True)
    plan.page.write_text(text, encoding="utf-8")


def config_of(configs: Path, name: str) -> Path:
    """The file of a configuration: `lidc-unet` stands in `lidc`."""
    return configs / name.partition("-")[0] / f"{name}.toml"


def train_missing(plan: Reproduction, train: Callable[[Path], None]) -> None:
    """Train (or resume) every configuration of the table that has neither package nor finished run, and export it.

    Models trained on one reading an image stay runs: they answer a question of the table, not a reader's.
    """
    for row in ROWS:
        config, package = config_of(plan.configs, row.name), plan.models / row.name
        if (package / "manifest.json").exists() or not config.exists():
            continue
        run = plan.runs / row.name
        if not finished(run):
            train(config)
        if finished(run) and not row.one_reading:
            write_package(run, package, plan.hardware)


def robustness_checks(
    plan: Reproduction, store: ScoreStore, protocol: Protocol, found: Gathered
) -> list[tuple[Scored, str]]:
    """The main packages on disturbed input; a whole photograph has no crop to shift."""
    checks = []
    for name in MAIN:
        entry = found.entries.get(name)
        if entry is None or entry.scored is None or entry.package is None or entry.how != "shipped":
            continue
        for words, disturbance in CHECKS:
            if disturbance.shift_px and entry.row.data_set == "retina":
                continue
            if words == "none":
                checks.append((entry.scored, words))
            else:
                disturbed = replace(protocol, disturbance=disturbance)
                checks.append((store.score(plan.models / name, disturbed), words))
    return checks


def draw_pictures(plan: Reproduction, store: ScoreStore, protocol: Protocol, found: Gathered) -> dict[DataSet, str]:
    """One picture a data set of its shipped packages; paths relative to the page."""
    made: dict[DataSet, str] = {}
    for data_set in DATA_SETS:
        shipped = [e for e in entries_of(found, data_set) if e.how == "shipped" and e.scored is not None]
        if not shipped or shipped[0].scored is None:
            continue
        chosen = _chosen(shipped[0].scored, data_set)
        if not chosen:
            continue
        blocks = []
        for place in chosen:
            packages = [plan.models / entry.row.name for entry in shipped]
            rows = []
            for k, package in enumerate(packages):
                scored = shipped[k].scored
                assert scored is not None
                number, case = store.cases(scored.manifest, protocol)[place]
                drawn = rows_of(number, case, [package], protocol.seed, store.threads)
                rows += drawn if k == 0 else drawn[1:]
            blocks.append((shipped[0].scored.records[place].name, rows))
        path = plan.page.parent / "pictures" / f"results-{data_set}.png"
        draw_figure(blocks, path)
        made[data_set] = f"pictures/{path.name}"
    return made


def _chosen(scored: Scored, data_set: DataSet) -> list[int]:
    """LIDC: cases at fixed quantiles of the readers' distance to each other; retina: the first CHASE photograph."""
    if data_set == "retina":
        return [k for k, record in enumerate(scored.records) if record.source == "chase"][:1]
    order = np.argsort([record.scores["D_yy"] or 0.0 for record in scored.records], kind="stable")
    return [int(order[round(q * (len(order) - 1))]) for q in FIGURE_QUANTILES]
