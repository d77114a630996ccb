"""docs/results.md: hand-written text of a template with generated sections in the places that it names."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from margin_trainer.failure import TrainerError
from margin_trainer.reproduce import tables
from margin_trainer.reproduce.gather import Gathered
from margin_trainer.reproduce.table_one import DATA_SETS, DataSet
from margin_trainer.scoring.evaluate import Protocol
from margin_trainer.scoring.scored import Scored

PLACE = re.compile(r"^<!-- generated: ([a-z ]+) -->$", re.MULTILINE)
HEAD = (
    "<!-- Written by `python -m margin_trainer reproduce` from docs/results.template.md: "
    "change the text there, the numbers nowhere. -->\n\n"
)

COMPONENTS = (
    ("GED_V@16, expected", "GED_V@16"),
    ("noise of the readings", "= noise of the readings"),
    ("noise of 16 samples", "+ noise of 16 samples"),
    ("model error", "+ model error"),
    ("model error, marked or empty", "of that: marked or empty"),
    ("model error, outlines", "of that: outlines"),
    ("D_sy@100", "D_sy"),
    ("D_ss@100", "D_ss"),
    ("D_yy", "D_yy"),
    ("GED_U(samples)@100", "GED_U(samples)"),
)
DICE = tuple((f"Dice({k})@{n}", f"Dice({k})") for k, n in zip("abcde", (100, 100, 100, 16, 100), strict=True))
EMPTIES = (
    ("empty samples", "empty samples"),
    ("empty readings", "empty readings"),
    ("empty samples where every reader marked", "empty samples where every reader marked"),
    ("all samples empty, all readings not", "images with only empty samples though every reader marked"),
)
CALIBRATION = (
    ("Brier@100", "Brier"),
    ("ECE@100", "ECE"),
    ("ACE@100", "ACE"),
    ("Brier near the marks@100", "Brier, near"),
    ("ECE near the marks@100", "ECE, near"),
    ("ACE near the marks@100", "ACE, near"),
    ("S_NCC@100", "S_NCC"),
)
COVERAGE = tuple(
    (f"{what} in the {percent} % interval", f"{what}, {percent} %")
    for what in ("area", "longest diameter")
    for percent in (50, 90, 95)
)

ATTRIBUTION: dict[DataSet, str] = {
    "lidc": "Images: LIDC-IDRI, The Cancer Imaging Archive, CC BY 3.0, doi:10.7937/K9/TCIA.2015.LO9QL9SX; cropped and "
    "rescaled. Median and tenths of the test part by the readers' distance to each other.",
    "retina": "Photograph: CHASE_DB1, Kingston University, CC BY 4.0 (Fraz et al. 2012); green channel of a part of "
    "the first test photograph, scaled to a height of 512 px.",
}


def sections(
    found: Gathered, protocol: Protocol, checks: Sequence[tuple[Scored, str]], pictures: dict[DataSet, str]
) -> dict[str, str]:
    """Every generated section by name."""
    made = {
        "protocol": tables.protocols(found, protocol),
        "comparison": tables.comparison(found),
        "robustness": tables.robustness(checks),
        "likelihood": tables.likelihoods(found),
        "training": tables.training(found),
        "seeds": tables.seeds(found),
    }
    taken: dict[str, Callable[[DataSet], str]] = {
        "table": lambda d: tables.table_one(found, d),
        "baselines": lambda d: tables.baselines(found, d),
        "components": lambda d: tables.measures(found, COMPONENTS, d),
        "even": lambda d: tables.even_draws(found, d),
        "dice": lambda d: tables.measures(found, DICE, d),
        "empties": lambda d: tables.measures(found, EMPTIES, d, percent=True),
        "calibration": lambda d: tables.measures(found, CALIBRATION, d),
        "coverage": lambda d: tables.measures(found, COVERAGE if d == "lidc" else COVERAGE[:3], d, percent=True),
        "figure": lambda d: figure(pictures, d),
    }
    for name, make in taken.items():
        for data_set in DATA_SETS:
            made[f"{name} {data_set}"] = make(data_set)
    return made


def figure(pictures: dict[DataSet, str], data_set: DataSet) -> str:
    """The picture with its legend."""
    if data_set not in pictures:
        return "Not run."
    words = (
        "First row: image, then the readers. Other rows: share of 100 samples that mark a pixel (black 0, white 1), "
        "then eight samples in the order drawn; the deterministic network has one."
    )
    alt = f"Readers, samples and mean of each model on {tables.DATA_WORDS[data_set]}"
    return f"![{alt}]({pictures[data_set]})\n\n{words} {ATTRIBUTION[data_set]}"


def compose(template: Path, made: dict[str, str]) -> str:
    """The page. Refused, naming it: a place with an unknown name, or a section without a place."""
    try:
        text = template.read_text(encoding="utf-8")
    except OSError as error:
        raise TrainerError(f"{template}: cannot be read: {error}") from error
    places = PLACE.findall(text)
    unknown, unplaced = sorted(set(places) - set(made)), sorted(set(made) - set(places))
    if unknown:
        raise TrainerError(f"{template}: no generated section is called {', '.join(map(repr, unknown))}")
    if unplaced:
        raise TrainerError(f"{template}: has no place for {', '.join(map(repr, unplaced))}")
    return HEAD + PLACE.sub(lambda match: made[match[1]], text)
