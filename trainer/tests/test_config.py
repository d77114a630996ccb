"""Configurations: the shipped ones load; every mistake is named."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from conftest import SMOKE, TRAINER

from margin_trainer.__main__ import main
from margin_trainer.config import config_as_dict, load_config, parse_config
from margin_trainer.failure import TrainerError
from margin_trainer.train.schedule import beta_at, rate_at


@pytest.mark.parametrize("path", sorted((TRAINER / "configs").glob("*.toml")), ids=lambda p: p.stem)
def test_shipped_configurations_load_and_survive_a_checkpoint(path: Path) -> None:
    config = load_config(path)
    assert config.name == path.stem
    assert parse_config(config_as_dict(config)) == config


@pytest.mark.parametrize("data", ["lidc", "retina"])
@pytest.mark.parametrize("setting", ["", "-one-reading", "-full"])
def test_models_of_one_table_are_trained_equally_in_every_phase(data: str, setting: str) -> None:
    """Planar, Glow and K = 0 differ in the flow alone; otherwise a difference between them would say nothing of it."""
    kinds = ("probunet", "cflow-planar", "cflow-glow")
    configs = [load_config(TRAINER / "configs" / f"{data}-{kind}{setting}.toml") for kind in kinds]
    alike = [replace(c, name="", network=replace(c.network, flow="none")) for c in configs]
    assert alike[0] == alike[1] == alike[2]
    assert [c.network.flow for c in configs] == ["none", "planar", "glow"]


MISTAKES = [
    ("seed = 1", "seed = 1\nsped = 2", "unknown option sped"),
    ("crop_px = 16", "crop_px = 16\njiter_px = 2", r"unknown option data\.jiter_px"),
    ("steps = 120", "steps = 120\nminutes = 3", r"phase\[0\]: give exactly one of steps and minutes"),
    ("steps = 80", "", r"phase\[1\]: give exactly one of steps and minutes"),
    ('kind = "phantom"', 'kind = "xray"', r"data\.kind: 'xray' is not one of"),
    ("seed = 1", 'seed = "one"', "seed: int is needed"),
    ("rate = 5e-3", "", r"option phase\[0\]\.rate is missing"),
    ("draws = 4", "draws = 1", "at least 2 draws"),
    ("draws = 4", "scored_samples = 1", r"phase\[1\]: scored_samples must be at least 2"),
    ("crop_px = 16", 'readings = "some"', r"data\.readings: 'some' is not one of"),
    ("filters = [4, 8, 16, 32]", "filters = 4", r"network\.filters: a list is needed"),
    ('name = "smoke"', 'name = "smoke', "cannot be read as TOML"),
]


@pytest.mark.parametrize(("right", "wrong", "words"), MISTAKES)
def test_mistakes_are_named_with_their_file(right: str, wrong: str, words: str, tmp_path: Path) -> None:
    text = SMOKE.read_text()
    assert right in text
    path = tmp_path / "mistake.toml"
    path.write_text(text.replace(right, wrong, 1))
    with pytest.raises(TrainerError, match=rf"mistake\.toml: .*{words}"):
        load_config(path)


def test_command_exits_with_two_and_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "--config", str(tmp_path / "absent.toml")]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "absent.toml" in error


def test_rate_rises_then_falls_to_its_end() -> None:
    phase = load_config(SMOKE).phase[0]
    rates = [rate_at(phase, k / 200) for k in range(201)]
    top = rates.index(max(rates))
    assert rates[0] > 0
    assert all(a < b for a, b in pairwise(rates[: top + 1]))
    assert all(a > b for a, b in pairwise(rates[top:]))
    assert rates[-1] == pytest.approx(phase.rate_end)


def test_beta_warms_up_to_its_value() -> None:
    phase = load_config(SMOKE).phase[0]
    assert [beta_at(phase, f) for f in (0.0, 0.05, 0.1, 1.0)] == pytest.approx([0.0, 0.5, 1.0, 1.0])
