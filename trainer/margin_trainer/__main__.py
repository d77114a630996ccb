"""Command line: python -m margin_trainer COMMAND; its help lists them."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import FrameType

import torch

from margin_trainer.clinics.simulate import simulate
from margin_trainer.clinics.summary import summarise
from margin_trainer.config import load_config, parse_config
from margin_trainer.data.lidc import Disturbance
from margin_trainer.data.of_package import LAYOUTS
from margin_trainer.data.open import open_data
from margin_trainer.experiment.kept import take
from margin_trainer.experiment.plan import read_plan, results_beside
from margin_trainer.experiment.table import read_rows
from margin_trainer.experiment.work import Queue
from margin_trainer.export.directions import add_directions
from margin_trainer.export.manifest import FIRST_VERSION
from margin_trainer.export.write_package import record_results, write_package
from margin_trainer.failure import TrainerError
from margin_trainer.fine_tune.reference import write_reference
from margin_trainer.fine_tune.worker import fine_tune, step_back
from margin_trainer.gate.judge import gate
from margin_trainer.package import read_manifest
from margin_trainer.reproduce.command import Reproduction, reproduce
from margin_trainer.reproduce.kept import CLINICS, CONFORMAL, WHOLE_LESIONS, keep_outcome, kept_sections, refresh
from margin_trainer.reproduce.seeds import run_name
from margin_trainer.scoring.compare import compare
from margin_trainer.scoring.conformal import calibrate, record
from margin_trainer.scoring.evaluate import Protocol, cases_of
from margin_trainer.scoring.lesions import cross_fitted
from margin_trainer.scoring.likelihood import SAMPLES, evaluate_likelihood
from margin_trainer.scoring.scored import ScoreStore
from margin_trainer.scoring.steadiness import measure_steadiness
from margin_trainer.scoring.worklist import simulate_worklist
from margin_trainer.train.checkpoint import read_checkpoint
from margin_trainer.train.event_files import EventFiles
from margin_trainer.train.loop import Trainer
from margin_trainer.train.progress import Progress, Silence
from margin_trainer.train.team import join_team, leave_team

REPOSITORY = Path(__file__).resolve().parents[2]
QUEUES = REPOSITORY / "trainer" / "queues"
KEPT_RESULTS = REPOSITORY / "docs" / "results"
KEPT_SCORES = REPOSITORY / "build" / "evaluation"


def default_data() -> Path:
    """MARGIN_TEST_DATA, else ../shared/data beside the repository."""
    return Path(os.environ.get("MARGIN_TEST_DATA") or REPOSITORY.parent / "shared" / "data")


def build_parser() -> argparse.ArgumentParser:
    """Sub-commands and their options."""
    parser = argparse.ArgumentParser(prog="margin_trainer", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    train = commands.add_parser("train", help="train a model; continues where the output folder's last.pt stands")
    train.add_argument("--config", type=Path, required=True)
    train.add_argument("--out", type=Path, help="folder for checkpoints; default build/training/NAME")
    train.add_argument("--data", type=Path, default=default_data())
    train.add_argument("--seed", type=int, help="in place of the configuration's; the run is called NAME-seed-N")
    train.add_argument("--threads", type=int, default=0, help="CPU threads, 0: PyTorch's choice")
    queue = commands.add_parser("queue", help="train listed configurations one after another, at low priority")
    queue.add_argument("file", type=Path, help="TOML: name, seeds, configs, comparison; see queues/")
    queue.add_argument("--runs", type=Path, default=REPOSITORY / "build" / "training", help="folder of runs and table")
    queue.add_argument("--results", type=Path, help="folder of ended runs' results; default: NAME beside FILE")
    queue.add_argument("--take", type=Path, metavar="TABLE", help="train nothing, keep the rows of this NAME.json")
    queue.add_argument("--data", type=Path, default=default_data())
    queue.add_argument("--threads", type=int, default=1, help="CPU threads")
    export = commands.add_parser("export", help="write a model package from a run's checkpoints")
    export.add_argument("--run", type=Path, required=True, help="output folder of train")
    export.add_argument("--out", type=Path, required=True, help="folder of the package; its name is the package's id")
    export.add_argument("--hardware", required=True, help="what it was trained on, in words")
    export.add_argument("--version", default=FIRST_VERSION, help="of the package; raise it when its graphs change")
    export.add_argument("--data", type=Path, default=default_data(), help="its validation part, for even draws")
    directions = commands.add_parser("directions", help="write the directions of even draws into packages' manifests")
    directions.add_argument("--models", type=Path, nargs="+", required=True, help="folders of packages")
    directions.add_argument("--data", type=Path, default=default_data())
    directions.add_argument("--layout", choices=LAYOUTS, help="how DIR is laid out; default: shards or photographs")
    evaluation = commands.add_parser("evaluate", help="score a model package from its ONNX graphs alone")
    evaluation.add_argument("--model", type=Path, required=True, help="folder of the package")
    add_protocol(evaluation)
    evaluation.add_argument("--shift-px", type=int, default=0, help="robustness: shift the crop diagonally")
    evaluation.add_argument("--gamma", type=float, default=1.0, help="robustness: raise intensities in [0, 1] to this")
    evaluation.add_argument(
        "--record", action="store_true", help="write the results (of a check: GED_V@16) into the package"
    )
    comparison = commands.add_parser("compare", help="paired differences of two packages over patients")
    comparison.add_argument("--models", type=Path, nargs=2, required=True, metavar=("A", "B"))
    add_protocol(comparison)
    likelihood = commands.add_parser("likelihood", help="importance-sampled -CLL of a run, by its posterior")
    likelihood.add_argument("--run", type=Path, required=True, help="output folder of train")
    likelihood.add_argument("--samples", type=int, default=SAMPLES, help="posterior draws a reading")
    add_protocol(likelihood)
    worklist = commands.add_parser("worklist", help="what an order by the samples' spread gains over a random one")
    worklist.add_argument("--model", type=Path, required=True, help="folder of the package")
    add_protocol(worklist)
    steadiness = commands.add_parser("steadiness", help="how far intervals of sizes move when the seed changes")
    steadiness.add_argument("--model", type=Path, required=True, help="folder of the package")
    add_protocol(steadiness)
    results = commands.add_parser("results", help="write the sections of results.md that come from kept results")
    results.add_argument("--page", type=Path, default=REPOSITORY / "docs" / "results.md")
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
    lesions = commands.add_parser("whole-lesions", help="coverage of whole lesions' volumes by the coupling of slices")
    lesions.add_argument("--runs", type=Path, nargs="+", required=True, help="finished runs that saw other shards each")
    lesions.add_argument("--data", type=Path, default=default_data())
    lesions.add_argument("--threads", type=int, default=0)
    lesions.add_argument("--lesions", type=int, help="that many of each shard, evenly spaced: the result says so")
    lesions.add_argument("--record", action="store_true", help="keep what was found for results.md")
    reproduction = commands.add_parser("reproduce", help="score the models of the paper's table, write results.md")
    reproduction.add_argument("--models-dir", type=Path, default=REPOSITORY / "models")
    reproduction.add_argument("--runs", type=Path, default=REPOSITORY / "build" / "training", help="finished runs")
    reproduction.add_argument("--data", type=Path, default=default_data())
    reproduction.add_argument("--train", action="store_true", help="first train what has no package")
    reproduction.add_argument("--hardware", default="hardware not stated", help="what runs were trained on, in words")
    reproduction.add_argument("--limit", type=int, help="that many images a data set: partial, needs --out")
    reproduction.add_argument("--out", type=Path, default=REPOSITORY / "docs" / "results.md")
    reproduction.add_argument("--threads", type=int, default=0)
    clinics = commands.add_parser("simulate-clinics", help="does fine-tuning work: clinics of held-back patients")
    clinics.add_argument("--model", type=Path, default=REPOSITORY / "models" / "lidc-cflow-planar")
    clinics.add_argument("--data", type=Path, default=default_data())
    clinics.add_argument("--seed", type=int, default=1)
    clinics.add_argument("--threads", type=int, default=0)
    clinics.add_argument("--record", action="store_true", help="keep what was found, and write it into results.md")
    commands.add_parser(
        "fine-tune", help="train on a clinic's own set: a child process, JSON lines on stdin and stdout"
    )
    commands.add_parser("gate", help="hold a candidate against its parent: JSON lines on stdin and stdout")
    reference = commands.add_parser(
        "reference", help="choose the reference set that fine-tuning replays from the shards"
    )
    reference.add_argument("--data", type=Path, default=default_data())
    return parser


def add_protocol(command: argparse.ArgumentParser) -> None:
    """Options of an evaluation's protocol."""
    command.add_argument("--data", type=Path, default=default_data())
    command.add_argument("--split", choices=["train", "validation", "test"], default="validation")
    command.add_argument("--seed", type=int, default=1)
    command.add_argument("--threads", type=int, default=0)
    command.add_argument("--limit", type=int, help="that many images, evenly spaced: the result says it is partial")
    command.add_argument("--layout", choices=LAYOUTS, help="how DIR is laid out; default: shards or photographs in it")


def protocol_of(arguments: argparse.Namespace, disturbance: Disturbance) -> Protocol:
    """The protocol that the options name."""
    return Protocol(
        split=arguments.split,
        seed=arguments.seed,
        disturbance=disturbance,
        layout=arguments.layout,
        limit=arguments.limit,
    )


def run_evaluate(arguments: argparse.Namespace) -> None:
    """Score anew and print as JSON; with --record also keep it in the package, and for `reproduce`."""
    disturbance = Disturbance(shift_px=arguments.shift_px, gamma=arguments.gamma)
    protocol = protocol_of(arguments, disturbance)
    if arguments.record and arguments.limit is not None:
        raise TrainerError("--record with --limit: a partial result is not kept in a package")
    store = open_store(arguments.data, arguments.threads, KEPT_SCORES if arguments.record else None)
    outcome = store.score(arguments.model, protocol, anew=True).outcome()
    if arguments.record:
        whole = arguments.split == "test" and disturbance == Disturbance()
        record_results(arguments.model, outcome["results"], whole)
    print(json.dumps(outcome, indent=2))


def open_store(data: Path, threads: int, folder: Path | None) -> ScoreStore:
    """Scores kept in `folder`, if any, with a bar on stderr."""
    progress = Progress()

    def report(what: str, done: int, total: int) -> None:
        progress.bar(done / total, f"{what}: image {done} of {total}")

    return ScoreStore(data, folder, threads, report)


def run_compare(arguments: argparse.Namespace) -> None:
    """Print the paired differences as JSON."""
    store = open_store(arguments.data, arguments.threads, KEPT_SCORES)
    protocol = protocol_of(arguments, Disturbance())
    first, second = (store.score(model, protocol) for model in arguments.models)
    print(json.dumps(compare(first, second), indent=2))


def image_bar() -> Callable[[int, int], None]:
    """A bar on stderr: images done, of how many."""
    progress = Progress()
    return lambda done, total: progress.bar(done / total, f"image {done} of {total}")


def run_likelihood(arguments: argparse.Namespace) -> None:
    """Print the importance-sampled likelihood as JSON."""
    protocol = protocol_of(arguments, Disturbance())
    print(
        json.dumps(
            evaluate_likelihood(arguments.run, arguments.data, protocol, arguments.samples, image_bar()), indent=2
        )
    )


def run_worklist(arguments: argparse.Namespace) -> None:
    """Print the simulation as JSON."""
    protocol = protocol_of(arguments, Disturbance())
    print(
        json.dumps(
            simulate_worklist(arguments.model, arguments.data, protocol, arguments.threads, image_bar()), indent=2
        )
    )


def run_steadiness(arguments: argparse.Namespace) -> None:
    """Print the standard deviations as JSON."""
    protocol = protocol_of(arguments, Disturbance())
    found = measure_steadiness(arguments.model, arguments.data, protocol, arguments.threads, image_bar())
    print(json.dumps(found, indent=2))


def run_export(arguments: argparse.Namespace) -> None:
    """Write the package of a run; even draws need the validation part that the run saw."""
    config = parse_config(read_checkpoint(arguments.run / "last.pt")["config"])
    cases = open_data(config, arguments.data).validation
    write_package(arguments.run, arguments.out, arguments.hardware, arguments.version, cases)
    print(json.dumps({"package": str(arguments.out)}))


def run_directions(arguments: argparse.Namespace) -> None:
    """Rewrite the manifests: the directions of even draws, learned on the validation part; weights stay."""
    protocol = Protocol("validation", 1, Disturbance(), arguments.layout)
    for folder in arguments.models:
        cases = [case for _number, case in cases_of(read_manifest(folder), arguments.data, protocol)]
        print(json.dumps({"package": str(folder), "draws": add_directions(folder, cases)["kind"], "cases": len(cases)}))


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
        out = ["--out", str(arguments.runs / config.stem)]
        run_train(build_parser().parse_args(["train", "--config", str(config), "--data", str(arguments.data), *out]))

    store = open_store(arguments.data, arguments.threads, KEPT_SCORES)
    reproduce(plan, store, arguments.limit, train if arguments.train else None)
    print(json.dumps({"page": str(arguments.out)}))


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


def run_results(arguments: argparse.Namespace) -> None:
    """Write the page's sections of kept results; the others stay as they are."""
    made = kept_sections(QUEUES, KEPT_RESULTS)
    refresh(arguments.page, made)
    print(json.dumps({"page": str(arguments.page), "sections": list(made)}))


def run_queue(arguments: argparse.Namespace) -> None:
    """Work the queue off; a run that failed does not keep the others from their turn."""
    plan = read_plan(arguments.file)
    results = arguments.results or results_beside(arguments.file, plan)
    if arguments.take is not None:
        print(json.dumps({"kept": take(results, plan, read_rows(arguments.take))}))
        return
    queue = Queue(plan, arguments.runs, results, arguments.data, arguments.threads, Progress())
    failures = queue.work()
    if failures:
        raise TrainerError("; ".join(failures))
    print(json.dumps({"table": str(arguments.runs / f"{queue.plan.name}.json"), "stopped": queue.stopped}))


def run_train(arguments: argparse.Namespace) -> None:
    """Train or resume, alone or among torchrun's processes; SIGTERM and Ctrl-C save and stop after the current step."""
    config = load_config(arguments.config)
    if arguments.seed is not None:
        config = replace(config, seed=arguments.seed, name=run_name(config.name, arguments.seed))
    opened = open_data(config, arguments.data)
    folder = arguments.out or REPOSITORY / "build" / "training" / config.name
    team = join_team()
    board = EventFiles(folder / "events")
    progress = Progress(board=board) if team.leads else Silence()
    trainer = Trainer(config, opened.training, opened.validation, folder, progress, team=team)
    if (folder / "last.pt").exists():
        trainer.resume()

    def request_stop(number: int, frame: FrameType | None) -> None:
        del number, frame
        trainer.stop_requested = True

    signal.signal(signal.SIGTERM, request_stop)
    signal.signal(signal.SIGINT, request_stop)
    trainer.run()
    board.close()
    leave_team(team)


def run_fine_tune(arguments: argparse.Namespace) -> int:
    """The worker; what it has to say, failures too, goes through its stream."""
    del arguments
    step_back()
    return fine_tune(sys.stdin, sys.stdout)


def run_gate(arguments: argparse.Namespace) -> int:
    """As the worker: all that it has to say goes through its stream."""
    del arguments
    step_back()
    return gate(sys.stdin, sys.stdout)


def run_simulate_clinics(arguments: argparse.Namespace) -> None:
    """Print the simulation as JSON; minutes, told line by line on stderr."""
    outcomes, told = simulate(
        arguments.model, arguments.data, arguments.seed, lambda text: print(text, file=sys.stderr, flush=True)
    )
    found = summarise(outcomes, told)
    if arguments.record:
        keep_outcome(KEPT_RESULTS, CLINICS, found["model"], found)
        refresh(REPOSITORY / "docs" / "results.md", kept_sections(QUEUES, KEPT_RESULTS))
    print(json.dumps(found, indent=2))


def run_reference(arguments: argparse.Namespace) -> None:
    """Write the reference set of the repository anew."""
    print(json.dumps(write_reference(arguments.data)))


COMMANDS: dict[str, Callable[[argparse.Namespace], int | None]] = {
    "fine-tune": run_fine_tune,
    "gate": run_gate,
    "reference": run_reference,
    "simulate-clinics": run_simulate_clinics,
    "train": run_train,
    "queue": run_queue,
    "export": run_export,
    "directions": run_directions,
    "evaluate": run_evaluate,
    "compare": run_compare,
    "conformal": run_conformal,
    "likelihood": run_likelihood,
    "reproduce": run_reproduce,
    "results": run_results,
    "whole-lesions": run_whole_lesions,
    "worklist": run_worklist,
    "steadiness": run_steadiness,
}


def main(argv: list[str] | None = None) -> int:
    """Exit status: 0 done, 2 an expected failure, told in one line on stderr."""
    arguments = build_parser().parse_args(argv)
    if getattr(arguments, "threads", 0) > 0:
        torch.set_num_threads(arguments.threads)
    try:
        status = COMMANDS[arguments.command](arguments)
    except TrainerError as failure:
        print(f"margin_trainer: {failure}", file=sys.stderr)
        return 2
    return status or 0


if __name__ == "__main__":
    sys.exit(main())
