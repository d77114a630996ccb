"""Scores every model of the table: shipped packages, finished runs, and what was recorded of runs that are not here."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from margin_trainer.export.write_package import write_package
from margin_trainer.failure import TrainerError
from margin_trainer.package import read_manifest
from margin_trainer.reproduce.finished import finished
from margin_trainer.reproduce.seeds import score_seeds
from margin_trainer.reproduce.table_one import DATA_SETS, ROWS, DataSet, Row
from margin_trainer.scoring.compare import compare
from margin_trainer.scoring.evaluate import Protocol
from margin_trainer.scoring.likelihood import evaluate_likelihood
from margin_trainer.scoring.scored import Scored, ScoreStore

COMPARED = ("cflow-planar", "probunet")
KEPT_OF_A_RESULT = ("data", "n", "measure", "value", "interval", "baseline")
NOT_SHIPPED = "not-shipped"


@dataclass(frozen=True)
class Entry:
    """A model of the table. `how`: shipped (a package here), run (a finished run, exported now) or recorded.

    `cases_sha256`: of the cases that the results were taken on.
    """

    row: Row
    how: str
    training: dict[str, Any]
    results: list[dict[str, Any]]
    cases_sha256: str
    scored: Scored | None = None
    package: Path | None = None

    def result(self, measure: str, baseline: str | None = None) -> dict[str, Any] | None:
        """The entry of a measure over the whole split; None where it was not taken."""
        for one in self.results:
            if one["measure"] == measure and one["baseline"] == (baseline or False) and one["data"] == "test":
                return one
        return None


@dataclass
class Gathered:
    """All that the page is made of."""

    entries: dict[str, Entry] = field(default_factory=dict)
    comparisons: dict[str, dict[str, Any]] = field(default_factory=dict)
    likelihoods: dict[str, dict[str, Any]] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    seeds: dict[str, dict[str, Any]] = field(default_factory=dict)


def gather(store: ScoreStore, protocol: Protocol, models: Path, runs: Path, recorded: Path, hardware: str) -> Gathered:
    """Score what is here, fill in from `recorded` what is not; `recorded` is rewritten unless the result is partial."""
    kept = read_recorded(recorded)
    found = Gathered()
    with tempfile.TemporaryDirectory() as exported:
        for row in ROWS:
            entry = _entry(row, store, protocol, models, runs, Path(exported), hardware, kept, found.left_out)
            if entry is not None:
                found.entries[row.name] = entry
                likelihood = _likelihood(entry, store, protocol, runs, Path(exported), kept)
                if likelihood is not None:
                    found.likelihoods[row.name] = likelihood
        found.seeds = kept["seeds"] if protocol.limit is None else {}
        for name, scores in score_seeds(store, protocol, runs, Path(exported), hardware).items():
            found.seeds[name] = found.seeds.get(name, {}) | scores
        for data_set in DATA_SETS:
            for one_reading in (False, True):
                _compare(found, kept, data_set, one_reading)
    if protocol.limit is None:
        write_recorded(recorded, found)
    return found


def _entry(
    row: Row,
    store: ScoreStore,
    protocol: Protocol,
    models: Path,
    runs: Path,
    exported: Path,
    hardware: str,
    kept: dict[str, Any],
    left_out: list[str],
) -> Entry | None:
    """A row's entry from the first of: package, finished run, record."""
    package, how = models / row.name, "shipped"
    if not (package / "manifest.json").exists():
        package, how = exported / row.name, "run"
        if finished(runs / row.name):
            write_package(runs / row.name, package, hardware)
        else:
            return _recorded_entry(row, store, protocol, kept, left_out)
    scored = store.score(package, protocol)
    results = scored.outcome()["results"]
    return Entry(row, how, scored.manifest["training"], results, scored.cases_sha256, scored, package)


def _recorded_entry(
    row: Row, store: ScoreStore, protocol: Protocol, kept: dict[str, Any], left_out: list[str]
) -> Entry | None:
    """What was recorded of a run that is not here, if it was scored on the very cases that are here."""
    record = kept["runs"].get(row.name)
    if record is None or protocol.limit is not None:
        return None
    if record["casesSha256"] != store.cases_sha256(record, protocol):
        left_out.append(f"{row.name} was recorded on other data than those here")
        return None
    return Entry(row, "recorded", record["training"], record["results"], record["casesSha256"])


def _likelihood(
    entry: Entry, store: ScoreStore, protocol: Protocol, runs: Path, exported: Path, kept: dict[str, Any]
) -> dict[str, Any] | None:
    """Importance-sampled -CLL: from the run where its export is this very package, else as recorded for its graphs."""
    if entry.row.kind == "unet" or protocol.limit is not None:
        return None
    record: dict[str, Any] | None = kept["likelihoods"].get(entry.row.name)
    if entry.scored is None or entry.package is None:
        return record
    graphs = graphs_of(entry.scored.manifest)
    if record is not None and record["graphs"] == graphs and record["casesSha256"] == entry.scored.cases_sha256:
        return record
    run = runs / entry.row.name
    if not finished(run):
        return None
    if entry.how == "shipped":
        again = exported / entry.row.name
        write_package(run, again, "")
        if graphs_of(read_manifest(again)) != graphs:
            return None
    outcome = evaluate_likelihood(
        run, store.data, protocol, report=lambda done, total: store.report(f"{entry.row.name}, -CLL", done, total)
    )
    return {"graphs": graphs, "casesSha256": entry.scored.cases_sha256, **outcome}


def graphs_of(manifest: dict[str, Any]) -> list[str]:
    """sha256 of the package's graphs."""
    return [manifest["graphs"][role]["sha256"] for role in ("encoder", "sampler")]


def comparison_name(data_set: DataSet, one_reading: bool) -> str:
    """Key of a comparison."""
    return f"{data_set}{'-one-reading' if one_reading else ''}"


def _compare(found: Gathered, kept: dict[str, Any], data_set: DataSet, one_reading: bool) -> None:
    """Planar against K = 0, trained on the same readings; as recorded where neither is here."""
    pair = [found.entries.get(Row(data_set, kind, one_reading).name) for kind in COMPARED]
    if any(entry is None for entry in pair):
        return
    scored = [entry.scored for entry in pair if entry is not None and entry.scored is not None]
    name = comparison_name(data_set, one_reading)
    if len(scored) == 2:
        found.comparisons[name] = compare(scored[0], scored[1])
    elif not scored and name in kept["comparisons"]:
        found.comparisons[name] = kept["comparisons"][name]


def read_recorded(path: Path) -> dict[str, Any]:
    """The record; empty where there is none. Refused by name: damaged."""
    record: dict[str, Any] = {"runs": {}, "comparisons": {}, "likelihoods": {}, "seeds": {}}
    if not path.exists():
        return record
    try:
        record |= json.loads(path.read_text(encoding="utf-8"))
        return record
    except (OSError, ValueError, TypeError) as error:
        raise TrainerError(f"{path}: cannot be read: {error}") from error


def write_recorded(path: Path, found: Gathered) -> None:
    """Keep what cannot be computed again from the shipped packages alone."""
    kept = read_recorded(path)
    for name, entry in found.entries.items():
        if entry.how == "run" and entry.scored is not None:
            manifest = entry.scored.manifest
            kept["runs"][name] = {
                "modality": manifest["modality"],
                "input": manifest["input"],
                "graphs": graphs_of(manifest),
                "casesSha256": entry.scored.cases_sha256,
                "training": entry.training,
                "results": [
                    {key: one[key] for key in KEPT_OF_A_RESULT}
                    for one in entry.results
                    if one["data"] == "test" and (not one["baseline"] or "pixels" in one["baseline"])
                ],
            }
    for name, comparison in found.comparisons.items():
        if name.endswith("-one-reading"):
            kept["comparisons"][name] = comparison
    kept["likelihoods"] |= found.likelihoods
    kept["seeds"] = found.seeds
    if any(kept.values()):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
