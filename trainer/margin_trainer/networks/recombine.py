"""Fusion of image features with a latent draw ("fcomb"): 1x1 convolutions to logits.

The first layer is linear in the concatenation of features and latent, W [f; z] + b = (W_f f + b) + W_z z, so it is
held as its two halves: W_f f + b is computed once an image, W_z z once a draw.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class Recombination(nn.Module):
    """Features [B, F, H, W] and draws [B, S, L] -> logits [B, S, K, H, W].

    With L = 0 (deterministic U-Net) there is no W_z: every draw of an image has the same logits.
    """

    def __init__(self, feature_channels: int, dimension: int, width: int, classes: int) -> None:
        super().__init__()
        # Built as the one layer it is, so that its initialisation is orthogonal as a whole.
        first = nn.Conv2d(feature_channels + dimension, width, 1)
        nn.init.orthogonal_(first.weight)
        self.from_features = nn.Conv2d(feature_channels, width, 1)
        self.from_latent = nn.Linear(dimension, width, bias=False) if dimension > 0 else None
        with torch.no_grad():
            self.from_features.weight.copy_(first.weight[:, :feature_channels])
            if self.from_latent is not None:
                self.from_latent.weight.copy_(first.weight[:, feature_channels:, 0, 0])
        self.second = nn.Conv2d(width, width, 1)
        self.third = nn.Conv2d(width, width, 1)
        self.last = nn.Conv2d(width, classes, 1)
        for layer in (self.from_features, self.second, self.third, self.last):
            if layer is not self.from_features:
                nn.init.orthogonal_(layer.weight)
            if layer.bias is not None:
                nn.init.trunc_normal_(layer.bias, std=0.001, a=-0.002, b=0.002)

    def image_part(self, features: Tensor) -> Tensor:
        """W_f f + b, [B, width, H, W]: what the product computes once and caches."""
        return self.from_features(features)  # type: ignore[no-any-return]

    def sample(self, part: Tensor, z: Tensor) -> Tensor:
        """part [B, width, H, W], z [B, S, L] -> logits [B, S, K, H, W]."""
        batch, draws = z.shape[:2]
        if self.from_latent is None:
            return self.finish(part).unsqueeze(1).expand(-1, draws, -1, -1, -1)
        shift = self.from_latent(z).to(part.dtype)
        joined = part.unsqueeze(1) + shift[..., None, None]
        logits = self.finish(joined.flatten(0, 1))
        return logits.reshape(batch, draws, *logits.shape[1:])

    def finish(self, joined: Tensor) -> Tensor:
        """What follows the first layer's sum: [M, width, H, W] -> logits [M, K, H, W]."""
        hidden = functional.relu(joined)
        hidden = functional.relu(self.second(hidden))
        hidden = functional.relu(self.third(hidden))
        logits: Tensor = self.last(hidden)
        return logits

    def forward(self, features: Tensor, z: Tensor) -> Tensor:
        """See the class."""
        return self.sample(self.image_part(features), z)
