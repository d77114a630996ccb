"""Outcomes of a simulation on disk, one file each: a simulation that was ended goes on where it was."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from margin_trainer.experiment.kept import replace_file
from margin_trainer.failure import TrainerError
from margin_trainer.gate.figures import CaseFigures
from margin_trainer.measures.calibration import Reliability


@dataclass(frozen=True)
class Outcome:
    """A candidate of a clinic, with the figures of parent and candidate on all patients that it did not learn from."""

    clinic: str
    method: str
    cases: int
    order: str
    parent: list[CaseFigures]
    candidate: list[CaseFigures]
    seconds: float


@dataclass(frozen=True)
class KeptOutcomes:
    """`computed_by` is everything that decides the figures: outcomes of anything else are not found."""

    folder: Path
    computed_by: dict[str, Any]

    def take(self, clinic: str, method: str, cases: int, order: str, make: Callable[[], Outcome]) -> Outcome:
        """The kept one, or what `make` gives, which is then kept. Refused by name: a damaged file."""
        asked = json.dumps([self.computed_by, clinic, method, cases, order], sort_keys=True)
        path = self.folder / f"{hashlib.sha256(asked.encode()).hexdigest()[:24]}.json"
        if path.exists():
            try:
                return read_outcome(json.loads(path.read_text(encoding="utf-8")))
            except (OSError, ValueError, TypeError, KeyError) as error:
                raise TrainerError(f"{path}: cannot be read ({error}): delete it, and it is computed anew") from error
        made = make()
        self.folder.mkdir(parents=True, exist_ok=True)
        replace_file(path, json.dumps(asdict(made), default=np.ndarray.tolist))
        return made


def read_outcome(told: dict[str, Any]) -> Outcome:
    """From its JSON."""
    return Outcome(**told | {side: [_case(one) for one in told[side]] for side in ("parent", "candidate")})


def _case(told: dict[str, Any]) -> CaseFigures:
    near = {name: np.array(values, np.float64) for name, values in told["near"].items()}
    return CaseFigures(**told | {"near": Reliability(**near)})
