"""A queue file: which configurations are trained from which seeds, and what is compared when all of them are there."""

from __future__ import annotations

import hashlib
import json
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from margin_trainer.config import TrainingConfig, load_config, options_told
from margin_trainer.failure import TrainerError
from margin_trainer.reproduce.seeds import run_name


@dataclass(frozen=True)
class Run:
    """One training of the queue. `config` carries the seed and the run's name; `configuration` is the file's name."""

    configuration: str
    config: TrainingConfig

    @property
    def name(self) -> str:
        """Name of the run's folder and of its row."""
        return self.config.name

    @property
    def digest(self) -> str:
        """Hash of everything that defines the run: a row of another configuration is not taken for this one's."""
        return digest_of(self.config)


def digest_of(config: TrainingConfig) -> str:
    """Hash of the options that are not at their default."""
    return hashlib.sha256(json.dumps(options_told(config), sort_keys=True).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Comparison:
    """Two configurations, by name: first less second."""

    first: str
    second: str


@dataclass(frozen=True)
class Plan:
    """Runs in their order."""

    name: str
    seeds: tuple[int, ...]
    runs: tuple[Run, ...]
    comparisons: tuple[Comparison, ...]


def results_beside(queue: Path, plan: Plan) -> Path:
    """Where the results of a queue file's runs are kept: a folder of its name beside it."""
    return queue.parent / plan.name


def read_plan(path: Path) -> Plan:
    """Read a queue file; refused with its name: unreadable, an option missing, of another type or unknown."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TrainerError(f"{path}: cannot be read as TOML: {error}") from error
    try:
        return _plan(raw, path.parent)
    except TrainerError as failure:
        raise TrainerError(f"{path}: {failure}") from failure


def _plan(raw: dict[str, Any], folder: Path) -> Plan:
    unknown = set(raw) - {"name", "seeds", "configs", "comparison"}
    if unknown:
        raise TrainerError(f"unknown option {min(unknown)}; known: comparison, configs, name, seeds")
    name, seeds, files = raw.get("name"), raw.get("seeds"), raw.get("configs")
    if not isinstance(name, str) or not name or Path(name).name != name:
        raise TrainerError("name: words that can name a file are needed")
    if not isinstance(seeds, list) or not seeds or not all(type(s) is int and s >= 0 for s in seeds):
        raise TrainerError("seeds: a list of whole numbers from 0 on is needed")
    if not isinstance(files, list) or not files or not all(isinstance(f, str) for f in files):
        raise TrainerError("configs: a list of files is needed")
    configs = [load_config(folder / file) for file in files]
    names = [config.name for config in configs]
    for what, listed in (("seeds", seeds), ("configs", names)):
        if len(set(listed)) < len(listed):
            raise TrainerError(f"{what}: one of them stands there twice")
    runs = [
        Run(config.name, replace(config, seed=seed, name=run_name(config.name, seed)))
        for seed in seeds
        for config in configs
    ]
    return Plan(name, tuple(seeds), tuple(runs), _comparisons(raw.get("comparison", []), names))


def _comparisons(raw: Any, names: list[str]) -> tuple[Comparison, ...]:
    if not isinstance(raw, list) or not all(isinstance(one, dict) and set(one) == {"first", "second"} for one in raw):
        raise TrainerError("comparison: tables of first and second are needed")
    found = tuple(Comparison(one["first"], one["second"]) for one in raw)
    for name in (name for one in found for name in (one.first, one.second)):
        if name not in names:
            raise TrainerError(f"comparison: {name!r} is not among the configurations of the queue")
    return found
