"""Commands that train on a clinic's own readings, judge, and simulate clinics."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from margin_trainer.clinics.simulate import simulate
from margin_trainer.clinics.summary import summarise
from margin_trainer.commands.places import KEPT_CLINICS, KEPT_RESULTS, QUEUES, REPOSITORY, Commands, default_data
from margin_trainer.fine_tune.reference import write_reference
from margin_trainer.fine_tune.worker import fine_tune, step_back
from margin_trainer.gate.judge import gate
from margin_trainer.reproduce.kept import CLINICS, keep_outcome, kept_sections, refresh


def add_commands(commands: Commands) -> None:
    """Parsers of this file's commands, each with what runs it."""
    clinics = commands.add_parser("simulate-clinics", help="does fine-tuning work: clinics of held-back patients")
    clinics.add_argument("--model", type=Path, default=REPOSITORY / "models" / "lidc-cflow-planar")
    clinics.add_argument("--data", type=Path, default=default_data())
    clinics.add_argument("--seed", type=int, default=1)
    clinics.add_argument("--threads", type=int, default=0)
    clinics.add_argument(
        "--kept", type=Path, default=KEPT_CLINICS, help="where candidates are kept, so that an ended run goes on"
    )
    clinics.add_argument("--record", action="store_true", help="keep what was found, and write it into results.md")
    clinics.set_defaults(act=run_simulate_clinics)
    worker = commands.add_parser(
        "fine-tune", help="train on a clinic's own set: a child process, JSON lines on stdin and stdout"
    )
    worker.set_defaults(act=run_fine_tune)
    judge = commands.add_parser("gate", help="hold a candidate against its parent: JSON lines on stdin and stdout")
    judge.set_defaults(act=run_gate)
    reference = commands.add_parser(
        "reference", help="choose the reference set that fine-tuning replays from the shards"
    )
    reference.add_argument("--data", type=Path, default=default_data())
    reference.set_defaults(act=run_reference)


def run_simulate_clinics(arguments: argparse.Namespace) -> None:
    """Print the simulation as JSON; minutes, told line by line on stderr."""

    def log(text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    outcomes, told = simulate(arguments.model, arguments.data, arguments.seed, arguments.kept, log)
    found = summarise(outcomes, told)
    if arguments.record:
        keep_outcome(KEPT_RESULTS, CLINICS, found["model"], found)
        refresh(REPOSITORY / "docs" / "results.md", kept_sections(QUEUES, KEPT_RESULTS))
    print(json.dumps(found, indent=2))


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


def run_reference(arguments: argparse.Namespace) -> None:
    """Write the reference set of the repository anew."""
    print(json.dumps(write_reference(arguments.data)))
