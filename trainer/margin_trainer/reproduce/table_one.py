"""Table 1 of the paper (arXiv 2006.02683): its models, data sets and settings, and the numbers that it prints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

DataSet = Literal["lidc", "retina"]
DATA_SETS: tuple[DataSet, ...] = ("lidc", "retina")
KINDS = ("unet", "probunet", "cflow-planar", "cflow-glow")
ONE_READING = "-one-reading"

KIND_WORDS = {
    "unet": "deterministic U-Net",
    "probunet": "Probabilistic U-Net (K = 0)",
    "cflow-planar": "cFlow Net, planar",
    "cflow-glow": "cFlow Net, Glow",
}


@dataclass(frozen=True)
class Row:
    """A model of the table in one setting; its name is that of its configuration, run and package."""

    data_set: DataSet
    kind: str
    one_reading: bool

    @property
    def name(self) -> str:
        """As in trainer/configs."""
        return f"{self.data_set}-{self.kind}{ONE_READING if self.one_reading else ''}"

    @property
    def setting(self) -> str:
        """In words."""
        return "one reading an image" if self.one_reading else "all readers"


ROWS = tuple(Row(data_set, kind, one) for data_set in DATA_SETS for one in (False, True) for kind in KINDS)


@dataclass(frozen=True)
class Printed:
    """What the paper prints; None where it prints nothing or the text lost a digit."""

    ged: float | None = None
    negative_log: float | None = None
    dice: float | None = None


PAPER: dict[tuple[DataSet, str, bool], Printed] = {
    ("lidc", "unet", False): Printed(dice=0.727),
    ("lidc", "probunet", False): Printed(0.279, 52.1, 0.698),
    ("lidc", "cflow-planar", False): Printed(0.204, 47.3, 0.713),
    ("lidc", "cflow-glow", False): Printed(0.302, 49.2, 0.704),
    ("lidc", "probunet", True): Printed(0.579, 238.9),
    ("lidc", "cflow-planar", True): Printed(0.288, 89.0),
    ("lidc", "cflow-glow", True): Printed(0.547, 217.0),
    ("retina", "unet", False): Printed(dice=0.624),
    ("retina", "probunet", False): Printed(ged=0.905, dice=0.616),
    ("retina", "cflow-planar", False): Printed(ged=0.884, dice=0.632),
    ("retina", "cflow-glow", False): Printed(ged=0.901, dice=0.620),
    ("retina", "probunet", True): Printed(ged=0.946),
    ("retina", "cflow-planar", True): Printed(ged=0.877),
    ("retina", "cflow-glow", True): Printed(ged=0.878),
}


def printed(row: Row) -> Printed:
    """The paper's numbers for a row."""
    return PAPER.get((row.data_set, row.kind, row.one_reading), Printed())
