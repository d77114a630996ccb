"""The corrected objective of the method: negative evidence lower bound, one posterior draw a reading."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from margin_trainer.flows.chain import IdentityChain
from margin_trainer.networks.latent_encoder import DiagonalGaussian
from margin_trainer.networks.segmenter import Segmenter
from margin_trainer.objective.kl import flow_kl, gaussian_kl
from margin_trainer.objective.reconstruction import log_likelihood


@dataclass(frozen=True)
class ElboTerms:
    """Means over images and readings, nats: loss = -reconstruction + beta * kl."""

    loss: Tensor
    reconstruction: Tensor
    kl: Tensor


def repeat_gaussian(gaussian: DiagonalGaussian, count: int) -> DiagonalGaussian:
    """[B, L] -> [B * count, L], each row repeated in place."""
    return DiagonalGaussian(
        mean=gaussian.mean.repeat_interleave(count, dim=0),
        log_sigma=gaussian.log_sigma.repeat_interleave(count, dim=0),
    )


def elbo_loss(
    model: Segmenter, image: Tensor, masks: Tensor, inside: Tensor | None, noise: Tensor, beta: float
) -> ElboTerms:
    """image [B, C, H, W], masks [B, R, H, W], inside [B, 1, H, W] or None, noise [B, R, L].

    All readings of an image share one pass of U-Net and prior; each has its own posterior draw z_K, which is decoded.
    Without a flow (K = 0, the Probabilistic U-Net) the KL is the closed form.
    """
    readings = masks.shape[1]
    part, prior = model.encode(image)
    draw = model.infer(image, masks, noise)
    logits = model.decode(part, draw.z_k.reshape(len(image), readings, -1))
    with torch.autocast(image.device.type, enabled=False):
        reconstruction = log_likelihood(logits, masks, inside).mean()
        repeated = repeat_gaussian(prior, readings)
        if isinstance(model.flow, IdentityChain):
            kl = gaussian_kl(draw.base, repeated).mean()
        else:
            kl = flow_kl(draw.base, draw.z_k, draw.log_det, repeated).mean()
        return ElboTerms(loss=-reconstruction + beta * kl, reconstruction=reconstruction, kl=kl)
