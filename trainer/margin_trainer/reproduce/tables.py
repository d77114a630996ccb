"""Markdown tables of the page, made from entries as `evaluate` prints them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from margin_trainer.reproduce.gather import Entry, Gathered, comparison_name
from margin_trainer.reproduce.seeds import MEASURES, mean_and_sd
from margin_trainer.reproduce.table_one import DATA_SETS, KIND_WORDS, ROWS, DataSet, printed
from margin_trainer.scoring.evaluate import Protocol
from margin_trainer.scoring.score import EVEN, EXPECTED, INDEPENDENT, MATCHED, MODEL_ERROR
from margin_trainer.scoring.scored import Scored

DATA_WORDS: dict[DataSet, str] = {"lidc": "LIDC-IDRI", "retina": "CHASE_DB1 and STARE"}
BASELINE_COLUMNS = ("GED_V", "HM-IoU@16", "Dice(a)")
HOW_WORDS = {"shipped": "", "run": " ¹", "recorded": " ²"}


def markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table; nothing without rows."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def number(value: float | None, digits: int = 3) -> str:
    """A number, or an empty cell."""
    return "" if value is None else f"{value:.{digits}f}"


def cell(result: dict[str, Any] | None, digits: int = 3) -> str:
    """Value and interval; empty where it was not taken."""
    if result is None:
        return ""
    low, high = result["interval"]
    return f"{result['value']:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


def share(result: dict[str, Any] | None) -> str:
    """Value and interval in per cent."""
    if result is None:
        return ""
    low, high = result["interval"]
    return f"{result['value']:.1%} ({low:.1%} to {high:.1%})"


def entries_of(found: Gathered, data_set: DataSet) -> list[Entry]:
    """In the order of the table."""
    return [found.entries[row.name] for row in ROWS if row.data_set == data_set and row.name in found.entries]


def label(entry: Entry) -> str:
    """Model, setting, and where its numbers are from."""
    setting = ", one reading" if entry.row.one_reading else ""
    return f"{entry.row.kind}{setting}{HOW_WORDS[entry.how]}"


def table_one(found: Gathered, data_set: DataSet) -> str:
    """The paper's numbers and ours, both settings; a row that was not run keeps its empty cells."""
    header = ["model", "readers", "GED (paper)", "GED_V@16", "@100", "model error", "HM-IoU@16", "Dice (paper)"]
    header += ["Dice(a)", "-CLL (paper)", "-CLL@100", "effective samples"]
    digits = 1 if data_set == "lidc" else 0
    rows = []
    for row in ROWS:
        if row.data_set != data_set:
            continue
        paper, entry = printed(row), found.entries.get(row.name)
        taken = {m: None if entry is None else entry.result(m) for m in TABLE_MEASURES}
        effective = taken["effective samples of -CLL"]
        rows.append(
            [
                KIND_WORDS[row.kind] + ("" if entry is None else HOW_WORDS[entry.how]),
                "one" if row.one_reading else "all",
                number(paper.ged),
                *[cell(taken[m]) for m in (EXPECTED, "GED_V@100")],
                model_error(entry),
                matched(entry),
                number(paper.dice),
                cell(taken["Dice(a)@100"]),
                number(paper.negative_log, 1),
                cell(taken["-CLL@100"], digits),
                "" if effective is None else f"{effective['value']:.1f}",
            ]
        )
    return markdown(header, rows)


TABLE_MEASURES = (EXPECTED, "GED_V@100", "Dice(a)@100", "-CLL@100", "effective samples of -CLL")
READINGS: dict[DataSet, int] = {"lidc": 4, "retina": 2}


def model_error(entry: Entry | None) -> str:
    """Of a record from before it was a measure: from the means that it is linear in, without an interval."""
    if entry is None:
        return ""
    found = entry.result(MODEL_ERROR)
    if found is not None:
        return cell(found)
    parts = [entry.result(measure) for measure in ("D_sy@100", "D_ss@100", "D_yy")]
    told = [part["value"] for part in parts if part is not None]
    if len(told) < len(parts):
        return ""
    readings = READINGS[entry.row.data_set]
    samples = 1.0 if entry.row.kind == "unet" else 100 / 99
    return f"{2 * told[0] - told[1] * samples - told[2] * readings / (readings - 1):.3f}"


def matched(entry: Entry | None) -> str:
    """HM-IoU averaged over blocks of 16; of a record from before, of one draw of the noise."""
    if entry is None:
        return ""
    found, one = entry.result(MATCHED), entry.result("HM-IoU@16")
    return cell(found) if found is not None else cell(one) + ("" if one is None else " ³")


EVEN_PAIRS = (
    ("GED_V@16", EXPECTED, f"GED_V@16{EVEN}"),
    ("GED_V@100", "GED_V@100", f"GED_V@100{EVEN}"),
    ("HM-IoU@16", MATCHED, f"HM-IoU@16{EVEN}"),
    ("Dice(a)@100", "Dice(a)@100", f"Dice(a)@100{EVEN}"),
)


def even_draws(found: Gathered, data_set: DataSet) -> str:
    """Independent and even draws of the same packages, side by side."""
    rows = []
    for entry in entries_of(found, data_set):
        if entry.result(EVEN_PAIRS[0][2]) is None:
            continue
        rows.append([label(entry), *[cell(entry.result(m)) for _, *both in EVEN_PAIRS for m in both]])
    header = [words for name, *_ in EVEN_PAIRS for words in (f"{name}, independent", "even")]
    return markdown(["model", *header], rows) if rows else "Not run."


def baselines(found: Gathered, data_set: DataSet) -> str:
    """Answers without a model, and the deterministic network's pixels drawn independently."""
    entries = [entry for entry in entries_of(found, data_set) if entry.scored is not None]
    if not entries:
        return "Not run."
    first = entries[0]
    names = [n for n in dict.fromkeys(r["baseline"] for r in first.results if r["baseline"]) if n != INDEPENDENT]
    rows = [[n, *[cell(first.result(measure, n)) for measure in BASELINE_COLUMNS]] for n in names]
    for entry in entries_of(found, data_set):
        if entry.result("GED_V@16", INDEPENDENT) is not None:
            ged = " / ".join(cell(entry.result(f"GED_V@{n}", INDEPENDENT)) for n in (16, 50, 100))
            others = [cell(entry.result(m, INDEPENDENT)) for m in ("HM-IoU@16", "Dice(a)@100")]
            rows.append([f"{label(entry)}: pixels drawn independently, @16 / @50 / @100", ged, *others])
    return markdown(["no model, or one answer's pixels", "GED_V", "HM-IoU@16", "Dice(a)"], rows)


def measures(found: Gathered, names: Sequence[tuple[str, str]], data_set: DataSet, percent: bool = False) -> str:
    """One row a model, one column a measure: (measure, heading)."""
    show = share if percent else cell
    rows = [[label(e), *[show(e.result(measure)) for measure, _ in names]] for e in entries_of(found, data_set)]
    return markdown(["model", *[heading for _, heading in names]], rows) if rows else "Not run."


def comparison(found: Gathered) -> str:
    """cflow-planar less probunet, per patient."""
    parts = []
    for data_set in DATA_SETS:
        for one_reading in (False, True):
            table = found.comparisons.get(comparison_name(data_set, one_reading))
            setting = "one reading an image" if one_reading else "all readers"
            if table is None:
                parts.append(f"**{DATA_WORDS[data_set]}, {setting}.** Not run.")
                continue
            rows = [
                [
                    row["measure"],
                    f"{row['value']:+.4f} ({row['low']:+.4f} to {row['high']:+.4f})",
                    *[f"{row[key]:.2g}" for key in ("p_t", "p_t_holm", "p_wilcoxon", "p_wilcoxon_holm")],
                ]
                for row in table["differences"]
            ]
            header = ["measure", "difference (95 %, BCa)", "t", "t, Holm", "Wilcoxon", "Wilcoxon, Holm"]
            first, second = table["models"]
            title = f"**{DATA_WORDS[data_set]}, {setting}**: {first} less {second}, {table['patients']} patients."
            parts.append(f"{title}\n\n{markdown(header, rows)}")
    return "\n\n".join(parts)


def robustness(checks: Sequence[tuple[Scored, str]]) -> str:
    """GED_V@16 and empty samples of the main packages when the input is disturbed."""
    rows = []
    for scored, words in checks:
        taken = {r["measure"]: r for r in scored.outcome()["results"] if not r["baseline"] and r["data"] == "test"}
        headline = [cell(taken[measure]) for measure in ("GED_V@16", EXPECTED)]
        rows.append([scored.manifest["id"], words, *headline, share(taken["empty samples"])])
    return markdown(["package", "disturbance", "GED_V@16", "expected", "empty samples"], rows) if rows else "Not run."


def likelihoods(found: Gathered) -> str:
    """Importance-sampled -CLL beside the bound; the effective sample size says how far to trust it."""
    rows = []
    for name, one in found.likelihoods.items():
        taken = {result["measure"]: result for result in one["results"]}
        rows.append(
            [
                name,
                cell(taken["-CLL"], 1),
                cell(taken["-ELBO"], 1),
                f"{taken['effective samples']['value']:.1f} of {one['samples']}",
            ]
        )
    return markdown(["run", "-CLL, importance-sampled", "-ELBO", "effective samples"], rows) if rows else "Not run."


def training(found: Gathered) -> str:
    """What was run, from the manifests."""
    rows = []
    for data_set in DATA_SETS:
        for entry in entries_of(found, data_set):
            facts = entry.training
            filters = "/".join(str(width) for width in facts["switches"]["filters"])
            rows.append(
                [
                    f"{data_set}: {label(entry)}",
                    filters,
                    f"{facts['steps']:,}".replace(",", " "),
                    f"{facts['images']:,}".replace(",", " "),
                    f"{facts['wallSeconds'] / 60:.0f}",
                    str(facts["chosenStep"]),
                    str(facts["seed"]),
                    facts["hardware"],
                ]
            )
    header = ["model", "filters", "steps", "images", "minutes", "weights of step", "seed", "hardware"]
    return markdown(header, rows) if rows else "Not run."


def seeds(found: Gathered) -> str:
    """Mean and sd over the seeds of each model that was trained from more than one, on the very same cases."""
    rows = []
    for name, others in found.seeds.items():
        entry = found.entries.get(name)
        if entry is None:
            continue
        own = {measure: entry.result(measure) for measure in MEASURES}
        same = {s: one for s, one in others.items() if one["casesSha256"] == entry.cases_sha256}
        if not same or any(result is None for result in own.values()):
            continue
        told = [str(entry.training["seed"]), *sorted(same, key=int)]
        values = [[own[m]["value"], *[one[m] for one in same.values()]] for m in MEASURES]  # type: ignore[index]
        rows.append([f"{entry.row.data_set}: {label(entry)}", ", ".join(told), *map(mean_and_sd, values)])
    return markdown(["model", "seeds", *MEASURES], rows) if rows else "One seed a model was trained."


def protocols(found: Gathered, protocol: Protocol) -> str:
    """The protocol of each data set, as recorded with the numbers, and what was left out."""
    lines = []
    if protocol.limit is not None:
        lines.append(f"> **Partial: {protocol.limit} images a data set only. Not the results.**\n")
    for data_set in DATA_SETS:
        # A model that draws samples says how; the deterministic one says "one answer".
        entries = sorted(entries_of(found, data_set), key=lambda entry: entry.row.kind == "unet")
        for entry in entries[:1]:
            images = entry.result("GED_V@16")
            if entry.scored is not None and images is not None:
                patients = len({record.patient for record in entry.scored.records})
                text = entry.results[0]["protocol"]
                lines.append(f"* **{DATA_WORDS[data_set]}**: {images['n']} images of {patients} patients. {text}")
    lines += [f"* Left out: {reason}." for reason in found.left_out]
    hows = {entry.how for entry in found.entries.values()}
    if "recorded" in hows:
        lines.append("* ³ One draw of the noise: recorded before it was averaged.")
    if "run" in hows:
        lines.append("* ¹ From a run whose package is not shipped; recorded in docs/results/not-shipped.json.")
    if "recorded" in hows:
        lines.append(
            "* ² From docs/results/not-shipped.json, recorded when the run was at hand; its weights are not shipped."
        )
    return "\n".join(lines)
