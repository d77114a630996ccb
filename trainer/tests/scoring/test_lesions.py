"""Whole lesions of the shards: who is a lesion, how its slices' noise hangs together, the command from end to end."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import SMALL_NETWORK
from test_data import write_shard

from margin_trainer.__main__ import main
from margin_trainer.package import Package
from margin_trainer.scoring.lesions import latent_walk, whole_lesions

SLICES = 3
RUN = (
    """
name = "{name}"
seed = 1
[data]
kind = "lidc"
crop_px = 32
{shards}
"""
    + SMALL_NETWORK
    + """
[[phase]]
objective = "energy"
steps = 60
batch = 4
draws = 4
rate = 3e-2
"""
)


def shards(folder: Path, lesions: int = 11) -> None:
    """Four training shards of lesions with three slices, patients apart, a reading that is larger than the other."""
    generator = np.random.default_rng(1)
    for shard in (0, 1, 2, 3, -1):
        count = lesions * SLICES
        masks = np.zeros((count, 4, 128, 16), np.uint8)
        masks[:, 0, 58:70, 7:9] = 255
        masks[:, 1, 60:66, 7:9] = 255
        images = np.zeros((count, 128, 128), np.uint8)
        images[:, 64, 64] = generator.integers(100, 250, count)
        z = np.tile([0.0, 2.5, 5.0], lesions).astype(np.float32)[::-1]
        arrays = {
            "image_delta": images,
            "masks": masks,
            "patient": (np.arange(count) // SLICES + 100 * (shard + 1)).astype(np.uint16),
            "nodule": np.ones(count, np.uint8),
            "slice": np.tile([2, 1, 0], lesions).astype(np.uint8),
            "z_mm": z.copy(),
        }
        path = write_shard(folder, arrays)
        if shard >= 0:
            path.rename(path.with_name(f"train-{shard}.npz"))


def trained(folder: Path, name: str, told: str) -> Path:
    config = folder / f"{name}.toml"
    config.write_text(RUN.format(name=name, shards=told))
    where = ["--config", str(config), "--data", str(folder), "--out", str(folder / name), "--threads", "1"]
    assert main(["train", *where]) == 0
    return folder / name


def test_lesions_stand_upwards_and_those_without_a_place_or_a_third_slice_are_none(tmp_path: Path) -> None:
    shards(tmp_path)
    path = tmp_path / "lidc" / "train-2.npz"
    with np.load(path) as shard:
        arrays = dict(shard)
    arrays["z_mm"][1] = np.nan
    arrays["nodule"][SLICES] = 7
    np.savez_compressed(path, **arrays)
    found = whole_lesions(tmp_path, 2, 32)
    assert len(found) == 9
    for lesion in found:
        assert lesion.places_mm.tolist() == [0.0, 2.5, 5.0]
        assert lesion.readings.tolist() == [3 * 12 * 16, 3 * 6 * 16]
    assert len(whole_lesions(tmp_path, 2, 32, most=4)) == 4


def test_noise_is_one_draw_or_independent_or_between(tmp_path: Path) -> None:
    shards(tmp_path, 1)
    (lesion,) = whole_lesions(tmp_path, 0, 32)

    class Even(Package):
        def __init__(self) -> None:
            self.directions, self.latent_dimension = np.eye(3), 3

    tied, free, smooth = (latent_walk(Even(), lesion, 4000, length) for length in (np.inf, 0.0, 5.0))
    assert all(np.array_equal(one, tied[0]) for one in tied)
    # Which even draws of another seed would not be, see latent_walk.
    for walk, expected in ((free, 0.0), (smooth, np.exp(-0.5))):
        assert np.std(walk[1]) == pytest.approx(1, abs=0.04)
        for at in range(3):
            assert np.corrcoef(walk[0][:, at], walk[1][:, at])[0, 1] == pytest.approx(expected, abs=0.06)


def test_the_command_holds_each_lesion_against_the_run_that_never_saw_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shards(tmp_path)
    torch.manual_seed(0)
    run, whole = trained(tmp_path, "some", "shards = [3]"), trained(tmp_path, "all", "")
    capsys.readouterr()
    words = ["whole-lesions", "--data", str(tmp_path), "--threads", "1", "--runs"]
    for runs, told in (
        ([whole], "all: saw every shard"),
        ([run, run.with_name("absent")], "absent: has not come to its end"),
    ):
        assert main([*words, *map(str, runs)]) == 2
        assert told in capsys.readouterr().err
    assert main([*words, str(run)]) == 0
    outcome = json.loads(capsys.readouterr().out)
    assert (outcome["shards"], outcome["lesions"], outcome["readings"]) == ([0, 1, 2], 33, 66)
    assert outcome["runs"][0].startswith("some, seed 1, 60 steps")
    assert len(outcome["rows"]) + len(outcome["leftOut"]) == 10
    assert {"independent", "tied (one draw)", "presence by share, extent smooth"} <= {
        row["coupling"] for row in outcome["rows"]
    }
    for row in outcome["rows"]:
        assert row["before"]["50"]["covered"] <= row["before"]["95"]["covered"]
        assert row["after"]["95"]["covered"] >= 0.8
