"""Prior and posterior encoders: an image (and a rater's mask) to a diagonal Gaussian over the latent."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from margin_trainer.networks.blocks import ContractingPath, initialise_convolution

LOG_SIGMA_RANGE = (-7.0, 3.0)
"""log sigma is bounded softly: a saturated posterior would otherwise make the KL overflow."""


@dataclass(frozen=True)
class DiagonalGaussian:
    """mean and log sigma, both [N, L], float32 or wider."""

    mean: Tensor
    log_sigma: Tensor

    def draw(self, noise: Tensor) -> Tensor:
        """Standard normal noise [N, L] or [N, S, L] -> draws of the same shape."""
        mean, log_sigma = self.mean, self.log_sigma
        if noise.dim() == 3:
            mean, log_sigma = mean.unsqueeze(1), log_sigma.unsqueeze(1)
        return mean + log_sigma.exp() * noise


def bound_log_sigma(raw: Tensor) -> Tensor:
    """Soft bound to LOG_SIGMA_RANGE with slope 1 at its centre."""
    low, high = LOG_SIGMA_RANGE
    centre, half = (low + high) / 2, (high - low) / 2
    return centre + half * torch.tanh((raw - centre) / half)


def read_gaussian(head: nn.Conv2d, coarsest: Tensor) -> tuple[DiagonalGaussian, Tensor]:
    """Map [N, F, h, w] -> global average, 1x1 head: DiagonalGaussian and the pooled context [N, F].

    The head runs in float32 whatever the convolutions ran in.
    """
    pooled = coarsest.float().mean(dim=(2, 3), keepdim=True)
    with torch.autocast(pooled.device.type, enabled=False):
        both = head(pooled).flatten(1)
    half = head.out_channels // 2
    return DiagonalGaussian(mean=both[:, :half], log_sigma=bound_log_sigma(both[:, half:])), pooled.flatten(1)


class LatentHead(nn.Module):
    """Prior on a contracting path that is somebody else's: [N, F, h, w] -> DiagonalGaussian and context [N, F]."""

    def __init__(self, width: int, dimension: int) -> None:
        super().__init__()
        self.head = nn.Conv2d(width, 2 * dimension, 1)
        initialise_convolution(self.head)

    def forward(self, coarsest: Tensor) -> tuple[DiagonalGaussian, Tensor]:
        """See the class."""
        return read_gaussian(self.head, coarsest)


class LatentEncoder(nn.Module):
    """Contracting path, global average, 1x1 head: [N, C, H, W] -> DiagonalGaussian and the pooled context [N, F]."""

    def __init__(self, input_channels: int, filters: tuple[int, ...], dimension: int) -> None:
        super().__init__()
        self.path = ContractingPath(input_channels, filters)
        self.head = nn.Conv2d(filters[-1], 2 * dimension, 1)
        initialise_convolution(self.head)

    def forward(self, image: Tensor) -> tuple[DiagonalGaussian, Tensor]:
        """See the class."""
        return read_gaussian(self.head, self.path(image)[-1])
