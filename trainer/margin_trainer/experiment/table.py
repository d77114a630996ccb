"""The table of a queue: JSON that a later call goes on from, and Markdown for people. Rows are added as runs end."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from margin_trainer.experiment.plan import Comparison, Plan
from margin_trainer.experiment.score_run import COMPARED
from margin_trainer.failure import TrainerError
from margin_trainer.measures.crossed import crossed_mean
from margin_trainer.scoring.score import MODEL_ERROR

Row = dict[str, Any]
JUDGED = "test"
"""The part that the rule is applied to; the validation part stands beside it."""
SHOWN = (COMPARED, MODEL_ERROR, "HM-IoU@16")


def read_rows(path: Path) -> list[Row]:
    """Rows written so far; none where there is no table yet. Refused by name: a damaged table."""
    if not path.exists():
        return []
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))["rows"]
        return [dict(row) for row in rows if row["run"] and row["digest"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TrainerError(f"{path}: damaged table: {error}; move it away to begin a new one") from error


def write_table(folder: Path, plan: Plan, rows: Sequence[Row]) -> None:
    """NAME.json and NAME.md, each either the old or the new file."""
    compared = [compare_rows(rows, plan, one, split) for one in plan.comparisons for split in (JUDGED, "validation")]
    table = {"name": plan.name, "seeds": list(plan.seeds), "comparisons": compared, "rows": list(rows)}
    _replace(folder / f"{plan.name}.json", json.dumps(table, indent=1) + "\n")
    _replace(folder / f"{plan.name}.md", as_markdown(plan, rows))


def compare_rows(rows: Sequence[Row], plan: Plan, comparison: Comparison, split: str) -> dict[str, Any]:
    """Paired differences over seeds and patients; the interval and the rule's answer only where every seed is there."""
    by_seed = {
        name: {row["seed"]: row for row in rows if row["configuration"] == name} for name in vars(comparison).values()
    }
    both = [seed for seed in plan.seeds if all(seed in found for found in by_seed.values())]
    result: dict[str, Any] = {"first": comparison.first, "second": comparison.second, "split": split, "seeds": both}
    if not both:
        return result
    values = [
        [by_seed[name][seed]["scores"][split]["patients"][COMPARED] for seed in both]
        for name in (comparison.first, comparison.second)
    ]
    patients = sorted(values[0][0])
    first, second = (np.array([[of[p] for p in patients] for of in side]) for side in values)
    differences = first - second
    result |= {"patients": len(patients), "by seed": [round(float(d), 5) for d in differences.mean(axis=1)]}
    if len(both) == len(plan.seeds) > 1 and len(patients) > 1:
        found = crossed_mean(differences)
        low, high = round(found.low, 5), round(found.high, 5)
        result |= {"value": round(found.value, 5), "interval": [low, high], "excludes 0": low > 0 or high < 0}
    return result


def as_markdown(plan: Plan, rows: Sequence[Row]) -> str:
    """The table, the comparisons, and how much of the queue is there."""
    lines = [f"{len(rows)} of {len(plan.runs)} runs.", ""]
    lines += [
        "| configuration | seed | steps | wall h | " + " | ".join(f"{m}, {JUDGED}" for m in SHOWN) + " | validation |"
    ]
    lines += ["| --- " * (5 + len(SHOWN)) + "|"]
    for row in rows:
        means = row["scores"][JUDGED]["means"]
        cells = [f"{means[measure]:.3f}" for measure in SHOWN]
        beside = f"{row['scores']['validation']['means'][COMPARED]:.3f}"
        head = [row["configuration"], str(row["seed"]), str(row["steps"]), f"{row['hours']:.2f}"]
        lines.append("| " + " | ".join([*head, *cells, beside]) + " |")
    lines += ["", f"First less second, {COMPARED}, {JUDGED}, mean over patients; negative is better.", ""]
    lines += [
        "| first | second | seeds | each | all, 95 % over patients and seeds |",
        "| --- | --- | --- | --- | --- |",
    ]
    for one in plan.comparisons:
        found = compare_rows(rows, plan, one, JUDGED)
        each = ", ".join(f"{value:+.3f}" for value in found.get("by seed", []))
        whole = "not yet: the rule asks for all seeds"
        if "interval" in found:
            whole = f"{found['value']:+.4f} [{found['interval'][0]:+.4f}, {found['interval'][1]:+.4f}]"
        told = f"{len(found['seeds'])} of {len(plan.seeds)}"
        lines.append(f"| {one.first} | {one.second} | {told} | {each} | {whole} |")
    return "\n".join(lines) + "\n"


def _replace(path: Path, text: str) -> None:
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
