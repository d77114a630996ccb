"""Sinkhorn divergence between two sets of latent draws: an alternative to the KL in the objective."""

from __future__ import annotations

import math

import torch
from torch import Tensor

BLUR = 0.1
"""Strength of the entropy term: small against the unit scale of the prior, large enough to converge."""

ITERATIONS = 100


def transport_cost(a: Tensor, b: Tensor, blur: float = BLUR, iterations: int = ITERATIONS) -> Tensor:
    """Entropic optimal transport of uniform draws a [B, N, L] to b [B, M, L], cost |a - b|^2 / 2: dual value [B].

    Alternating updates of the two potentials in the log domain (Cuturi 2013).
    """
    cost = 0.5 * (a.unsqueeze(2) - b.unsqueeze(1)).square().sum(dim=-1)
    log_n, log_m = math.log(a.shape[1]), math.log(b.shape[1])
    f, g = cost.new_zeros(cost.shape[:2]), cost.new_zeros(len(cost), cost.shape[2])
    for _ in range(iterations):
        f = blur * (log_m - torch.logsumexp((g.unsqueeze(1) - cost) / blur, dim=2))
        g = blur * (log_n - torch.logsumexp((f.unsqueeze(2) - cost) / blur, dim=1))
    return f.mean(dim=1) + g.mean(dim=1)


def sinkhorn_divergence(a: Tensor, b: Tensor) -> Tensor:
    """cost(a, b) - (cost(a, a) + cost(b, b)) / 2, [B]: not negative, 0 for equal sets (Feydy et al. 2019)."""
    return transport_cost(a, b) - 0.5 * (transport_cost(a, a) + transport_cost(b, b))
