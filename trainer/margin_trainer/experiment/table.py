"""The table of a queue, as JSON and for people. Rows are added as runs end."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from margin_trainer.experiment.kept import Row, replace_file
from margin_trainer.experiment.plan import Comparison, Plan
from margin_trainer.experiment.score_run import COMPARED
from margin_trainer.failure import TrainerError
from margin_trainer.measures.crossed import crossed_mean
from margin_trainer.scoring.score import MODEL_ERROR

JUDGED = "test"
"""The part that the rule is applied to; the validation part stands beside it."""
SHOWN = (COMPARED, MODEL_ERROR, "HM-IoU@16")


def read_rows(path: Path) -> list[Row]:
    """Rows of a table that a queue wrote. Refused by name: none there, damaged."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))["rows"]
        return [dict(row) for row in rows if row["run"] and row["digest"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TrainerError(f"{path}: no table of a queue: {error}") from error


def write_table(folder: Path, plan: Plan, rows: Sequence[Row]) -> None:
    """NAME.json and NAME.md, each either the old or the new file."""
    compared = [compare_rows(rows, plan, one, split) for one in plan.comparisons for split in (JUDGED, "validation")]
    table = {"name": plan.name, "seeds": list(plan.seeds), "comparisons": compared, "rows": list(rows)}
    replace_file(folder / f"{plan.name}.json", json.dumps(table, indent=1) + "\n")
    replace_file(folder / f"{plan.name}.md", as_markdown(plan, rows))


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
    """How much of the queue is there, the comparisons, the runs."""
    ended = {row["seed"] for row in rows}
    whole = [
        seed for seed in plan.seeds if sum(row["seed"] == seed for row in rows) == len(plan.runs) / len(plan.seeds)
    ]
    hours = sum(row["hours"] for row in rows)
    lines = [
        f"{len(rows)} of {len(plan.runs)} runs ended ({hours:.1f} hours of wall), {len(whole)} of {len(plan.seeds)} "
        f"seeds with all of theirs{'' if len(ended) == len(whole) else f', {len(ended - set(whole))} with some'}. "
        "A comparison concludes nothing before every seed is there.",
        "",
        f"First less second, {COMPARED}, {JUDGED}, mean over patients; negative is better.",
        "",
        "| first | second | seeds | each | all, 95 % over patients and seeds |",
        "| --- | --- | --- | --- | --- |",
    ]
    for one in plan.comparisons:
        found = compare_rows(rows, plan, one, JUDGED)
        each = ", ".join(f"{value:+.3f}" for value in found.get("by seed", []))
        told = f"{len(found['seeds'])} of {len(plan.seeds)}"
        lines.append(f"| {one.first} | {one.second} | {told} | {each} | {answer(found)} |")
    lines += ["", "| configuration | seed | steps | wall h | " + " | ".join(f"{m}, {JUDGED}" for m in SHOWN)]
    lines[-1] += " | validation |"
    lines += ["| --- " * (5 + len(SHOWN)) + "|"]
    for row in rows:
        means = row["scores"][JUDGED]["means"]
        cells = [f"{means[measure]:.3f}" for measure in SHOWN]
        beside = f"{row['scores']['validation']['means'][COMPARED]:.3f}"
        head = [row["configuration"], str(row["seed"]), str(row["steps"]), f"{row['hours']:.2f}"]
        lines.append("| " + " | ".join([*head, *cells, beside]) + " |")
    return "\n".join(lines if rows else lines[: 6 + len(plan.comparisons)]) + "\n"


def answer(found: dict[str, Any]) -> str:
    """What the rule says of a comparison, which before every seed is there is nothing."""
    if "interval" not in found:
        return "not yet: the rule asks for all seeds"
    low, high = found["interval"]
    words = "first is better" if high < 0 else "first is worse" if low > 0 else "not shown to differ"
    return f"{found['value']:+.4f} [{low:+.4f}, {high:+.4f}]: {words}"
