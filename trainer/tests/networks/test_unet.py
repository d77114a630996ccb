"""The deterministic U-Net: one answer an image, the same whatever is asked, through training, package and score."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import SMOKE, quiet

from margin_trainer.config import NetworkConfig, PhaseConfig, TrainingConfig, load_config, parse_config
from margin_trainer.data.open import open_data
from margin_trainer.data.phantom import PhantomSet
from margin_trainer.export.write_package import write_package
from margin_trainer.failure import TrainerError
from margin_trainer.networks.segmenter import Segmenter
from margin_trainer.objective.energy import energy_loss
from margin_trainer.objective.reconstruction import likelihood_loss
from margin_trainer.package import open_package
from margin_trainer.scoring.score import score_case
from margin_trainer.train.loop import Trainer
from margin_trainer.train.validation import validate

UNET = NetworkConfig(filters=(4, 8, 16, 32), fusion_width=8, latent_dimension=0, flow="none")
PHASES = (
    PhaseConfig(objective="likelihood", rate=1e-2, batch=8, steps=200),
    PhaseConfig(objective="energy", rate=2e-3, batch=8, steps=20, draws=1),
)


@pytest.fixture(scope="module")
def unet_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[TrainingConfig, Trainer, Path]:
    config = replace(load_config(SMOKE), name="unet", network=UNET, phase=PHASES)
    folder = tmp_path_factory.mktemp("unet-run")
    opened = open_data(config, Path("unused"))
    trainer = Trainer(config, opened.training, opened.validation, folder, quiet())
    trainer.run()
    package = tmp_path_factory.mktemp("packages") / "unet"
    write_package(folder, package, "a test")
    return config, trainer, package


def test_every_parameter_receives_a_gradient_and_none_belongs_to_a_latent() -> None:
    torch.manual_seed(1)
    model = Segmenter(UNET)
    masks = (torch.rand(2, 4, 16, 16) < 0.3).float()
    likelihood_loss(model, torch.rand(2, 1, 16, 16), masks, None).backward()
    dead = [name for name, p in model.named_parameters() if p.grad is None or not bool(p.grad.abs().max() > 0)]
    assert dead == []
    assert {name.split(".")[0] for name, _ in model.named_parameters()} == {"unet", "recombination"}


def test_likelihood_is_least_at_the_share_of_readings(monkeypatch: pytest.MonkeyPatch) -> None:
    model = Segmenter(UNET).eval()
    masks = torch.zeros(1, 4, 8, 8)
    masks[:, 0] = 1
    image = torch.zeros(1, 1, 8, 8)
    losses: dict[float, float] = {}
    for share in (0.2, 0.25, 0.3):
        logits = torch.full((1, 1, 8, 8), share).logit()
        monkeypatch.setattr(model, "decode", lambda _part, _z, logits=logits: logits)
        losses[share] = likelihood_loss(model, image, masks, None).item()
    assert min(losses, key=lambda s: losses[s]) == 0.25
    # 64 pixels, one of four readers marks them.
    assert losses[0.25] == pytest.approx(-64 * (0.25 * np.log(0.25) + 0.75 * np.log(0.75)), rel=1e-5)


def test_energy_of_one_answer_is_twice_its_distance() -> None:
    model = Segmenter(UNET).eval()
    masks = (torch.rand(2, 4, 16, 16) < 0.3).float()
    terms = energy_loss(model, torch.rand(2, 1, 16, 16), masks, None, torch.zeros(2, 1, 0), 0.002, scored_samples=16)
    assert terms.loss.item() == pytest.approx(2 * terms.sample_reading.item())


def test_it_learns_and_its_samples_are_one_mask(unet_run: tuple[TrainingConfig, Trainer, Path]) -> None:
    """For two nested modes at 50:50 any one mask between them has GED D_yy; far from both it has more."""
    config, trainer, _ = unet_run
    held_out = PhantomSet(replace(config.data, cases=24), seed=99).cases()
    score = validate(trainer.average.shadow, held_out, samples=16, seed=5)
    assert score.d_ss == score.prior_sd == 0
    assert score.ged_v < 1.4 * score.d_yy
    # Equal but for the order in which the same summands were added.
    fewer = validate(trainer.average.shadow, held_out, samples=3, seed=6)
    assert asdict(score) == pytest.approx(asdict(fewer), rel=1e-12)


def test_its_package_opens_and_scores_with_equal_samples(unet_run: tuple[TrainingConfig, Trainer, Path]) -> None:
    config, trainer, folder = unet_run
    package, manifest = open_package(folder, threads=1)
    assert manifest["kind"] == "unet"
    assert manifest["latent"]["dimension"] == manifest["flow"]["steps"] == package.latent_dimension == 0
    assert manifest["graphs"]["sampler"]["inputs"] == ["features", "z"]
    golden = json.loads((folder / "golden.json").read_text())
    assert (golden["latentDimension"], golden["logitsShape"]) == (0, [4, 1, 16, 16])
    assert (folder / "golden.bin").stat().st_size == 4 * 5 * 16 * 16
    assert "no uncertainty" in (folder / "card.md").read_text()
    case = PhantomSet(replace(config.data, cases=1), seed=98).cases()[0]
    scores = score_case(package, case, 3)
    assert scores["D_ss@100"] == 0
    assert scores["GED_V@16"] == pytest.approx(scores["GED_V@100"])
    assert scores["GED_V@16"] == pytest.approx(validate(trainer.average.shadow, [case], samples=2, seed=1).ged_v)
    logits = package.sample(package.encode(case.image[None]).features, np.zeros((3, 0), np.float32))
    assert logits.shape == (3, 1, 16, 16)
    assert np.array_equal(logits[0], logits[2])


@pytest.mark.parametrize(
    ("network", "phase", "words"),
    [
        ({"flow": "planar"}, {}, "needs flow = 'none'"),
        ({}, {"objective": "elbo"}, "has no ELBO"),
        ({}, {"objective": "energy", "draws": 8}, "use draws = 1"),
        ({"latent_dimension": 2}, {}, "is for the deterministic U-Net"),
        ({"latent_dimension": -1}, {}, "must not be negative"),
    ],
)
def test_options_that_do_not_fit_are_refused(network: dict[str, object], phase: dict[str, object], words: str) -> None:
    raw = {
        "name": "unet",
        "seed": 1,
        "data": {"kind": "phantom"},
        "network": {"latent_dimension": 0, "flow": "none"} | network,
        "phase": [{"objective": "likelihood", "rate": 1e-3, "batch": 2, "steps": 1} | phase],
    }
    with pytest.raises(TrainerError, match=words):
        parse_config(raw)
