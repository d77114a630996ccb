"""Early stopping ends a phase after so many validations without a better GED; event files repeat the JSON lines."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import SMOKE
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from margin_trainer.config import PhaseConfig, TrainingConfig, ValidationConfig, load_config
from margin_trainer.data.open import open_data
from margin_trainer.train import loop
from margin_trainer.train.event_files import EventFiles
from margin_trainer.train.loop import Trainer
from margin_trainer.train.progress import Progress
from margin_trainer.train.validation import ValidationScore

PHASE = PhaseConfig(objective="elbo", rate=1e-3, batch=4, steps=20)


def short(patience: int = 0, steps: int = 20) -> TrainingConfig:
    return replace(
        load_config(SMOKE),
        phase=(replace(PHASE, steps=steps), replace(PHASE, objective="energy", draws=2, steps=4)),
        validation=ValidationConfig(samples=2, steps=2, patience=patience),
        report_seconds=0.0,
    )


def run(config: TrainingConfig, folder: Path, resume: bool = False) -> list[dict[str, object]]:
    lines, opened = io.StringIO(), open_data(config, folder)
    board = EventFiles(folder / "events")
    progress = Progress(lines=lines, screen=io.StringIO(), board=board)
    trainer = Trainer(config, opened.training, opened.validation[:2], folder, progress)
    if resume:
        trainer.resume()
    trainer.run()
    board.close()
    return [json.loads(line) for line in lines.getvalue().splitlines()]


def scripted(monkeypatch: pytest.MonkeyPatch, geds: list[float]) -> None:
    """Validation returns these numbers in turn."""
    left = iter(geds)
    monkeypatch.setattr(loop, "validate", lambda *_: ValidationScore(next(left), 0, 0, 0, 0, 0, 0, 0))


def test_patience_ends_the_phase_and_counts_anew_in_the_next(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    scripted(monkeypatch, [0.9, 0.8, 0.85, 0.7, 0.7, 0.71, 0.72, 0.6, 0.5])
    events = run(short(patience=3), tmp_path)
    stops = [e for e in events if e["event"] == "early stop"]
    # Best at step 8; 10, 12 and 14 are not better.
    assert [(e["step"], e["phase"], e["best_step"]) for e in stops] == [(14, 0, 8)]
    assert events[-1]["step"] == 18
    assert [e["step"] for e in events if e["event"] == "validation" and e["best"]] == [2, 4, 8, 16, 18]


def test_without_patience_every_step_is_done(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    scripted(monkeypatch, [0.9] * 12)
    assert run(short(), tmp_path)[-1]["step"] == 24


def test_event_files_hold_the_numbers_of_the_json_lines_over_a_resumed_run(tmp_path: Path) -> None:
    events = run(short(steps=6), tmp_path)
    longer = replace(short(steps=6), phase=(*short(steps=6).phase, replace(PHASE, steps=3)))
    events += run(longer, tmp_path, resume=True)
    board = EventAccumulator(str(tmp_path / "events"))
    board.Reload()
    for name, tag, key in (("step", "training/loss", "loss"), ("validation", "validation/ged_v", "ged_v")):
        told = {e["step"]: e[key] for e in events if e["event"] == name}
        found = {e.step: e.value for e in board.Scalars(tag)}
        assert found.keys() == told.keys()
        assert all(found[step] == pytest.approx(told[step], rel=1e-5) for step in told)
    assert len(told) == 7
