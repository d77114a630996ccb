"""Bernoulli log-likelihood of a mask, summed over pixels: equation (1)."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from margin_trainer.networks.segmenter import Segmenter


def log_likelihood(logits: Tensor, masks: Tensor, inside: Tensor | None = None) -> Tensor:
    """log p(y|x,z) = sum over pixels of y l - softplus(l), in nats.

    logits and masks [..., H, W] (broadcastable), inside [..., H, W] in {0, 1}: pixels that count, all when None.
    Returns [...].
    """
    per_pixel = masks * logits - functional.softplus(logits)
    if inside is not None:
        per_pixel = per_pixel * inside
    return per_pixel.sum(dim=(-2, -1))


def likelihood_loss(model: Segmenter, image: Tensor, masks: Tensor, inside: Tensor | None) -> Tensor:
    """Negative log-likelihood of the readings under the deterministic U-Net, mean over images and readings, nats.

    image [B, C, H, W], masks [B, R, H, W], inside [B, 1, H, W] or None. Its optimum is the share of readings that mark
    a pixel.
    """
    part, nothing = model.encode(image)
    logits = model.decode(part, nothing.mean.unsqueeze(1))
    with torch.autocast(image.device.type, enabled=False):
        return -log_likelihood(logits, masks, inside).mean()
