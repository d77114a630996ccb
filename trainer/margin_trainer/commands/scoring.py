"""Commands that score packages and runs."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

from margin_trainer.commands.places import KEPT_SCORES, Commands, default_data
from margin_trainer.data.lidc import Disturbance
from margin_trainer.data.of_package import LAYOUTS
from margin_trainer.export.write_package import record_results
from margin_trainer.failure import TrainerError
from margin_trainer.scoring.compare import compare
from margin_trainer.scoring.evaluate import Protocol
from margin_trainer.scoring.likelihood import SAMPLES, evaluate_likelihood
from margin_trainer.scoring.scored import ScoreStore
from margin_trainer.scoring.steadiness import measure_steadiness
from margin_trainer.scoring.worklist import simulate_worklist
from margin_trainer.train.progress import Progress


def add_commands(commands: Commands) -> None:
    """Parsers of this file's commands, each with what runs it."""
    evaluation = commands.add_parser("evaluate", help="score a model package from its ONNX graphs alone")
    evaluation.add_argument("--model", type=Path, required=True, help="folder of the package")
    add_protocol(evaluation)
    evaluation.add_argument("--shift-px", type=int, default=0, help="robustness: shift the crop diagonally")
    evaluation.add_argument("--gamma", type=float, default=1.0, help="robustness: raise intensities in [0, 1] to this")
    evaluation.add_argument(
        "--record", action="store_true", help="write the results (of a check: GED_V@16) into the package"
    )
    evaluation.set_defaults(act=run_evaluate)
    comparison = commands.add_parser("compare", help="paired differences of two packages over patients")
    comparison.add_argument("--models", type=Path, nargs=2, required=True, metavar=("A", "B"))
    add_protocol(comparison)
    comparison.set_defaults(act=run_compare)
    likelihood = commands.add_parser("likelihood", help="importance-sampled -CLL of a run, by its posterior")
    likelihood.add_argument("--run", type=Path, required=True, help="output folder of train")
    likelihood.add_argument("--samples", type=int, default=SAMPLES, help="posterior draws a reading")
    add_protocol(likelihood)
    likelihood.set_defaults(act=run_likelihood)
    worklist = commands.add_parser("worklist", help="what an order by the samples' spread gains over a random one")
    worklist.add_argument("--model", type=Path, required=True, help="folder of the package")
    add_protocol(worklist)
    worklist.set_defaults(act=run_worklist)
    steadiness = commands.add_parser("steadiness", help="how far intervals of sizes move when the seed changes")
    steadiness.add_argument("--model", type=Path, required=True, help="folder of the package")
    add_protocol(steadiness)
    steadiness.set_defaults(act=run_steadiness)


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


def open_store(data: Path, threads: int, folder: Path | None) -> ScoreStore:
    """Scores kept in `folder`, if any, with a bar on stderr."""
    progress = Progress()

    def report(what: str, done: int, total: int) -> None:
        progress.bar(done / total, f"{what}: image {done} of {total}")

    return ScoreStore(data, folder, threads, report)


def image_bar() -> Callable[[int, int], None]:
    """A bar on stderr: images done, of how many."""
    progress = Progress()
    return lambda done, total: progress.bar(done / total, f"image {done} of {total}")


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


def run_compare(arguments: argparse.Namespace) -> None:
    """Print the paired differences as JSON."""
    store = open_store(arguments.data, arguments.threads, KEPT_SCORES)
    protocol = protocol_of(arguments, Disturbance())
    first, second = (store.score(model, protocol) for model in arguments.models)
    print(json.dumps(compare(first, second), indent=2))


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
