"""Whether this Python can train: everything that training imports, and a network that is trained for a second."""

from __future__ import annotations

import argparse
import importlib
import json
import math
import tempfile
from pathlib import Path

import torch

from margin_trainer.commands.places import Commands
from margin_trainer.config import parse_config
from margin_trainer.data.phantom import PhantomSet
from margin_trainer.failure import TrainerError
from margin_trainer.train.loop import Trainer
from margin_trainer.train.progress import Silence

NEEDED = ("margin_trainer.fine_tune.worker", "margin_trainer.gate.judge", "margin_trainer.export.write_package")
"""The child processes of the program, and what writes a package; what these import comes along."""
LOADED_LATE = ("onnxscript",)
"""Imported by PyTorch when it writes a graph."""
CONFIG = {
    "name": "check",
    "seed": 1,
    "data": {"kind": "phantom", "crop_px": 16, "cases": 8},
    "network": {"filters": [4, 8, 16, 32], "fusion_width": 8},
    "phase": [{"objective": "elbo", "steps": 4, "batch": 4, "rate": 1e-3}],
    "checkpoint": {"minutes": 0},
}


def add_commands(commands: Commands) -> None:
    """Parsers of this file's commands, each with what runs it."""
    check = commands.add_parser("check", help="can this Python train? seconds; prints one JSON object")
    check.set_defaults(act=run_check)


def run_check(arguments: argparse.Namespace) -> None:
    """Train four steps on a made-up picture. Refused: a module that is missing, weights that are not finite."""
    del arguments
    for name in (*NEEDED, *LOADED_LATE):
        try:
            importlib.import_module(name)
        except ImportError as failure:
            raise TrainerError(f"{name} cannot be loaded: {failure}") from failure
    config = parse_config(CONFIG)
    with tempfile.TemporaryDirectory() as folder:
        trainer = Trainer(config, PhantomSet(config.data, config.seed), (), Path(folder), Silence())
        trainer.run()
    total = sum(float(p.detach().abs().sum()) for p in trainer.model.parameters())
    if not math.isfinite(total):
        raise TrainerError("a training of four steps ended in weights that are not numbers")
    device = torch.cuda.get_device_name(0) if torch.cuda.is_available() else "CPU"
    print(json.dumps({"torch": torch.__version__, "device": device}))
