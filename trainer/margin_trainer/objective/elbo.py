"""The corrected objective of the method: negative evidence lower bound, one posterior draw a reading."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from margin_trainer.config import Divergence
from margin_trainer.flows.chain import IdentityChain
from margin_trainer.networks.latent_encoder import DiagonalGaussian
from margin_trainer.networks.segmenter import PosteriorDraw, Segmenter
from margin_trainer.objective.kl import flow_kl, gaussian_kl, released_kl
from margin_trainer.objective.reconstruction import log_likelihood
from margin_trainer.objective.sinkhorn import sinkhorn_divergence


@dataclass(frozen=True)
class ElboTerms:
    """Means over images and readings, nats: loss = -reconstruction + beta * kl; `kl` is the chosen divergence."""

    loss: Tensor
    reconstruction: Tensor
    kl: Tensor


def repeat_gaussian(gaussian: DiagonalGaussian, count: int) -> DiagonalGaussian:
    """[B, L] -> [B * count, L], each row repeated in place."""
    return DiagonalGaussian(
        mean=gaussian.mean.repeat_interleave(count, dim=0),
        log_sigma=gaussian.log_sigma.repeat_interleave(count, dim=0),
    )


def noise_draws(readings: int, divergence: Divergence) -> int:
    """How many latent draws an image `elbo_loss` needs: one a reading, and as many of the prior for Sinkhorn."""
    return 2 * readings if divergence == "latent_sinkhorn" else readings


def elbo_loss(
    model: Segmenter,
    image: Tensor,
    masks: Tensor,
    inside: Tensor | None,
    noise: Tensor,
    beta: float,
    divergence: Divergence = "kl",
) -> ElboTerms:
    """image [B, C, H, W], masks [B, R, H, W], inside [B, 1, H, W] or None, noise [B, noise_draws, L].

    All readings of an image share one pass of U-Net and prior; each has its own posterior draw z_K, which is decoded.
    Without a flow (K = 0, the Probabilistic U-Net) the KL is the closed form. With `latent_sinkhorn` the posterior
    draws of an image, all readings together, are held against as many draws of its prior, in place of the KL.
    """
    readings = masks.shape[1]
    part, prior = model.encode(image)
    draw = model.infer(image, masks, noise[:, :readings])
    z_k = draw.z_k.reshape(len(image), readings, -1)
    logits = model.decode(part, prior.decoded(z_k))
    with torch.autocast(image.device.type, enabled=False):
        reconstruction = log_likelihood(logits, masks, inside).mean()
        if divergence == "latent_sinkhorn":
            base = DiagonalGaussian(prior.mean, prior.log_sigma)
            kl = sinkhorn_divergence(z_k, base.draw(noise[:, readings:])).mean()
        else:
            kl = posterior_divergence(model, draw, repeat_gaussian(prior, readings), divergence).mean()
        return ElboTerms(loss=-reconstruction + beta * kl, reconstruction=reconstruction, kl=kl)


def posterior_divergence(
    model: Segmenter, draw: PosteriorDraw, prior: DiagonalGaussian, divergence: Divergence
) -> Tensor:
    """KL(q || p) of each posterior draw's distribution, or the released code's estimate of it, [N]."""
    if divergence == "released_kl":
        return released_kl(draw.base, draw.z_k, draw.log_det, prior)
    if isinstance(model.flow, IdentityChain):
        return gaussian_kl(draw.base, prior)
    return flow_kl(draw.base, draw.z_k, draw.log_det, prior)
