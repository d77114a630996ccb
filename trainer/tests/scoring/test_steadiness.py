"""How much steadier even draws make an interval: by arithmetic, on a model whose sizes are known, and refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from test_score import Threshold, threshold_case

from margin_trainer.data.lidc import Disturbance
from margin_trainer.failure import TrainerError
from margin_trainer.scoring import steadiness
from margin_trainer.scoring.evaluate import Protocol

TEST = Protocol("test", 1, Disturbance())


def test_deviation_by_arithmetic() -> None:
    """Image one: 1, 3 (variance 2); image two: 5, 5 (none). Root of the mean variance."""
    assert steadiness.root_mean_square_sd(np.array([[1.0, 3.0], [5.0, 5.0]])) == pytest.approx(1.0)


def test_sizes_of_even_draws_move_less(monkeypatch: pytest.MonkeyPatch) -> None:
    """One direction decides the size: the ends of 100 even samples are nearly those of the prior."""
    monkeypatch.setattr(steadiness, "open_package", lambda *_: (Threshold(), {"id": "threshold"}))
    monkeypatch.setattr(steadiness, "cases_of", lambda *_: [(0, threshold_case())])
    found = steadiness.measure_steadiness(Path("unused"), Path("unused"), TEST, 1)
    assert (found["images"], found["of"], found["seeds"]) == (1, 1, 20)
    for row in found["sd"].values():
        assert row["even"] <= 0.5 * row["independent"]


def test_a_package_without_directions_is_refused(smoke_package: Path) -> None:
    with pytest.raises(TrainerError, match="has no directions of even draws"):
        steadiness.measure_steadiness(smoke_package, Path("unused"), TEST, 1)
