"""Fixtures: one thread, a trained smoke run shared by the tests that need one, and the data folder where it is."""

from __future__ import annotations

import io
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from hypothesis import settings
from in_process import in_process
from local_set import Tuned, start_message, write_set

from margin_trainer.config import NetworkConfig, TrainingConfig, load_config
from margin_trainer.data.open import open_data
from margin_trainer.export.manifest import save_manifest
from margin_trainer.export.write_package import write_package
from margin_trainer.networks.segmenter import Segmenter
from margin_trainer.package import read_manifest
from margin_trainer.train.loop import Trainer
from margin_trainer.train.progress import Progress

# No deadline: the machine may be busy. Derandomised: a failure repeats.
settings.register_profile("margin", deadline=None, derandomize=True)
settings.load_profile("margin")

TRAINER = Path(__file__).resolve().parents[1]
SMOKE = TRAINER / "configs" / "smoke.toml"
SMALL_NETWORK = """
[network]
filters = [4, 8]
fusion_width = 4
latent_dimension = 2
flow = "none"
"""
"""Of configurations that tests train for seconds."""


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> None:
    torch.set_num_threads(1)


def quiet() -> Progress:
    return Progress(lines=io.StringIO(), screen=io.StringIO())


def shaken(config: NetworkConfig, seed: int = 1) -> Segmenter:
    """A model away from its degenerate start (the conditioner's last weight starts at zero)."""
    torch.manual_seed(seed)
    model = Segmenter(config)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter))
    return model


@dataclass(frozen=True)
class SmokeRun:
    config: TrainingConfig
    trainer: Trainer
    folder: Path


@pytest.fixture(scope="session")
def smoke_run(tmp_path_factory: pytest.TempPathFactory) -> SmokeRun:
    config = load_config(SMOKE)
    folder = tmp_path_factory.mktemp("smoke")
    opened = open_data(config, Path("unused"))
    trainer = Trainer(config, opened.training, opened.validation, folder, quiet())
    trainer.run()
    return SmokeRun(config, trainer, folder)


@pytest.fixture(scope="session")
def smoke_package(smoke_run: SmokeRun, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packages") / "smoke"
    write_package(smoke_run.folder, folder, "a test")
    return folder


@pytest.fixture
def own_package(smoke_package: Path, tmp_path: Path) -> Path:
    """A copy of the smoke package that a test may change."""
    return Path(shutil.copytree(smoke_package, tmp_path / "smoke"))


@pytest.fixture(scope="session")
def data() -> Path:
    folder = Path(os.environ.get("MARGIN_TEST_DATA") or TRAINER.parents[1] / "shared" / "data")
    if not (folder / "lidc" / "val-0.npz").exists():
        pytest.skip(f"no data at {folder}: set MARGIN_TEST_DATA")
    return folder


@pytest.fixture(scope="session")
def phantom_package(smoke_package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The smoke package under the name of what it outlines: no reference set goes with it."""
    folder = Path(shutil.copytree(smoke_package, tmp_path_factory.mktemp("named") / "smoke"))
    save_manifest(folder, read_manifest(folder) | {"structure": "phantom"})
    return folder


@pytest.fixture(scope="session")
def phantom_set(phantom_package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clinic whose readers always leave the tail out."""
    folder = tmp_path_factory.mktemp("set")
    write_set(folder, phantom_package, SMOKE)
    return folder


@pytest.fixture(scope="session")
def tuned(phantom_package: Path, phantom_set: Path, tmp_path_factory: pytest.TempPathFactory) -> Tuned:
    """The smoke package fine-tuned on that clinic's set."""
    start = start_message(tmp_path_factory.mktemp("job"), phantom_set, phantom_package, steps=320)
    messages = in_process(start)
    return Tuned(start, messages, Path(start["folder"]) / start["candidate"]["id"])
