"""Sections of docs/results.md that are made of kept results alone: written again without data or models."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from margin_trainer.clinics.section import clinics_section
from margin_trainer.experiment.kept import read_kept, replace_file
from margin_trainer.experiment.plan import read_plan, results_beside
from margin_trainer.experiment.table import as_markdown
from margin_trainer.failure import TrainerError
from margin_trainer.reproduce.tables import markdown
from margin_trainer.scoring.whole_lesions import PERCENT

CONFORMAL = "calibrated-sizes"
WHOLE_LESIONS = "whole-lesions"
CLINICS = "simulated-clinics"
QUEUE = "flow-by-the-elbo.toml"


def kept_sections(queues: Path, results: Path) -> dict[str, str]:
    """Every such section by name, between marks that `refresh` finds again; `results` holds what commands kept."""
    made = {
        "flow by the elbo": queue_section(queues / QUEUE),
        "calibrated sizes": conformal_section(read_outcomes(results, CONFORMAL)),
        "simulated clinics": clinics_section(read_outcomes(results, CLINICS)),
        "whole lesions": lesions_section(read_outcomes(results, WHOLE_LESIONS)),
    }
    return {name: f"<!-- kept: {name} -->\n\n{text.strip()}\n\n<!-- end: {name} -->" for name, text in made.items()}


def queue_section(file: Path) -> str:
    """What has come of a queue so far."""
    plan = read_plan(file)
    return as_markdown(plan, read_kept(results_beside(file, plan), plan))


def read_outcomes(results: Path, name: str) -> dict[str, Any]:
    """What a command found, by model. Refused by name: damaged."""
    path = results / f"{name}.json"
    if not path.exists():
        return {}
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise TrainerError(f"{path}: cannot be read: {error}") from error


def keep_outcome(results: Path, name: str, model: str, outcome: dict[str, Any]) -> None:
    """Put a model's outcome in the place of an earlier one."""
    every = read_outcomes(results, name) | {model: outcome}
    results.mkdir(parents=True, exist_ok=True)
    replace_file(results / f"{name}.json", json.dumps(dict(sorted(every.items())), indent=1) + "\n")


SIZE_WORDS = {"area": "area", "equivalentDiameter": "equivalent diameter", "longestDiameter": "longest diameter"}


def conformal_section(outcomes: dict[str, Any]) -> str:
    """Coverage and width of intervals of sizes on the test part, before and after the adjustment."""
    if not outcomes:
        return "Not run."
    header = ["model", "size", "interval", "level", "covers, samples'", "width", "covers, calibrated", "width"]
    rows = []
    for name, outcome in outcomes.items():
        for row in outcome["rows"]:
            cells = [name, SIZE_WORDS[row["size"]], f"{row['percent']} %", f"{row['level']:.3f}"]
            for when in ("before", "after"):
                found = row[when]
                low, high = found["interval"]
                cells += [f"{found['covered']:.3f} ({low:.3f} to {high:.3f})", f"{found['width']:.1f}x"]
            rows.append(cells)
    told = [
        f"{name}: fitted on {outcome['fitted']['patients']} patients of the validation part "
        f"({outcome['fitted']['readings']} readings that mark something), measured on "
        f"{outcome['tested']['patients']} of the test part ({outcome['tested']['readings']})."
        for name, outcome in outcomes.items()
    ]
    return f"{' '.join(told)}\n\n{markdown(header, rows)}"


def lesions_section(outcomes: dict[str, Any]) -> str:
    """Coverage, width, CRPS and bias of volumes by the coupling of slices, before and after the adjustment."""
    if not outcomes:
        return "Not run yet: its two trainings have not come to their end. No coupling is chosen before."
    header = ["coupling", "length, mm", "CRPS of log volume", "bias, log"]
    header += [f"{percent} %, {when}" for when in ("samples'", "calibrated") for percent in PERCENT]
    parts = []
    for outcome in outcomes.values():
        rows = []
        for row in outcome["rows"]:
            lengths = "" if row["lengthsMm"] is None else ", ".join(f"{length:g}" for length in row["lengthsMm"])
            low, high = row["crps"]["interval"]
            cells = [row["coupling"], lengths, f"{row['crps']['value']:.3f} ({low:.3f} to {high:.3f})"]
            cells.append(f"{row['bias']:+.2f}")
            for when in ("before", "after"):
                found = [row[when][str(percent)] for percent in PERCENT]
                cells += [f"{one['covered']:.3f}, {one['width']:.1f}x" for one in found]
            rows.append(cells)
        picked = outcome["chosen"]
        verdict = "none covers 0.93 to 0.97 at 95 %" if picked is None else f"the narrowest that covers is *{picked}*"
        counted = f"{outcome['lesions']} lesions of {outcome['patients']} patients, {outcome['readings']} readings"
        shards = ", ".join(map(str, outcome["shards"]))
        told = f"Shards {shards}: {counted}; after calibration {verdict}. Runs: {'; '.join(outcome['runs'])}."
        parts.append(f"{told}\n\n{markdown(header, rows)}")
    return "\n\n".join(parts)


def refresh(page: Path, made: dict[str, str]) -> None:
    """Put the sections in the place of those that stand on the page. Refused by name: a page without one of them."""
    try:
        text = page.read_text(encoding="utf-8")
    except OSError as error:
        raise TrainerError(f"{page}: cannot be read: {error}") from error
    for name, section in made.items():
        place = re.compile(rf"<!-- kept: {re.escape(name)} -->.*?<!-- end: {re.escape(name)} -->", re.DOTALL)
        found = list(place.finditer(text))
        if len(found) != 1:
            raise TrainerError(f"{page}: has not one place for {name!r}; write the whole page with 'reproduce'")
        text = text[: found[0].start()] + section + text[found[0].end() :]
    replace_file(page, text)
