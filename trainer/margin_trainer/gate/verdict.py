"""May a candidate take its parent's place? Criteria, each in words, and the verdict that they come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from margin_trainer.gate.figures import CaseFigures, by_patient, detectable, estimate, interval, sd_of, size_bias
from margin_trainer.measures.calibration import expected_error

Verdict = Literal["improves", "no-harm", "worse", "too-few"]
LEAST_PATIENTS = 10
"""Below it the gate can refuse harm and nothing else."""
LEAST_GAIN = 0.002
"""Of expected GED: nearer than that two models are the same to anybody who looks."""
MARGIN = 0.02
"""Of expected GED: what may be lost without a word."""
CALIBRATION_MARGIN = 0.01
NO_SPREAD, NO_SPREAD_SHARE = 0.01, 0.05
SPREAD_WITHIN = (0.5, 2.0)


@dataclass(frozen=True)
class Check:
    """`passed` None: it could not be asked."""

    name: str
    passed: bool | None
    words: str


@dataclass(frozen=True)
class Judged:
    """Both models on the same cases in the same order, and on the reference set (empty: none)."""

    parent: Sequence[CaseFigures]
    candidate: Sequence[CaseFigures]
    reference_parent: Sequence[CaseFigures] = ()
    reference_candidate: Sequence[CaseFigures] = ()
    judged_before: int = 0

    @property
    def confidence(self) -> float:
        """95 % after correction for every candidate that these patients judged (Bonferroni)."""
        return 1 - 0.05 / (1 + self.judged_before)


def ged_changes(parent: Sequence[CaseFigures], candidate: Sequence[CaseFigures]) -> list[float]:
    """Candidate less parent, one a patient."""
    before, after = (by_patient(cases, lambda one: one.ged) for cases in (parent, candidate))
    return [after[one] - before[one] for one in before]


def mean_of(cases: Sequence[CaseFigures], name: Literal["spread", "draws"]) -> float:
    """Over cases."""
    return float(np.mean([getattr(one, name) for one in cases])) if cases else 0.0


def check_collapse(judged: Judged) -> Check:
    """Always empty, or all samples alike, while the parent is neither."""
    drawn, drew = mean_of(judged.candidate, "draws"), mean_of(judged.parent, "draws")
    spread, before = mean_of(judged.candidate, "spread"), mean_of(judged.parent, "spread")
    if drew > 0 and drawn < NO_SPREAD_SHARE * drew:
        return Check(
            "collapse", False, f"Collapsed: {drawn:.1%} of its samples draw anything, {drew:.1%} of the parent's."
        )
    if spread < max(NO_SPREAD, NO_SPREAD_SHARE * before):
        return Check(
            "collapse", False, f"Collapsed: its samples are alike (distance {spread:.3f}, parent {before:.3f})."
        )
    return Check("collapse", True, f"Samples draw ({drawn:.0%}) and differ (distance {spread:.3f}).")


def check_empties(judged: Judged) -> Check:
    """Cases where every sample is empty though every reader marked."""
    now, before = (sum(one.empty_where_all_marked for one in cases) for cases in (judged.candidate, judged.parent))
    passed = now <= before + max(1, len(judged.parent) // 50)
    return Check(
        "empty answers", passed, f"{now} cases have only empty samples though every reader marked; parent {before}."
    )


def check_spread(judged: Judged) -> Check:
    """Against the readers where there are several, else against the parent."""
    now, before = mean_of(judged.candidate, "spread"), mean_of(judged.parent, "spread")
    read = [one.reader_spread for one in judged.candidate if one.reader_spread is not None]
    low, high = SPREAD_WITHIN
    if read and np.mean(read) > 0:
        among = float(np.mean(read))
        passed = bool(low * among <= now <= high * among) or abs(now - among) <= abs(before - among)
        return Check("spread", passed, f"Samples are {now:.3f} apart, readers {among:.3f}, the parent's {before:.3f}.")
    if before == 0:
        return Check("spread", None, "The parent's samples do not differ.")
    passed = bool(read) or low * before <= now <= high * before
    return Check(
        "spread", passed, f"Samples are {now:.3f} apart, the parent's {before:.3f}; readers do not differ here."
    )


def check_size(judged: Judged) -> Check:
    """Bias of the size holds zero, or is no larger than the parent's."""
    now, before = (list(size_bias(cases).values()) for cases in (judged.candidate, judged.parent))
    if not now:
        return Check("size", None, "No reader marked anything on the held-out cases.")
    around = interval(np.array(now), judged.confidence)
    holds = around is not None and around[0] <= 0 <= around[1]
    passed = holds or abs(float(np.mean(now))) <= abs(float(np.mean(before))) + LEAST_GAIN
    return Check(
        "size", passed, f"Areas in all are {np.mean(now):+.0%} off the readers', the parent's {np.mean(before):+.0%}."
    )


def check_calibration(judged: Judged) -> Check:
    """Share of samples against share of readers, near the marks."""
    now, before = (float(expected_error(pooled(cases))) for cases in (judged.candidate, judged.parent))
    if np.isnan(now) or np.isnan(before):
        return Check("calibration", None, "Nobody and nothing marks anything on the held-out cases.")
    words = f"Shares of samples are {now:.3f} off the readers' near the marks, the parent's {before:.3f}."
    return Check("calibration", now <= before + CALIBRATION_MARGIN, words)


def pooled(cases: Sequence[CaseFigures]) -> NDArray[np.float64]:
    """Observations and marks of all cases together, [2, N + 1]."""
    total: NDArray[np.float64] = np.stack([[one.near.observations, one.near.marked] for one in cases]).sum(axis=0)
    return total


def check_forgetting(judged: Judged) -> Check:
    """On the fixed reference: what is lost there must be little, or less than is gained here.

    A clinic whose readers draw otherwise than the reference's cannot gain without losing there.
    """
    if not judged.reference_parent:
        return Check("forgetting", None, "No reference set goes with this model: forgetting was not measured.")
    lost = float(np.mean(ged_changes(judged.reference_parent, judged.reference_candidate)))
    gained = -float(np.mean(ged_changes(judged.parent, judged.candidate)))
    passed = lost <= max(MARGIN, gained)
    return Check(
        "forgetting", passed, f"On the reference set expected GED changes by {lost:+.3f}, here by {-gained:+.3f}."
    )


CHECKS = (check_collapse, check_empties, check_spread, check_size, check_calibration, check_forgetting)
REFUSING = ("collapse", "empty answers", "forgetting")
"""A candidate that fails one of these is refused whatever its GED."""


def decide(judged: Judged) -> tuple[Verdict, str, list[Check]]:
    """The verdict, its words, and every check."""
    checks = [check(judged) for check in CHECKS]
    changes = ged_changes(judged.parent, judged.candidate)
    found = estimate(changes, judged.confidence)
    value, low, high = found["value"] or 0.0, found["low"], found["high"]
    count = len(changes)
    span = "" if low is None or high is None else f" ({low:+.3f} to {high:+.3f}, {judged.confidence:.1%} confidence)"
    told = f"Expected GED changes by {value:+.3f}{span} over {count} held-out {'patient' if count == 1 else 'patients'}"
    failed = [check for check in checks if check.passed is False]
    refused = [check for check in failed if check.name in REFUSING]
    if refused:
        return "worse", f"Refused: {refused[0].words} {told}.", checks
    if low is not None and low > 0 and value > LEAST_GAIN:
        return "worse", f"Worse than its parent. {told}.", checks
    if count < LEAST_PATIENTS:
        least = f"below {LEAST_PATIENTS} patients the gate can refuse harm and nothing else"
        return "too-few", f"Too few to tell: {least}. {told}.", checks
    if high is not None and high < 0 and value <= -LEAST_GAIN:
        if failed:
            return "no-harm", f"{told}, but it does not pass as an improvement: {failed[0].words}", checks
        return "improves", f"Better than its parent. {told}.", checks
    if high is not None and high < MARGIN:
        same = "It draws as its parent does" if not any(changes) else "No improvement is shown, and no harm"
        return "no-harm", f"{same}. {told}.", checks
    least_seen = detectable(sd_of(changes), count, judged.confidence)
    return "too-few", f"Too few to tell. {told}; so many patients find a change of {least_seen:.3f}.", checks
