"""Laws of the divergence between a flow posterior and the prior."""

from __future__ import annotations

import math

import numpy as np
import torch
from scipy import integrate, stats
from torch import Tensor

from margin_trainer.flows.chain import PlanarChain
from margin_trainer.networks.latent_encoder import DiagonalGaussian
from margin_trainer.objective.kl import flow_kl, flow_kl_draws, gaussian_kl, log_normal, standard_normal_kl

L = 3


def gaussian(mean: list[float], sigma: list[float]) -> DiagonalGaussian:
    return DiagonalGaussian(
        mean=torch.tensor([mean], dtype=torch.float64),
        log_sigma=torch.tensor([sigma], dtype=torch.float64).log(),
    )


def expand(one: DiagonalGaussian, count: int) -> DiagonalGaussian:
    return DiagonalGaussian(one.mean.expand(count, -1), one.log_sigma.expand(count, -1))


def random_chain(seed: int, dimension: int = L) -> PlanarChain:
    torch.manual_seed(seed)
    chain = PlanarChain(dimension, 4, context_width=2).double()
    with torch.no_grad():
        for parameter in chain.parameters():
            parameter.add_(torch.randn_like(parameter))
    return chain


def flow_draws(base: DiagonalGaussian, chain: PlanarChain, count: int) -> tuple[Tensor, Tensor, Tensor]:
    z_0 = base.draw(torch.randn(count, base.mean.shape[1], dtype=torch.float64))
    with torch.no_grad():
        z_k, log_det = chain(z_0, torch.zeros(count, 2, dtype=torch.float64))
    return z_0, z_k, log_det


def test_closed_form_is_the_quadrature() -> None:
    q, p = gaussian([0.7], [0.3]), gaussian([-0.4], [1.5])

    def integrand(z: float) -> float:
        log_q, log_p = stats.norm.logpdf(z, 0.7, 0.3), stats.norm.logpdf(z, -0.4, 1.5)
        return float(np.exp(log_q) * (log_q - log_p))

    expected, _ = integrate.quad(integrand, -3, 4)
    assert abs(float(gaussian_kl(q, p)) - expected) < 1e-8


def test_closed_form_against_the_standard_normal() -> None:
    q = gaussian([0.7, -1.0], [0.3, 2.0])
    assert abs(float(standard_normal_kl(q) - gaussian_kl(q, gaussian([0, 0], [1, 1])))) < 1e-12


def test_divergence_of_a_gaussian_from_itself_is_zero() -> None:
    q = gaussian([0.7, -1.0], [0.3, 2.0])
    assert abs(float(gaussian_kl(q, q))) < 1e-14


def test_without_flow_the_estimate_is_the_closed_form() -> None:
    torch.manual_seed(1)
    q, p = gaussian([1.0, 0.0, -2.0], [0.5, 1.0, 0.2]), gaussian([0.0, 0.5, 1.0], [1.0, 2.0, 1.5])
    count = 200_000
    z = q.draw(torch.randn(count, L, dtype=torch.float64))
    zero = torch.zeros(count, dtype=torch.float64)
    for draws in (
        flow_kl_draws(expand(q, count), z, z, zero, expand(p, count)),
        flow_kl(expand(q, count), z, zero, expand(p, count)),
    ):
        assert abs(float(draws.mean() - gaussian_kl(q, p))) < 4 * float(draws.std()) / math.sqrt(count)


def test_estimators_agree_and_are_not_negative_for_random_flows() -> None:
    base, prior = gaussian([0.2, -0.3, 0.5], [0.4, 0.9, 0.1]), gaussian([0.0, 0.5, 0.1], [1.0, 0.7, 1.5])
    count = 10_000
    for seed in range(40):
        z_0, z_k, log_det = flow_draws(base, random_chain(seed), count)
        first = flow_kl_draws(expand(base, count), z_0, z_k, log_det, expand(prior, count))
        second = flow_kl(expand(base, count), z_k, log_det, expand(prior, count))
        error = 4 * float((first - second).std()) / math.sqrt(count)
        assert abs(float((first - second).mean())) < error
        assert float(first.mean()) > -4 * float(first.std()) / math.sqrt(count)


def test_base_density_at_the_transformed_draw_is_not_a_divergence() -> None:
    """The published code evaluates log q_0(z_K): for some flow its estimate is far below zero."""
    base, prior = gaussian([0.2, -0.3, 0.5], [0.05, 0.05, 0.05]), gaussian([0.0, 0.5, 0.1], [1.0, 0.7, 1.5])
    lowest = 0.0
    for seed in range(40):
        _, z_k, log_det = flow_draws(base, random_chain(seed), 1000)
        wrong = log_normal(z_k, base) - log_det - log_normal(z_k, prior)
        lowest = min(lowest, float(wrong.mean()))
    assert lowest < -10


def test_against_its_own_density_every_draw_gives_zero() -> None:
    """With p := q_K, log q_K(z_K) - log p(z_K) vanishes draw by draw; p is taken through the inverse flow."""
    torch.manual_seed(2)
    base, chain = gaussian([0.2, -0.3, 0.5], [0.4, 0.9, 0.1]), random_chain(3)
    z_0, z_k, log_det = flow_draws(base, chain, 500)
    log_q = log_normal(z_0, expand(base, 500)) - log_det
    with torch.no_grad():
        back, again = chain.inverse(z_k, torch.zeros(500, 2, dtype=torch.float64))
    assert (log_q - (log_normal(back, expand(base, 500)) - again)).abs().max() < 1e-6
