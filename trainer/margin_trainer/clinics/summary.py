"""What the outcomes come to: changes by method and number of cases, and the mistakes of the gate with few patients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from margin_trainer.clinics.kept_outcomes import Outcome
from margin_trainer.gate.figures import CaseFigures, interval, size_bias
from margin_trainer.gate.verdict import LEAST_GAIN, Judged, decide, ged_changes

HELD_OUT = (10, 20, 40)
REPEATS = 25
STREAM_HELD_OUT = 32


def row_of(outcome: Outcome) -> dict[str, Any]:
    """Change in expected GED with its interval over patients, and the bias of the size before and after."""
    changes = np.array(ged_changes(outcome.parent, outcome.candidate))
    around = interval(changes, 0.95) or (float(changes.mean()), float(changes.mean()))
    return {
        "clinic": outcome.clinic,
        "method": outcome.method,
        "cases": outcome.cases,
        "order": outcome.order,
        "parentGed": round(float(np.mean([one.ged for one in outcome.parent])), 4),
        "change": round(float(changes.mean()), 4),
        "interval": [round(bound, 4) for bound in around],
        "sd": round(float(changes.std(ddof=1)), 4),
        "sizeBias": [round(bias(outcome.parent), 3), round(bias(outcome.candidate), 3)],
        "seconds": round(outcome.seconds, 1),
    }


def bias(cases: Sequence[CaseFigures]) -> float:
    """Pooled over patients, as the gate has it."""
    return float(np.mean(list(size_bias(cases).values())))


def gate_rows(outcomes: Sequence[Outcome], seed: int) -> list[dict[str, Any]]:
    """Verdicts on `HELD_OUT` patients drawn at random, against the truth on all of them, by number of patients.

    Truly better or worse: by at least LEAST_GAIN over all patients.
    """
    rows = []
    for count in HELD_OUT:
        said: dict[str, list[str]] = {"better": [], "worse": [], "same": []}
        for number, outcome in enumerate(outcomes):
            truth = float(np.mean(ged_changes(outcome.parent, outcome.candidate)))
            kind = "better" if truth <= -LEAST_GAIN else "worse" if truth >= LEAST_GAIN else "same"
            generator = np.random.default_rng([seed, STREAM_HELD_OUT, number, count])
            for _ in range(REPEATS):
                chosen = generator.choice(len(outcome.parent), count, replace=False)
                drawn = Judged([outcome.parent[k] for k in chosen], [outcome.candidate[k] for k in chosen])
                said[kind].append(decide(drawn)[0])
        rows.append({"patients": count, **{kind: counted(verdicts) for kind, verdicts in said.items()}})
    return rows


def counted(verdicts: Sequence[str]) -> dict[str, float]:
    """Shares of the verdicts, and of how many."""
    shares = {one: round(verdicts.count(one) / max(1, len(verdicts)), 4) for one in sorted(set(verdicts))}
    return {"of": len(verdicts), **shares}


def summarise(outcomes: Sequence[Outcome], told: dict[str, Any]) -> dict[str, Any]:
    """As it is kept for the results page."""
    at_random = [one for one in outcomes if one.order == "random"]
    return {
        **told,
        "rows": [row_of(one) for one in outcomes],
        "gate": gate_rows(at_random, told["seed"]),
        "repeats": REPEATS,
    }
