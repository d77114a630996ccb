"""The simulation's part of docs/results.md."""

from __future__ import annotations

from typing import Any

from margin_trainer.reproduce.tables import markdown

VERDICTS = ("improves", "no-harm", "too-few", "worse")


def clinics_section(outcomes: dict[str, Any]) -> str:
    """Both tables of every model that was simulated."""
    if not outcomes:
        return "Not run."
    return "\n\n".join(_of_model(name, told) for name, told in outcomes.items())


def _of_model(name: str, told: dict[str, Any]) -> str:
    clinics = "; ".join(f"*{clinic}*: {words}" for clinic, words in told["clinics"].items())
    head = (
        f"{name} {told['version']}, seed {told['seed']}: judged on {told['testPatients']} patients, one image each, "
        f"{told['draws']} even draws, {told['refits']} refits. {clinics}."
    )
    return "\n\n".join([head, _changes(told["rows"]), _orders(told["rows"]), _gate(told)])


def _cell(row: dict[str, Any]) -> str:
    low, high = row["interval"]
    return f"{row['change']:+.3f} ({low:+.3f} to {high:+.3f}); {row['sizeBias'][1]:+.2f}"


def _changes(rows: list[dict[str, Any]]) -> str:
    """A line a clinic and method, a column a number of cases: change in expected GED and the bias of the size after."""
    at_random = [row for row in rows if row["order"] == "random"]
    sizes = sorted({row["cases"] for row in at_random})
    lines = []
    for clinic in dict.fromkeys(row["clinic"] for row in at_random):
        own = [row for row in at_random if row["clinic"] == clinic]
        for method in dict.fromkeys(row["method"] for row in own):
            by_size = {row["cases"]: row for row in own if row["method"] == method}
            before = f"{own[0]['parentGed']:.3f}; {own[0]['sizeBias'][0]:+.2f}"
            lines.append([clinic, before, method, *[_cell(by_size[n]) if n in by_size else "" for n in sizes]])
    return markdown(["clinic", "parent: GED; size bias", "method", *[f"{n} cases" for n in sizes]], lines)


def _orders(rows: list[dict[str, Any]]) -> str:
    """The worklist's order against a random one, method heads."""
    lines = []
    for row in rows:
        if row["order"] != "worklist":
            continue
        other = next(
            one
            for one in rows
            if one["order"] == "random" and all(one[key] == row[key] for key in ("clinic", "method", "cases"))
        )
        lines.append([row["clinic"], str(row["cases"]), _cell(other), _cell(row)])
    return markdown(["clinic", "cases", "at random", "by the worklist"], lines)


def _gate(told: dict[str, Any]) -> str:
    """Verdicts by what is true on all patients."""
    lines = []
    for row in told["gate"]:
        for kind in ("better", "same", "worse"):
            found = row[kind]
            if found["of"]:
                shares = [f"{found.get(verdict, 0):.1%}" for verdict in VERDICTS]
                lines.append([str(row["patients"]), kind, str(found["of"]), *shares])
    return markdown(["held-out patients", "in truth", "verdicts", *[f"said: {one}" for one in VERDICTS]], lines)
