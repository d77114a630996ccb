"""ELBO <= importance-sampled bound <= exact log p(y|x), for one latent dimension and four pixels."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from margin_trainer.flows.chain import PlanarChain
from margin_trainer.networks.latent_encoder import DiagonalGaussian
from margin_trainer.objective.kl import flow_kl_draws, log_normal

READING = torch.tensor([1.0, 1.0, 0.0, 1.0], dtype=torch.float64)
SLOPE = torch.tensor([1.5, -0.4, 0.8, 2.0], dtype=torch.float64)
OFFSET = torch.tensor([0.3, 0.1, -0.5, -1.0], dtype=torch.float64)


def log_reading(z: Tensor) -> Tensor:
    """log p(y|z) of four Bernoulli pixels with logits SLOPE z + OFFSET; z [N, 1] -> [N]."""
    logits = z * SLOPE + OFFSET
    return (READING * logits - torch.nn.functional.softplus(logits)).sum(dim=1)


def gaussian(mean: float, sigma: float, count: int) -> DiagonalGaussian:
    whole = torch.ones(count, 1, dtype=torch.float64)
    return DiagonalGaussian(mean=mean * whole, log_sigma=math.log(sigma) * whole)


def exact(prior_mean: float, prior_sigma: float) -> float:
    """Quadrature over z."""
    z = torch.linspace(-12, 12, 200_001, dtype=torch.float64)[:, None]
    density = log_normal(z, gaussian(prior_mean, prior_sigma, len(z))) + log_reading(z)
    return float(torch.logsumexp(density, dim=0) + math.log(24 / 200_000))


def test_bounds_are_ordered() -> None:
    torch.manual_seed(1)
    truth = exact(0.2, 1.3)
    for seed in range(8):
        torch.manual_seed(seed)
        chain = PlanarChain(1, 4, context_width=2).double()
        with torch.no_grad():
            for parameter in chain.parameters():
                parameter.add_(0.2 * torch.randn_like(parameter))
        rows, inner = 4000, 16
        count = rows * inner
        base = gaussian(0.6, 1.5, count)
        z_0 = base.draw(torch.randn(count, 1, dtype=torch.float64))
        with torch.no_grad():
            z_k, log_det = chain(z_0, torch.zeros(count, 2, dtype=torch.float64))
        weight = log_reading(z_k) - flow_kl_draws(base, z_0, z_k, log_det, gaussian(0.2, 1.3, count))
        elbo = float(weight.mean())
        weighted = torch.logsumexp(weight.reshape(rows, inner), dim=1) - math.log(inner)
        noise = 4 * float(weighted.std()) / math.sqrt(rows)
        assert elbo < float(weighted.mean()) + noise
        assert float(weighted.mean()) < truth + noise
        # With every draw in one average the estimate is close to exact: the weights have mean p(y|x).
        everything = float(torch.logsumexp(weight, dim=0) - math.log(count))
        assert abs(everything - truth) < 0.05
