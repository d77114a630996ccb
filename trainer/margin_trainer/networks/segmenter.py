"""The whole model: U-Net, prior, posterior with its flow, and recombination."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from margin_trainer.config import NetworkConfig
from margin_trainer.flows.chain import IdentityChain, PlanarChain
from margin_trainer.flows.glow import GlowChain
from margin_trainer.networks.latent_encoder import DiagonalGaussian, LatentEncoder, LatentHead
from margin_trainer.networks.recombine import Recombination
from margin_trainer.networks.unet import UNet


@dataclass(frozen=True)
class PosteriorDraw:
    """One draw a row of q(z|x,y): base Gaussian, z_0 and z_K [N, L], sum of log-determinants [N]."""

    base: DiagonalGaussian
    z_0: Tensor
    z_k: Tensor
    log_det: Tensor


Chain = PlanarChain | GlowChain | IdentityChain


@dataclass(frozen=True)
class Prior(DiagonalGaussian):
    """p(z|x): base Gaussian, and a flow into the space that is decoded, conditioned on the image alone.

    Posterior and prior meet in base space and both go through this flow, so its log-determinants cancel in the KL:
    it is an image-conditional part of the decoder.
    """

    flow: Chain
    context: Tensor

    def decoded(self, z: Tensor) -> Tensor:
        """Base draws [B, S, L] -> what is decoded, same shape."""
        if isinstance(self.flow, IdentityChain):
            return z
        with torch.autocast(z.device.type, enabled=False):
            moved, _ = self.flow(z.flatten(0, 1), self.context.repeat_interleave(z.shape[1], dim=0))
        result: Tensor = moved.reshape(z.shape)
        return result

    def draw(self, noise: Tensor) -> Tensor:
        """Standard normal noise [B, S, L] -> draws to decode, same shape."""
        return self.decoded(super().draw(noise))


def build_flow(kind: Literal["planar", "glow", "none"], config: NetworkConfig) -> Chain:
    """A chain of `flow_steps` conditioned on an encoder's context; `none` is the identity."""
    if kind == "glow":
        return GlowChain(config.latent_dimension, config.flow_steps, config.filters[-1])
    if kind == "planar":
        return PlanarChain(config.latent_dimension, config.flow_steps, config.filters[-1])
    return IdentityChain()


class Segmenter(nn.Module):
    """cVAE segmenter. The flow is part of the posterior only; sampling uses prior, U-Net and recombination.

    `flow = "none"` is the Probabilistic U-Net.
    With latent dimension 0 it is the deterministic U-Net: no prior, no posterior, one answer an image.
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.config = config
        filters = config.filters
        self.unet = UNet(config.channels, filters)
        if config.latent_dimension > 0:
            self.prior: LatentHead | LatentEncoder
            if config.shared_prior:
                self.prior = LatentHead(filters[-1], config.latent_dimension)
            else:
                self.prior = LatentEncoder(config.channels, filters, config.latent_dimension)
            self.posterior = LatentEncoder(config.channels + 1, filters, config.latent_dimension)
        self.flow = build_flow(config.flow, config)
        self.recombination = Recombination(filters[0], config.latent_dimension, config.fusion_width, 1)
        self.prior_flow = build_flow(config.prior_flow, config)

    def encode(self, image: Tensor) -> tuple[Tensor, Prior]:
        """image [B, C, H, W] -> W_f f + b [B, width, H, W] and p(z|x), of width 0 without a latent."""
        features, coarsest = self.unet.with_coarsest(image)
        part = self.recombination.image_part(features)
        if self.config.latent_dimension == 0:
            nothing = image.new_zeros(len(image), 0)
            return part, Prior(nothing, nothing, self.prior_flow, nothing)
        base, context = self.prior(coarsest if self.config.shared_prior else image)
        return part, Prior(base.mean, base.log_sigma, self.prior_flow, context)

    def infer(self, image: Tensor, masks: Tensor, noise: Tensor) -> PosteriorDraw:
        """image [B, C, H, W], masks [B, R, H, W], noise [B, R, L] -> B*R posterior draws, rater index fastest."""
        readings = masks.shape[1]
        repeated = image.repeat_interleave(readings, dim=0)
        base, context = self.posterior(torch.cat([repeated, masks.flatten(0, 1).unsqueeze(1)], dim=1))
        z_0 = base.draw(noise.flatten(0, 1))
        with torch.autocast(image.device.type, enabled=False):
            z_k, log_det = self.flow(z_0, context)
        return PosteriorDraw(base=base, z_0=z_0, z_k=z_k, log_det=log_det)

    def decode(self, part: Tensor, z: Tensor) -> Tensor:
        """part [B, width, H, W], z [B, S, L] -> logits [B, S, H, W] in float32."""
        return self.recombination.sample(part, z).squeeze(2).float()
