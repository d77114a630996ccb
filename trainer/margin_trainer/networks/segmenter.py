"""The whole model: U-Net, prior, posterior with its flow, and recombination."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from margin_trainer.config import NetworkConfig
from margin_trainer.flows.chain import IdentityChain, PlanarChain
from margin_trainer.flows.glow import GlowChain
from margin_trainer.networks.latent_encoder import DiagonalGaussian, LatentEncoder
from margin_trainer.networks.recombine import Recombination
from margin_trainer.networks.unet import UNet


@dataclass(frozen=True)
class PosteriorDraw:
    """One draw a row of q(z|x,y): base Gaussian, z_0 and z_K [N, L], sum of log-determinants [N]."""

    base: DiagonalGaussian
    z_0: Tensor
    z_k: Tensor
    log_det: Tensor


def build_flow(config: NetworkConfig, context_width: int) -> PlanarChain | GlowChain | IdentityChain:
    """The posterior's flow for `config.flow`; `none` is the Probabilistic U-Net."""
    if config.flow == "glow":
        return GlowChain(config.latent_dimension, config.flow_steps, context_width)
    if config.flow == "planar":
        return PlanarChain(config.latent_dimension, config.flow_steps, context_width)
    return IdentityChain()


class Segmenter(nn.Module):
    """cVAE segmenter. The flow is part of the posterior only; sampling uses prior, U-Net and recombination.

    With latent dimension 0 it is the deterministic U-Net: no prior, no posterior, one answer an image.
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.config = config
        filters = config.filters
        self.unet = UNet(config.channels, filters)
        if config.latent_dimension > 0:
            self.prior = LatentEncoder(config.channels, filters, config.latent_dimension)
            self.posterior = LatentEncoder(config.channels + 1, filters, config.latent_dimension)
        self.flow = build_flow(config, filters[-1])
        self.recombination = Recombination(filters[0], config.latent_dimension, config.fusion_width, 1)

    def encode(self, image: Tensor) -> tuple[Tensor, DiagonalGaussian]:
        """image [B, C, H, W] -> W_f f + b [B, width, H, W] and p(z|x), of width 0 without a latent."""
        if self.config.latent_dimension == 0:
            nothing = image.new_zeros(len(image), 0)
            return self.recombination.image_part(self.unet(image)), DiagonalGaussian(nothing, nothing)
        prior, _ = self.prior(image)
        return self.recombination.image_part(self.unet(image)), prior

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
