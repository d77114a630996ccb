"""Commands that train and export models."""

from __future__ import annotations

import argparse
import json
import signal
from dataclasses import replace
from pathlib import Path
from types import FrameType

from margin_trainer.commands.places import REPOSITORY, Commands, default_data
from margin_trainer.config import TrainingConfig, load_config, parse_config
from margin_trainer.data.lidc import Disturbance
from margin_trainer.data.of_package import LAYOUTS
from margin_trainer.data.open import open_data
from margin_trainer.experiment.kept import take
from margin_trainer.experiment.plan import read_plan, results_beside
from margin_trainer.experiment.table import read_rows
from margin_trainer.experiment.work import Queue
from margin_trainer.export.directions import add_directions
from margin_trainer.export.manifest import FIRST_VERSION
from margin_trainer.export.write_package import write_package
from margin_trainer.failure import TrainerError
from margin_trainer.package import read_manifest
from margin_trainer.reproduce.seeds import run_name
from margin_trainer.scoring.evaluate import Protocol, cases_of
from margin_trainer.train.checkpoint import read_checkpoint
from margin_trainer.train.event_files import EventFiles
from margin_trainer.train.loop import Trainer
from margin_trainer.train.progress import Progress, Silence
from margin_trainer.train.team import join_team, leave_team


def add_commands(commands: Commands) -> None:
    """Parsers of this file's commands, each with what runs it."""
    train = commands.add_parser("train", help="train a model; continues where the output folder's last.pt stands")
    train.add_argument("--config", type=Path, required=True)
    train.add_argument("--out", type=Path, help="folder for checkpoints; default build/training/NAME")
    train.add_argument("--data", type=Path, default=default_data())
    train.add_argument("--seed", type=int, help="in place of the configuration's; the run is called NAME-seed-N")
    train.add_argument("--threads", type=int, default=0, help="CPU threads, 0: PyTorch's choice")
    train.set_defaults(act=run_train)
    queue = commands.add_parser("queue", help="train listed configurations one after another, at low priority")
    queue.add_argument("file", type=Path, help="TOML: name, seeds, configs, comparison; see queues/")
    queue.add_argument("--runs", type=Path, default=REPOSITORY / "build" / "training", help="folder of runs and table")
    queue.add_argument("--results", type=Path, help="folder of ended runs' results; default: NAME beside FILE")
    queue.add_argument("--take", type=Path, metavar="TABLE", help="train nothing, keep the rows of this NAME.json")
    queue.add_argument("--data", type=Path, default=default_data())
    queue.add_argument("--threads", type=int, default=1, help="CPU threads")
    queue.set_defaults(act=run_queue)
    export = commands.add_parser("export", help="write a model package from a run's checkpoints")
    export.add_argument("--run", type=Path, required=True, help="output folder of train")
    export.add_argument("--out", type=Path, required=True, help="folder of the package; its name is the package's id")
    export.add_argument("--hardware", required=True, help="what it was trained on, in words")
    export.add_argument("--version", default=FIRST_VERSION, help="of the package; raise it when its graphs change")
    export.add_argument("--data", type=Path, default=default_data(), help="its validation part, for even draws")
    export.set_defaults(act=run_export)
    directions = commands.add_parser("directions", help="write the directions of even draws into packages' manifests")
    directions.add_argument("--models", type=Path, nargs="+", required=True, help="folders of packages")
    directions.add_argument("--data", type=Path, default=default_data())
    directions.add_argument("--layout", choices=LAYOUTS, help="how DIR is laid out; default: shards or photographs")
    directions.set_defaults(act=run_directions)


def run_train(arguments: argparse.Namespace) -> None:
    """Train or resume a configuration."""
    config = load_config(arguments.config)
    if arguments.seed is not None:
        config = replace(config, seed=arguments.seed, name=run_name(config.name, arguments.seed))
    train_run(config, arguments.data, arguments.out or REPOSITORY / "build" / "training" / config.name)


def train_run(config: TrainingConfig, data: Path, folder: Path) -> None:
    """Train or resume, alone or among torchrun's processes; SIGTERM and Ctrl-C save and stop after the current step."""
    opened = open_data(config, data)
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
