"""Real processes: a killed run resumes to the same bits, two compute what one does, a full disk loses nothing."""

from __future__ import annotations

import io
import json
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from conftest import SMOKE, TRAINER, quiet
from torch import Tensor

from margin_trainer.config import TrainingConfig, load_config
from margin_trainer.data.open import open_data
from margin_trainer.failure import TrainerError
from margin_trainer.train.checkpoint import read_checkpoint
from margin_trainer.train.loop import Trainer
from margin_trainer.train.progress import Progress
from margin_trainer.train.team import Team

ENVIRONMENT = os.environ | {"PYTHONPATH": str(TRAINER), "OMP_NUM_THREADS": "1"}
TRAIN = ["-m", "margin_trainer", "train", "--threads", "1"]


def short_config(folder: Path) -> Path:
    """Smoke preset cut to 24 steps over two phases, an epoch of 8, a checkpoint every 5, every loss reported.

    The rate is low, since Adam blows up rounding: sums over two halves are not those over the whole.
    """
    text = SMOKE.read_text()
    for old, new in (
        ("seed = 1\n", "seed = 1\nreport_seconds = 0\n"),
        ("rate = 5e-3", "rate = 1e-4"),
        ("rate = 2e-3", "rate = 1e-4"),
        ("steps = 120", "steps = 14"),
        ("steps = 80", "steps = 10"),
        ("[checkpoint]\nminutes = 0", "[checkpoint]\nminutes = 0\nsteps = 5"),
    ):
        assert old in text
        text = text.replace(old, new)
    path = folder / "short.toml"
    path.write_text(text)
    return path


def trainer_of(config: TrainingConfig, folder: Path, lines: io.StringIO) -> Trainer:
    training = open_data(config, Path("unused")).training
    return Trainer(config, training, [], folder, Progress(lines=lines, screen=io.StringIO()))


def losses(text: str) -> dict[int, float]:
    """Loss after each step, from the JSON lines; of a step done twice the later."""
    events = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    return {e["step"]: e["loss"] for e in events if e["event"] == "step"}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any], dict[int, float]]:
    """Configuration, final state and losses of the uninterrupted run of one process."""
    folder = tmp_path_factory.mktemp("whole")
    path, lines = short_config(folder), io.StringIO()
    trainer_of(load_config(path), folder / "run", lines).run()
    found = losses(lines.getvalue())
    assert list(found) == list(range(1, 25))
    return path, read_checkpoint(folder / "run" / "last.pt"), found


def flat(state: Any, name: str = "") -> dict[str, Tensor]:
    """Every tensor of a nested state by its path."""
    if isinstance(state, Tensor):
        return {name: state}
    items = state.items() if isinstance(state, dict) else enumerate(state) if isinstance(state, list) else []
    return {k: v for key, value in items for k, v in flat(value, f"{name}/{key}").items()}


def test_killed_in_the_middle_of_an_epoch_it_resumes_to_the_same_bits(
    whole: tuple[Path, dict[str, Any], dict[int, float]], tmp_path: Path
) -> None:
    path, expected, every = whole
    command = [sys.executable, *TRAIN, "--config", str(path), "--out", str(tmp_path / "run")]
    text = ""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT) as process:
        assert process.stdout is not None
        for line in process.stdout:
            text += line
            # One step past the checkpoint of step 10, two past an epoch's end.
            if len(losses(text)) == 11:
                process.send_signal(signal.SIGKILL)
                break
        assert process.wait() == -signal.SIGKILL
    assert read_checkpoint(tmp_path / "run" / "last.pt")["position"]["step"] < 24
    resumed = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, check=True)
    assert '"event": "end"' in resumed.stdout
    assert min(losses(resumed.stdout)) > 1
    assert losses(text) | losses(resumed.stdout) == every
    found = flat(read_checkpoint(tmp_path / "run" / "last.pt"))
    wanted = flat(expected)
    assert found.keys() == wanted.keys()
    assert [name for name in wanted if not torch.equal(found[name], wanted[name])] == []


def test_two_processes_give_the_loss_curve_of_one(
    whole: tuple[Path, dict[str, Any], dict[int, float]], tmp_path: Path
) -> None:
    path, expected, every = whole
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    command = [*launch, *TRAIN, "--config", str(path), "--out", str(tmp_path / "run")]
    done = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, check=False)
    assert done.returncode == 0, done.stderr
    curve = losses(done.stdout)
    assert curve.keys() == every.keys()
    assert done.stdout.count('"event": "start"') == 1
    assert max(abs(curve[step] / every[step] - 1) for step in every) < 1e-4
    found, wanted = read_checkpoint(tmp_path / "run" / "last.pt")["model"], expected["model"]
    assert found.keys() == wanted.keys()
    assert all(torch.allclose(found[k].float(), wanted[k].float(), atol=1e-3) for k in wanted)


def test_rows_of_a_team_are_the_whole_batch_and_an_odd_batch_is_refused() -> None:
    spans = [Team(rank=rank, size=3).span(12) for rank in range(3)]
    assert [k for span in spans for k in range(12)[span]] == list(range(12))
    with pytest.raises(TrainerError, match="a batch of 8 does not divide among 3 processes"):
        Team(rank=0, size=3).span(8)


def limit_files() -> None:
    """No file beyond 100 kB: as a full disk, a write fails in the middle."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))


def test_full_disk_ends_the_run_and_keeps_the_last_good_checkpoint(tmp_path: Path) -> None:
    path, folder = short_config(tmp_path), tmp_path / "run"
    first = trainer_of(load_config(path), folder, io.StringIO())
    first.progress = quiet()
    first.save()
    before = (folder / "last.pt").read_bytes()
    assert len(before) > 100_000
    command = [sys.executable, *TRAIN, "--config", str(path), "--out", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, preexec_fn=limit_files, check=False)
    assert done.returncode == 2
    error = done.stderr.strip().splitlines()[-1]
    assert error.startswith("margin_trainer: ")
    assert "last.pt: checkpoint cannot be written" in error
    assert "the last good checkpoint is still" in error
    assert (folder / "last.pt").read_bytes() == before
    assert not (folder / "last.pt.part").exists()
