"""Commands that calibrate, study and write the results page."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from margin_trainer.commands.places import KEPT_RESULTS, KEPT_SCORES, QUEUES, REPOSITORY, Commands, default_data
from margin_trainer.commands.scoring import open_store
from margin_trainer.commands.training import train_run
from margin_trainer.config import load_config
from margin_trainer.data.lidc import Disturbance
from margin_trainer.data.of_package import LAYOUTS
from margin_trainer.failure import TrainerError
from margin_trainer.reproduce.command import Reproduction, reproduce
from margin_trainer.reproduce.kept import CONFORMAL, WHOLE_LESIONS, keep_outcome, kept_sections, refresh
from margin_trainer.scoring.conformal import calibrate, record
from margin_trainer.scoring.evaluate import Protocol
from margin_trainer.scoring.lesions import cross_fitted
from margin_trainer.train.progress import Progress


def add_commands(commands: Commands) -> None:
    """Parsers of this file's commands, each with what runs it."""
    results = commands.add_parser("results", help="write the sections of results.md that come from kept results")
    results.add_argument("--page", type=Path, default=REPOSITORY / "docs" / "results.md")
    results.set_defaults(act=run_results)
    conformal = commands.add_parser(
        "conformal", help="calibrate intervals of sizes: fit on validation, measure on test"
    )
    conformal.add_argument("--models", type=Path, nargs="+", required=True, help="folders of packages")
    conformal.add_argument("--data", type=Path, default=default_data())
    conformal.add_argument("--seed", type=int, default=1)
    conformal.add_argument("--threads", type=int, default=0)
    conformal.add_argument("--layout", choices=LAYOUTS, help="how DIR is laid out; default: shards or photographs")
    conformal.add_argument(
        "--record", action="store_true", help="write the tables into the packages, and what was found for results.md"
    )
    conformal.set_defaults(act=run_conformal)
    lesions = commands.add_parser("whole-lesions", help="coverage of whole lesions' volumes by the coupling of slices")
    lesions.add_argument("--runs", type=Path, nargs="+", required=True, help="finished runs that saw other shards each")
    lesions.add_argument("--data", type=Path, default=default_data())
    lesions.add_argument("--threads", type=int, default=0)
    lesions.add_argument("--lesions", type=int, help="that many of each shard, evenly spaced: the result says so")
    lesions.add_argument("--record", action="store_true", help="keep what was found for results.md")
    lesions.set_defaults(act=run_whole_lesions)
    reproduction = commands.add_parser("reproduce", help="score the models of the paper's table, write results.md")
    reproduction.add_argument("--models-dir", type=Path, default=REPOSITORY / "models")
    reproduction.add_argument("--runs", type=Path, default=REPOSITORY / "build" / "training", help="finished runs")
    reproduction.add_argument("--data", type=Path, default=default_data())
    reproduction.add_argument("--train", action="store_true", help="first train what has no package")
    reproduction.add_argument("--hardware", default="hardware not stated", help="what runs were trained on, in words")
    reproduction.add_argument("--limit", type=int, help="that many images a data set: partial, needs --out")
    reproduction.add_argument("--out", type=Path, default=REPOSITORY / "docs" / "results.md")
    reproduction.add_argument("--threads", type=int, default=0)
    reproduction.set_defaults(act=run_reproduce)


def run_results(arguments: argparse.Namespace) -> None:
    """Write the page's sections of kept results; the others stay as they are."""
    made = kept_sections(QUEUES, KEPT_RESULTS)
    refresh(arguments.page, made)
    print(json.dumps({"page": str(arguments.page), "sections": list(made)}))


def run_conformal(arguments: argparse.Namespace) -> None:
    """Print levels and coverage, before and after, as JSON; a package whose data cannot say it is told, not changed."""
    progress = Progress()

    def report(what: str, done: int, total: int) -> None:
        progress.bar(done / total, f"{what}: image {done} of {total}")

    protocol = Protocol("test", arguments.seed, Disturbance(), arguments.layout)
    outcomes, failures = [], []
    for folder in arguments.models:
        try:
            table, outcome = calibrate(folder, arguments.data, protocol, arguments.threads, report)
        except TrainerError as failure:
            failures.append(f"{folder.name}: {failure}")
            continue
        outcomes.append(outcome)
        if arguments.record:
            record(folder, table)
            keep_outcome(KEPT_RESULTS, CONFORMAL, outcome["model"], outcome)
    print(json.dumps(outcomes, indent=2))
    if failures:
        raise TrainerError("; ".join(failures))


def run_whole_lesions(arguments: argparse.Namespace) -> None:
    """Print the study as JSON, each shard drawn by the run that never saw it."""
    progress = Progress()

    def report(what: str, done: int, total: int) -> None:
        progress.bar(done / total, f"{what}: lesion {done} of {total}")

    outcome = cross_fitted(arguments.runs, arguments.data, arguments.lesions, arguments.threads, report)
    if arguments.record:
        keep_outcome(KEPT_RESULTS, WHOLE_LESIONS, "lidc-cflow-planar", outcome)
    print(json.dumps(outcome, indent=2))


def run_reproduce(arguments: argparse.Namespace) -> None:
    """Write the results page."""
    plan = Reproduction(
        models=arguments.models_dir,
        runs=arguments.runs,
        docs=REPOSITORY / "docs",
        configs=REPOSITORY / "trainer" / "configs",
        page=arguments.out,
        hardware=arguments.hardware,
        queues=QUEUES,
    )

    def train(config: Path) -> None:
        train_run(load_config(config), arguments.data, arguments.runs / config.stem)

    store = open_store(arguments.data, arguments.threads, KEPT_SCORES)
    reproduce(plan, store, arguments.limit, train if arguments.train else None)
    print(json.dumps({"page": str(arguments.out)}))
