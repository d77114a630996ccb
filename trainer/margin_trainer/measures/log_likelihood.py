"""Negative conditional log-likelihood by draws of the prior: equation (31), and how far to trust it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from margin_trainer.measures.distance import Masks

Float64 = NDArray[np.float64]


@dataclass(frozen=True)
class ConditionalLikelihood:
    """Means over readings: -log (1/N) sum_i p(y|x,z_i) in nats, and the effective sample size, between 1 and N."""

    negative_log: float
    effective_samples: float


def log_likelihoods(logits: NDArray[np.float32], readings: Masks, inside: NDArray[np.bool_]) -> Float64:
    """logits [N, H, W], readings [M, H, W], inside [H, W] -> log p(y_j|x,z_i) of the inside, [N, M], float64."""
    kept = logits[:, inside].astype(np.float64)
    marked = readings[:, inside].astype(np.float64)
    softplus = np.logaddexp(0.0, kept).sum(axis=1)
    result: Float64 = kept @ marked.T - softplus[:, None]
    return result


def conditional_likelihood(log_p: Float64) -> ConditionalLikelihood:
    """log_p [N, M]; upward biased (Jensen) and ruled by the luckiest draw, hence the effective sample size."""
    negative = np.log(len(log_p)) - logsumexp(log_p, axis=0)
    weights = np.exp(log_p - log_p.max(axis=0))
    effective = weights.sum(axis=0) ** 2 / (weights**2).sum(axis=0)
    return ConditionalLikelihood(float(negative.mean()), float(effective.mean()))
