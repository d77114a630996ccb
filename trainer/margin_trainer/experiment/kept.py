"""Results of ended runs, one small file a run, in the repository: a queue of many days outlives the machine it runs on.

A file holds what the rule of a comparison needs (means by patient), never weights.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from margin_trainer.experiment.plan import Plan
from margin_trainer.failure import TrainerError

Row = dict[str, Any]


def read_kept(folder: Path, plan: Plan) -> list[Row]:
    """Rows of the plan's runs, in its order; a result of another configuration of the same name is none of this run."""
    found = [(run.digest, folder / f"{run.name}.json") for run in plan.runs]
    rows = [(digest, _read(path)) for digest, path in found if path.exists()]
    return [row for digest, row in rows if row["digest"] == digest]


def keep(folder: Path, row: Row) -> None:
    """Write a run's result; either the old file stays or the new one is whole."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in row.items())
    replace_file(folder / f"{row['run']}.json", "{\n" + lines + "\n}\n")


def take(folder: Path, plan: Plan, rows: Sequence[Row]) -> list[str]:
    """Keep rows of another checkout's table that are this plan's; names of those taken."""
    kept = {row["run"] for row in read_kept(folder, plan)}
    digests = {run.name: run.digest for run in plan.runs}
    wanted = [row for row in rows if digests.get(row["run"]) == row["digest"] and row["run"] not in kept]
    for row in wanted:
        keep(folder, row)
    return [row["run"] for row in wanted]


def _read(path: Path) -> Row:
    try:
        row: Row = json.loads(path.read_text(encoding="utf-8"))
        if row["run"] != path.stem or not all(row[key] for key in ("digest", "configuration", "steps", "scores")):
            raise ValueError("not the result of the run that it is named after")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TrainerError(f"{path}: damaged result: {error}; delete it and the run is trained again") from error
    return row


def replace_file(path: Path, text: str) -> None:
    """Write beside, sync, rename."""
    beside = path.with_name(path.name + ".part")
    try:
        with beside.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        raise TrainerError(f"{path}: cannot be written: {error}") from error
