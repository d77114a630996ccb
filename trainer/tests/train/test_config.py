"""Configurations: the shipped ones load; every mistake is named."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from conftest import SMOKE, TRAINER

from margin_trainer.__main__ import main
from margin_trainer.config import PhaseConfig, config_as_dict, load_config, options_told, parse_config
from margin_trainer.failure import TrainerError
from margin_trainer.train.schedule import beta_at, rate_at


@pytest.mark.parametrize("path", sorted((TRAINER / "configs").rglob("*.toml")), ids=lambda p: p.stem)
def test_shipped_configurations_load_and_survive_a_checkpoint(path: Path) -> None:
    config = load_config(path)
    assert config.name == path.stem
    assert parse_config(config_as_dict(config)) == config


@pytest.mark.parametrize("data", ["lidc", "retina"])
@pytest.mark.parametrize("setting", ["", "-one-reading", "-full"])
def test_models_of_one_table_are_trained_equally_in_every_phase(data: str, setting: str) -> None:
    """Planar, Glow and K = 0 differ in the flow alone; otherwise a difference between them would say nothing of it."""
    kinds = ("probunet", "cflow-planar", "cflow-glow")
    configs = [load_config(TRAINER / "configs" / data / f"{data}-{kind}{setting}.toml") for kind in kinds]
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
    ("crop_px = 16", "shards = [0]", r"data\.shards: at least one number of a training shard, with kind 'lidc'"),
    ("crop_px = 16", 'modality = "MR"', r"data\.modality: 'MR' is not one of"),
    ("crop_px = 16", 'modality = "fundus"', r"data\.modality: phantom data is CT"),
    ("filters = [4, 8, 16, 32]", "channels = 3", r"network\.channels: CT images have 1, not 3"),
    ('kind = "phantom"', 'kind = "folder"', r"data\.modality: say whether the folder holds"),
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


WHOLE = {
    "lidc-cflow-glow-full": "b9cfd17c3dec",
    "lidc-cflow-glow-one-reading": "73ebd7cfc7c3",
    "lidc-cflow-glow": "3eea6c1271c1",
    "lidc-cflow-planar-full": "9cd1857ba029",
    "lidc-cflow-planar-one-reading": "04c1ba7f01f1",
    "lidc-cflow-planar": "e58f3de479cf",
    "lidc-probunet-full": "bd3a73833708",
    "lidc-probunet-one-reading": "f112a1406b8d",
    "lidc-probunet": "1beea924daf3",
    "lidc-unet-full": "7dcfa882b51b",
    "lidc-unet-one-reading": "b031d0b968f9",
    "lidc-unet": "e330dbf88d7c",
    "retina-cflow-glow-full": "295402a9c973",
    "retina-cflow-glow-one-reading": "76d1446245da",
    "retina-cflow-glow": "6a2d51c7596f",
    "retina-cflow-planar-full": "a6acc4fefa0c",
    "retina-cflow-planar-one-reading": "ca6e624d35ee",
    "retina-cflow-planar": "d99c8d10889a",
    "retina-probunet-full": "abb2eccd94b5",
    "retina-probunet-one-reading": "d234e4239cae",
    "retina-probunet": "5c45120175a3",
    "retina-unet-full": "1fca0d2fe5dd",
    "retina-unet-one-reading": "a2b375e97631",
    "retina-unet": "3ab6493202ad",
    "smoke": "03e38ab3fc64",
}


def test_a_base_is_merged_table_by_table_and_lists_are_replaced(tmp_path: Path) -> None:
    (tmp_path / "base.toml").write_text(SMOKE.read_text())
    phase = '[[phase]]\nobjective = "elbo"\nsteps = 3\nbatch = 2\nrate = 1e-3\n'
    (tmp_path / "middle.toml").write_text('base = "base.toml"\nname = "other"\n[network]\nflow = "glow"\n' + phase)
    (tmp_path / "last.toml").write_text('base = "middle.toml"\nseed = 7\n[optimiser]\nweight_decay = 0.5\n')
    smoke, found = load_config(SMOKE), load_config(tmp_path / "last.toml")
    expected = replace(
        smoke,
        name="other",
        seed=7,
        network=replace(smoke.network, flow="glow"),
        phase=(PhaseConfig(objective="elbo", steps=3, batch=2, rate=1e-3),),
        optimiser=replace(smoke.optimiser, weight_decay=0.5),
    )
    assert found == expected
    assert found.optimiser.ema == smoke.optimiser.ema
    (tmp_path / "base.toml").write_text('base = "last.toml"\n')
    with pytest.raises(TrainerError, match=r"its bases come back to itself"):
        load_config(tmp_path / "last.toml")
    (tmp_path / "base.toml").write_text("base = 3\n")
    with pytest.raises(TrainerError, match=r"base\.toml: base: the name of a file is needed"):
        load_config(tmp_path / "last.toml")


def test_configurations_say_what_they_said_as_whole_copies() -> None:
    """The options of those that the shipped packages were trained by, hashed before they were told by their bases."""
    found = {
        path.stem: hashlib.sha256(json.dumps(options_told(load_config(path)), sort_keys=True).encode()).hexdigest()[:12]
        for path in sorted((TRAINER / "configs").rglob("*.toml"))
        if path.stem in WHOLE
    }
    assert found == WHOLE


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
