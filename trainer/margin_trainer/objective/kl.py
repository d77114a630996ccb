"""Divergences between posterior and prior, in nats an image."""

from __future__ import annotations

import math

from torch import Tensor

from margin_trainer.networks.latent_encoder import DiagonalGaussian


def log_normal(z: Tensor, gaussian: DiagonalGaussian) -> Tensor:
    """log N(z; mean, diag sigma^2), z [N, L] -> [N]."""
    scaled = (z - gaussian.mean) * (-gaussian.log_sigma).exp()
    return (-0.5 * scaled * scaled - gaussian.log_sigma - 0.5 * math.log(2 * math.pi)).sum(dim=-1)


def negative_entropy(gaussian: DiagonalGaussian) -> Tensor:
    """E[log N(z)] under itself: -sum (log sigma + 1/2 log 2 pi e), [N]."""
    return -(gaussian.log_sigma + 0.5 * math.log(2 * math.pi * math.e)).sum(dim=-1)


def gaussian_kl(q: DiagonalGaussian, p: DiagonalGaussian) -> Tensor:
    """Closed form KL(q || p) of equation (1) for two diagonal Gaussians, [N]."""
    ratio = (2 * (q.log_sigma - p.log_sigma)).exp()
    shift = (q.mean - p.mean) * (-p.log_sigma).exp()
    return 0.5 * (ratio + shift * shift - 1.0 - 2 * (q.log_sigma - p.log_sigma)).sum(dim=-1)


def standard_normal_kl(q: DiagonalGaussian) -> Tensor:
    """KL(q || N(0, I)), [N]."""
    return 0.5 * ((2 * q.log_sigma).exp() + q.mean * q.mean - 1.0 - 2 * q.log_sigma).sum(dim=-1)


def flow_kl_draws(base: DiagonalGaussian, z_0: Tensor, z_k: Tensor, log_det: Tensor, prior: DiagonalGaussian) -> Tensor:
    """log q_K(z_K) - log p(z_K) for each draw: base density at z_0, prior density at z_K, equation (8) read rightly."""
    return log_normal(z_0, base) - log_det - log_normal(z_k, prior)


def released_kl(base: DiagonalGaussian, z_k: Tensor, log_det: Tensor, prior: DiagonalGaussian) -> Tensor:
    """What the method's released code minimises, kept for one row of a comparison: not a divergence.

    It evaluates the base density at the transformed draw, log q_0(z_K) in place of log q_0(z_0). Minimising it rewards
    a flow for carrying z_K away from q_0, without bound: for q_0 = N(0, s^2), a step that adds 1 and p = N(0, 1) it is
    near -1 / (2 s^2) while the divergence grows as -log s.
    """
    return log_normal(z_k, base) - log_det - log_normal(z_k, prior)


def flow_kl(base: DiagonalGaussian, z_k: Tensor, log_det: Tensor, prior: DiagonalGaussian) -> Tensor:
    """The same expectation with less variance: log q_0(z_0) replaced by its mean, the negative entropy."""
    return negative_entropy(base) - log_det - log_normal(z_k, prior)
