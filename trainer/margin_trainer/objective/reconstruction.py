"""Bernoulli log-likelihood of a mask, summed over pixels: equation (1)."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional


def log_likelihood(logits: Tensor, masks: Tensor, inside: Tensor | None = None) -> Tensor:
    """log p(y|x,z) = sum over pixels of y l - softplus(l), in nats.

    logits and masks [..., H, W] (broadcastable), inside [..., H, W] in {0, 1}: pixels that count, all when None.
    Returns [...].
    """
    per_pixel = masks * logits - functional.softplus(logits)
    if inside is not None:
        per_pixel = per_pixel * inside
    return per_pixel.sum(dim=(-2, -1))
