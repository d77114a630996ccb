"""The energy objective on hard masks is the measured distance, and its pieces are what they say."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
import torch

from margin_trainer.config import NetworkConfig
from margin_trainer.measures.distance import distance
from margin_trainer.measures.ged import energy_distance
from margin_trainer.networks.segmenter import Segmenter
from margin_trainer.objective import energy
from margin_trainer.objective.energy import energy_loss, sample_reading_distance, sample_sample_distance


def test_on_hard_masks_it_is_one_minus_iou(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(energy, "SMOOTHING_PX", 0.0)
    generator = np.random.default_rng(1)
    samples, readings = generator.random((5, 8, 8)) < 0.4, generator.random((4, 8, 8)) < 0.4
    soft = torch.from_numpy(samples.reshape(1, 5, 64)).float()
    masks = torch.from_numpy(readings.reshape(1, 4, 64)).float()
    assert sample_reading_distance(soft, masks)[0].numpy() == pytest.approx(distance(samples, readings), abs=1e-6)
    upper = np.triu_indices(5, k=1)
    assert sample_sample_distance(soft)[0].numpy() == pytest.approx(distance(samples, samples)[upper], abs=1e-6)


def test_a_grey_mask_is_at_distance_zero_from_itself() -> None:
    grey = torch.full((1, 1, 64), 0.3).expand(1, 2, 64)
    assert float(sample_sample_distance(grey).abs().max()) < 1e-6


def test_two_empty_masks_agree() -> None:
    nothing = torch.zeros(1, 2, 64)
    assert float(sample_reading_distance(nothing, nothing).abs().max()) == 0
    assert float(sample_sample_distance(nothing).abs().max()) == 0


def test_pixels_outside_the_field_do_not_count() -> None:
    torch.manual_seed(2)
    model = Segmenter(NetworkConfig(filters=(4, 8), fusion_width=4, latent_dimension=2)).eval()
    image, noise = torch.rand(1, 1, 8, 8), torch.randn(1, 3, 2)
    inside = torch.zeros(1, 1, 8, 8)
    inside[..., :4] = 1
    masks = (torch.rand(1, 2, 8, 8) < 0.5).float()
    changed = masks.clone()
    changed[..., 4:] = 1 - changed[..., 4:]
    first = energy_loss(model, image, masks, inside, noise, 0.0).loss
    second = energy_loss(model, image, changed, inside, noise, 0.0).loss
    assert torch.equal(first, second)


def test_it_reaches_prior_and_decoder_but_not_the_posterior() -> None:
    torch.manual_seed(3)
    model = Segmenter(NetworkConfig(filters=(4, 8), fusion_width=4, latent_dimension=2))
    masks = (torch.rand(2, 4, 8, 8) < 0.3).float()
    energy_loss(model, torch.rand(2, 1, 8, 8), masks, None, torch.randn(2, 4, 2), 0.002).loss.backward()
    with_gradient = {name.split(".")[0] for name, p in model.named_parameters() if p.grad is not None}
    assert with_gradient == {"unet", "prior", "recombination"}


def test_with_scored_samples_it_is_the_expected_ged_v(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mean of GED_V over every choice of N of the drawn masks, up to the readings' own term."""
    monkeypatch.setattr(energy, "SMOOTHING_PX", 0.0)
    torch.manual_seed(4)
    model = Segmenter(NetworkConfig(filters=(4, 8), fusion_width=4, latent_dimension=2)).eval()
    image, noise = torch.rand(1, 1, 8, 8), torch.randn(1, 5, 2)
    masks, drawn = torch.rand(1, 4, 8, 8) < 0.5, torch.rand(1, 5, 8, 8) < 0.4
    monkeypatch.setattr(model, "decode", lambda _part, _z: 100 * drawn.float() - 50)
    readings, samples = masks[0].numpy(), drawn[0].numpy()
    scores = [energy_distance(samples[list(chosen)], readings) for chosen in combinations(range(5), 3)]
    loss = energy_loss(model, image, masks.float(), None, noise, 0.0, scored_samples=3).loss
    assert loss.item() == pytest.approx(np.mean([s.v + s.d_yy for s in scores]), abs=1e-5)
