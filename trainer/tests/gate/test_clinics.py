"""The simulation's own laws: what a style does to readings, and that its tables count what the gate says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from test_verdict import drawn_cases, moved

from margin_trainer.clinics import summary
from margin_trainer.clinics.kept_outcomes import KeptOutcomes, Outcome
from margin_trainer.clinics.section import clinics_section
from margin_trainer.clinics.styles import CLINICS, judged_by
from margin_trainer.failure import TrainerError
from margin_trainer.fine_tune.annotated import Annotated


def disc() -> Annotated:
    row, column = np.mgrid[:32, :32]
    mask = np.hypot(row - 16, column - 16) < 6
    image = np.where(mask, 0.8, 0.2).astype(np.float32)[None]
    return Annotated("a/1", "a", image, np.stack([mask, mask & (row > 14), np.zeros_like(mask)]), np.ones_like(mask))


def test_styles_change_what_they_say() -> None:
    one = disc()
    changed = {clinic.name: clinic.change(one) for clinic in CLINICS}
    wide, tight, rim = (changed[name].readings for name in ("generous", "tight", "other structure"))
    assert (wide >= one.readings).all()
    assert (tight <= one.readings).all()
    assert not (rim & one.readings).any()
    # Who saw nothing sees nothing in any style.
    assert not any(readings[2].any() for readings in (wide, tight, rim))
    assert (changed["other kernel"].readings == one.readings).all()
    assert (changed["other kernel"].image != one.image).any()
    single = next(clinic for clinic in CLINICS if clinic.name == "one reader")
    assert len(single.change(one).readings) == 1
    assert len(judged_by(single, one).readings) == 3


def test_the_tables_count_what_the_gate_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(summary, "REPEATS", 3)
    cases = drawn_cases(1, 40)
    first = [one for k, one in enumerate(cases) if k == 0 or one.patient != cases[k - 1].patient]
    ways = {"same": first, "better": moved(first, -0.1, 0.01, 2), "worse": moved(first, 0.1, 0.01, 3)}
    outcomes = [Outcome("generous", name, 10, "random", first, after, 1.0) for name, after in ways.items()]
    told = {"model": "m", "version": "1", "seed": 1, "testPatients": 40, "draws": 32, "refits": 2, "clinics": {}}
    found = summary.summarise(outcomes, told)
    for row in found["gate"]:
        assert row["same"].get("improves", 0) == 0
        assert row["better"]["improves"] == 1
        assert row["worse"]["worse"] == 1
        assert all(sum(v for k, v in row[kind].items() if k != "of") == 1 for kind in ways)
    text = clinics_section({"m": found})
    assert all(name in text for name in ways)


def test_kept_outcomes_are_found_again_by_what_computed_them(tmp_path: Path) -> None:
    cases = drawn_cases(2, 45)
    made = Outcome("tight", "heads", 10, "random", cases, moved(cases, -0.1, 0.01, 1), 2.5)
    kept = KeptOutcomes(tmp_path, {"seed": 1})
    asked = ("tight", "heads", 10, "random")
    kept.take(*asked, lambda: made)

    def never() -> Outcome:
        raise AssertionError("computed again")

    again = kept.take(*asked, never)
    assert summary.row_of(again) == summary.row_of(made)
    assert summary.gate_rows([again], 1) == summary.gate_rows([made], 1)
    for other in (("tight", "bias", 10, "random"), ("tight", "heads", 25, "random")):
        with pytest.raises(AssertionError, match="computed again"):
            kept.take(*other, never)
    with pytest.raises(AssertionError, match="computed again"):
        KeptOutcomes(tmp_path, {"seed": 2}).take(*asked, never)
    next(tmp_path.glob("*.json")).write_text("half a file")
    with pytest.raises(TrainerError, match="delete it"):
        kept.take(*asked, never)
