"""Switches of objective and networks, each against its own law; without them nothing changes."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import SMOKE, SmokeRun, quiet, shaken
from scipy.optimize import linear_sum_assignment
from test_kl import expand, flow_draws, gaussian, random_chain
from torch import Tensor, nn

from margin_trainer.config import NetworkConfig, PhaseConfig, load_config, parse_config
from margin_trainer.data.open import open_data
from margin_trainer.export.encoder import export_encoder
from margin_trainer.export.sampler import export_sampler
from margin_trainer.export.write_package import write_package
from margin_trainer.failure import TrainerError
from margin_trainer.networks.segmenter import Segmenter
from margin_trainer.objective.elbo import elbo_loss, noise_draws
from margin_trainer.objective.energy import energy_loss
from margin_trainer.objective.kl import flow_kl, flow_kl_draws, log_normal, released_kl
from margin_trainer.objective.reconstruction import log_likelihood
from margin_trainer.objective.sinkhorn import sinkhorn_divergence, transport_cost
from margin_trainer.package import Package
from margin_trainer.train.loop import Trainer, count_parameters

TINY = NetworkConfig(filters=(4, 8, 8, 16), fusion_width=8, latent_dimension=4)


def drawn() -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(2)
    return torch.rand(3, 1, 16, 16, generator=generator), (torch.rand(3, 4, 16, 16, generator=generator) < 0.3).float()


def test_the_released_estimate_goes_below_zero_where_the_divergence_does_not() -> None:
    """Base N(0, s^2), p = N(0, 1), a flow that adds 1: the KL is -log s + s^2 / 2."""
    for s in (1.0, 0.1, 0.01):
        base, prior = expand(gaussian([0.0], [s]), 50_000), expand(gaussian([0.0], [1.0]), 50_000)
        torch.manual_seed(1)
        z_0 = base.draw(torch.randn(50_000, 1, dtype=torch.float64))
        zero = torch.zeros(50_000, dtype=torch.float64)
        right = float(flow_kl_draws(base, z_0, z_0 + 1, zero, prior).mean())
        released = float(released_kl(base, z_0 + 1, zero, prior).mean())
        assert right == pytest.approx(s * s / 2 - math.log(s), abs=0.03)
        assert released == pytest.approx(s * s / 2 - math.log(s) - 1 / (2 * s * s), rel=0.02, abs=0.03)


def test_the_objective_uses_the_divergence_it_was_told() -> None:
    model = shaken(TINY).eval()
    image, masks = drawn()
    noise = torch.randn(3, 8, 4)
    with torch.no_grad():
        draw = model.infer(image, masks, noise[:, :4])
        _, prior = model.encode(image)
        mean, log_sigma = (v.repeat_interleave(4, dim=0) for v in (prior.mean, prior.log_sigma))
        repeated = type(draw.base)(mean, log_sigma)
        found = elbo_loss(model, image, masks, None, noise[:, :4], 1.0)
        assert torch.allclose(found.kl, flow_kl(draw.base, draw.z_k, draw.log_det, repeated).mean())
        found = elbo_loss(model, image, masks, None, noise[:, :4], 1.0, "released_kl")
        assert torch.allclose(found.kl, released_kl(draw.base, draw.z_k, draw.log_det, repeated).mean())
        found = elbo_loss(model, image, masks, None, noise, 1.0, "latent_sinkhorn")
        others = prior.mean[:, None] + prior.log_sigma.exp()[:, None] * noise[:, 4:]
        assert torch.allclose(found.kl, sinkhorn_divergence(draw.z_k.reshape(3, 4, 4), others).mean())
    assert noise_draws(4, "latent_sinkhorn") == 8
    assert noise_draws(4, "kl") == 4


def test_the_objective_decodes_what_the_flow_gives() -> None:
    model = shaken(TINY).eval()
    image, masks = drawn()
    noise = torch.randn(3, 4, 4)
    with torch.no_grad():
        found = elbo_loss(model, image, masks, None, noise, 1.0).reconstruction
        base, context = model.posterior(
            torch.cat([image.repeat_interleave(4, dim=0), masks.flatten(0, 1).unsqueeze(1)], dim=1)
        )
        z_k, _ = model.flow(base.draw(noise.flatten(0, 1)), context)
        logits = model.decode(model.encode(image)[0], z_k.reshape(3, 4, 4))
        expected = log_likelihood(logits, masks).mean()
    assert float(found) == pytest.approx(float(expected), rel=1e-6)


def test_with_little_blur_transport_is_the_best_assignment() -> None:
    generator = np.random.default_rng(3)
    for _ in range(5):
        a, b = generator.standard_normal((2, 6, 3))
        cost = 0.5 * ((a[:, None] - b[None]) ** 2).sum(axis=2)
        rows, columns = linear_sum_assignment(cost)
        found = transport_cost(torch.from_numpy(a)[None], torch.from_numpy(b)[None], blur=2e-3, iterations=4000)
        assert float(found) == pytest.approx(cost[rows, columns].mean(), rel=0.01)


def test_sinkhorn_divergence_is_zero_for_equal_sets_symmetric_and_grows_with_the_shift() -> None:
    torch.manual_seed(4)
    a, b = torch.randn(5, 4, 3, dtype=torch.float64), torch.randn(5, 4, 3, dtype=torch.float64)
    assert float(sinkhorn_divergence(a, a[:, [2, 0, 3, 1]]).abs().max()) < 1e-3
    assert torch.allclose(sinkhorn_divergence(a, b), sinkhorn_divergence(b, a), atol=1e-3)
    assert float(sinkhorn_divergence(a, b).min()) > 0
    # A shift of a whole set by v costs |v|^2 / 2 exactly, blur or not.
    for shift in (0.5, 2.0):
        expected = torch.full((5,), 3 * shift * shift / 2, dtype=torch.float64)
        assert torch.allclose(sinkhorn_divergence(a, a + shift), expected, atol=1e-2)


@pytest.mark.parametrize("kind", ["planar", "glow"])
def test_prior_flow_starts_as_the_identity_and_every_parameter_learns(kind: str) -> None:
    config = replace(TINY, prior_flow=kind)  # type: ignore[arg-type]
    torch.manual_seed(5)
    fresh = Segmenter(config).eval()
    image, masks = drawn()
    noise = torch.randn(3, 4, 4)
    with torch.no_grad():
        _, prior = fresh.encode(image)
        assert torch.allclose(
            prior.draw(noise), prior.mean[:, None] + prior.log_sigma.exp()[:, None] * noise, atol=1e-5
        )
    model = shaken(config)
    elbo_loss(model, image, masks, None, noise, 1.0).loss.backward()
    assert [name for name, p in model.named_parameters() if p.grad is None or not bool(p.grad.abs().max() > 0)] == []
    model.zero_grad()
    energy_loss(model, image, masks, None, noise, 0.0).loss.backward()
    assert all(p.grad is not None for p in model.prior_flow.parameters())


def test_prior_flow_leaves_the_divergence_as_it_is_in_base_space() -> None:
    """Posterior and prior go through one bijection: densities change by one log-determinant, the ratio does not."""
    base, prior = gaussian([0.2, -0.3, 0.5], [0.4, 0.9, 0.1]), gaussian([0.0, 0.5, 0.1], [1.0, 0.7, 1.5])
    posterior_flow, prior_flow = random_chain(1), random_chain(2)
    z_0, z_k, log_det = flow_draws(base, posterior_flow, 500)
    context = torch.zeros(500, 2, dtype=torch.float64)
    with torch.no_grad():
        decoded, more = prior_flow(z_k, context)
        back, again = prior_flow.inverse(decoded, context)
    log_q = log_normal(z_0, expand(base, 500)) - log_det - more
    log_p = log_normal(back, expand(prior, 500)) - again
    in_base = flow_kl_draws(expand(base, 500), z_0, z_k, log_det, expand(prior, 500))
    assert (log_q - log_p - in_base).abs().max() < 1e-6


def test_posterior_draws_pass_through_the_prior_flow_before_they_are_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    model = shaken(replace(TINY, prior_flow="planar")).eval()
    image, masks = drawn()
    noise = torch.randn(3, 4, 4)
    seen: list[Tensor] = []
    decode = model.decode

    def watched(part: Tensor, z: Tensor) -> Tensor:
        seen.append(z)
        return decode(part, z)

    monkeypatch.setattr(model, "decode", watched)
    with torch.no_grad():
        elbo_loss(model, image, masks, None, noise, 1.0)
        z_k = model.infer(image, masks, noise).z_k
        context = model.encode(image)[1].context
        for row in range(3):
            moved, _ = model.prior_flow(z_k[4 * row : 4 * row + 4], context[row].expand(4, -1))
            assert torch.allclose(seen[0][row], moved, atol=1e-5)
            assert (moved - z_k[4 * row : 4 * row + 4]).abs().max() > 1e-3


def test_a_run_with_prior_flow_trains_and_is_not_exported(tmp_path: Path) -> None:
    config = load_config(SMOKE)
    phase = PhaseConfig(objective="elbo", rate=1e-3, batch=4, steps=2)
    config = replace(config, network=replace(config.network, prior_flow="glow"), phase=(phase,))
    opened = open_data(config, tmp_path)
    Trainer(config, opened.training, opened.validation[:2], tmp_path, quiet()).run()
    with pytest.raises(TrainerError, match="prior_flow = 'glow' cannot be exported"):
        write_package(tmp_path, tmp_path / "package", "a test")


def test_shared_prior_saves_a_contracting_path_and_exports_the_same_numbers(tmp_path: Path) -> None:
    config = replace(TINY, shared_prior=True)
    model, whole = shaken(config).eval(), Segmenter(TINY)
    assert isinstance(whole.prior, nn.Module)
    assert count_parameters(whole) - count_parameters(model) == count_parameters(whole.unet.down)
    image, masks = drawn()
    elbo_loss(model, image, masks, None, torch.randn(3, 4, 4), 1.0).loss.backward()
    assert [name for name, p in model.named_parameters() if p.grad is None] == []
    export_encoder(model, tmp_path / "encoder.onnx")
    export_sampler(model, tmp_path / "sampler.onnx")
    encoding = Package(tmp_path / "encoder.onnx", tmp_path / "sampler.onnx", threads=1).encode(image[:1].numpy())
    with torch.no_grad():
        part, prior = model.encode(image[:1])
    assert np.abs(encoding.features - part.numpy()).max() < 1e-4
    # The package's kernels are rounded to float16.
    assert np.abs(encoding.mean - prior.mean[0].numpy()).max() < 1e-4
    assert np.abs(encoding.log_variance - 2 * prior.log_sigma[0].numpy()).max() < 1e-4


def test_a_checkpoint_from_before_the_switches_resumes(smoke_run: SmokeRun, tmp_path: Path) -> None:
    state = torch.load(smoke_run.folder / "last.pt", weights_only=True)
    for table, option in (("network", "prior_flow"), ("network", "shared_prior"), ("data", "readings")):
        del state["config"][table][option]
    del state["position"]["stale"]
    for phase in state["config"]["phase"]:
        del phase["divergence"]
    torch.save(state, tmp_path / "last.pt")
    config = smoke_run.config
    trainer = Trainer(config, open_data(config, tmp_path).training, [], tmp_path, quiet())
    trainer.resume()
    assert trainer.position.step == 200


@pytest.mark.parametrize(
    ("table", "options", "words"),
    [
        ("phase", {"divergence": "wasserstein"}, r"phase\[0\]\.divergence: 'wasserstein' is not one of"),
        ("phase", {"objective": "energy", "divergence": "released_kl"}, "divergence belongs to objective = 'elbo'"),
        ("network", {"prior_flow": "radial"}, r"network\.prior_flow: 'radial' is not one of"),
        ("network", {"latent_dimension": 0, "flow": "none", "shared_prior": True}, "no prior_flow or shared_prior"),
    ],
)
def test_switches_that_do_not_fit_are_refused(table: str, options: dict[str, object], words: str) -> None:
    network: dict[str, object] = options if table == "network" else {}
    phase = {"objective": "elbo", "rate": 1e-3, "batch": 2, "steps": 1} | (options if table == "phase" else {})
    raw = {"name": "x", "seed": 1, "data": {"kind": "phantom"}, "network": network, "phase": [phase]}
    with pytest.raises(TrainerError, match=words):
        parse_config(raw)
