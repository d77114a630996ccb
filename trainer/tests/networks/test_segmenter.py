"""Laws of the networks: every parameter lives, is saved and counted; an image does not see its companions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from conftest import shaken
from torch import Tensor, nn

from margin_trainer.config import NetworkConfig
from margin_trainer.networks.segmenter import Segmenter
from margin_trainer.objective.elbo import elbo_loss
from margin_trainer.train.loop import count_parameters

TINY = NetworkConfig(filters=(4, 8, 8, 16), fusion_width=8, latent_dimension=3)


def drawn(batch: int = 3, channels: int = 1, size: int = 16) -> tuple[Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(2)
    image = torch.rand(batch, channels, size, size, generator=generator)
    masks = (torch.rand(batch, 4, size, size, generator=generator) < 0.3).float()
    return image, masks, torch.randn(batch, 4, TINY.latent_dimension, generator=generator)


@pytest.mark.parametrize("flow", ["planar", "glow", "none"])
def test_every_parameter_receives_a_gradient(flow: str) -> None:
    model = shaken(replace(TINY, flow=flow, latent_dimension=4))  # type: ignore[arg-type]
    image, masks, _ = drawn()
    elbo_loss(model, image, masks, None, torch.randn(3, 4, 4), beta=1.0).loss.backward()
    dead = [name for name, p in model.named_parameters() if p.grad is None or not bool(p.grad.abs().max() > 0)]
    assert dead == []


@pytest.mark.parametrize("flow", ["planar", "glow"])
def test_every_parameter_is_in_the_state_and_survives_saving(flow: str, tmp_path: Path) -> None:
    config = replace(TINY, flow=flow, latent_dimension=4)  # type: ignore[arg-type]
    model = shaken(config).eval()
    assert {name for name, _ in model.named_parameters()} <= model.state_dict().keys()
    torch.save(model.state_dict(), tmp_path / "weights.pt")
    other = shaken(config, seed=5).eval()
    other.load_state_dict(torch.load(tmp_path / "weights.pt", weights_only=True))
    image, masks, _ = drawn()
    noise = torch.randn(3, 4, 4)
    with torch.no_grad():
        assert torch.equal(model.encode(image)[0], other.encode(image)[0])
        assert torch.equal(model.infer(image, masks, noise).z_k, other.infer(image, masks, noise).z_k)


def block_parameters(source: int, target: int) -> int:
    """Three 3x3 convolutions without bias, each with scale and shift of its normalisation."""
    return 9 * source * target + 2 * (9 * target * target) + 3 * 2 * target


def test_parameter_counts_follow_the_arithmetic() -> None:
    model = Segmenter(NetworkConfig())
    down = block_parameters(1, 32) + block_parameters(32, 64) + block_parameters(64, 128) + block_parameters(128, 256)
    up = block_parameters(384, 128) + block_parameters(192, 64) + block_parameters(96, 32)
    head = 256 * 12 + 12
    conditioner = (256 * 8 + 8) + (8 * 8 + 8) + (8 * 4 * 13 + 4 * 13)
    fusion = (38 * 32 + 32) + 2 * (32 * 32 + 32) + (32 + 1)
    assert count_parameters(model.unet) == down + up
    assert count_parameters(model.prior) == down + head
    assert count_parameters(model.posterior) == down + 9 * 32 + head
    assert count_parameters(model.flow) == conditioner
    assert count_parameters(model.recombination) == fusion == 3393


def test_in_evaluation_an_image_does_not_depend_on_its_companions() -> None:
    model = shaken(TINY).eval()
    image, masks, noise = drawn()
    with torch.no_grad():
        part, prior = model.encode(image)
        alone, own = model.encode(image[1:2])
        together, single = model.infer(image, masks, noise), model.infer(image[1:2], masks[1:2], noise[1:2])
    assert (part[1] - alone[0]).abs().max() < 1e-5
    assert (prior.mean[1] - own.mean[0]).abs().max() < 1e-5
    assert (together.z_k[4:8] - single.z_k).abs().max() < 1e-5


def test_in_training_flow_parameters_do_not_depend_on_companions() -> None:
    model = shaken(TINY).train()
    z, context = torch.randn(6, 3), torch.randn(6, 16)
    together = model.flow(z, context)[0]
    alone = model.flow(z[2:3], context[2:3])[0]
    assert (together[2] - alone[0]).abs().max() < 1e-6
    assert not any(isinstance(m, nn.BatchNorm1d) for m in model.modules())


def test_recombination_halves_are_the_one_layer_on_the_concatenation() -> None:
    model = shaken(TINY).eval()
    features, z = torch.randn(2, 4, 8, 8), torch.randn(2, 5, 3)
    fusion = model.recombination
    assert fusion.from_latent is not None
    first = torch.cat([fusion.from_features.weight, fusion.from_latent.weight[:, :, None, None]], dim=1)
    with torch.no_grad():
        found = fusion(features, z)
        for k in range(5):
            joined = torch.cat([features, z[:, k, :, None, None].expand(-1, -1, 8, 8)], dim=1)
            hidden = torch.relu(nn.functional.conv2d(joined, first, fusion.from_features.bias))
            hidden = torch.relu(fusion.third(torch.relu(fusion.second(hidden))))
            assert (fusion.last(hidden) - found[:, k]).abs().max() < 1e-5


def test_permuting_samples_permutes_outputs() -> None:
    model = shaken(TINY).eval()
    image, _, _ = drawn()
    z, order = torch.randn(3, 6, 3), torch.tensor([3, 1, 5, 0, 2, 4])
    with torch.no_grad():
        part, _ = model.encode(image)
        assert torch.equal(model.decode(part, z)[:, order], model.decode(part, z[:, order]))
