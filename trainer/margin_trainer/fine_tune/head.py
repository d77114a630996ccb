"""The part that is trained on cached features: the bias of the prior's head, and the recombination, pixel by pixel."""

from __future__ import annotations

import copy
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from margin_trainer.fine_tune.parent import Parent
from margin_trainer.networks.latent_encoder import DiagonalGaussian, read_gaussian
from margin_trainer.networks.segmenter import Segmenter


class Head(nn.Module):
    """A copy of the parent's prior head and recombination; the head's weight stays as it is."""

    def __init__(self, parent: Parent) -> None:
        super().__init__()
        self.prior = copy.deepcopy(parent.model.prior.head)
        self.recombination = copy.deepcopy(parent.model.recombination)
        self.train_bias_alone()

    def train_bias_alone(self) -> None:
        """First stage: where the prior lies and how wide it is, 2 L numbers."""
        self.requires_grad_(False)
        self.prior.bias.requires_grad_(True)  # type: ignore[union-attr]

    def train_recombination_too(self) -> None:
        """Second stage."""
        self.recombination.requires_grad_(True)

    def gaussian(self, context: Tensor) -> DiagonalGaussian:
        """context [B, C] -> prior."""
        return read_gaussian(self.prior, context[:, :, None, None])[0]

    def logits(self, features: Tensor, z: Tensor) -> Tensor:
        """features [B, P, F], z [B, S, L] -> [B, S, P]: `Recombination` on a list of pixels."""
        layers = self.recombination
        part = _pixelwise(layers.from_features, features)
        assert layers.from_latent is not None
        hidden = functional.relu(part[:, None] + layers.from_latent(z)[:, :, None])
        hidden = functional.relu(_pixelwise(layers.second, hidden))
        hidden = functional.relu(_pixelwise(layers.third, hidden))
        return _pixelwise(layers.last, hidden)[..., 0]

    def put_into(self, model: Segmenter) -> None:
        """Write what was trained into a network."""
        model.prior.head.load_state_dict(self.prior.state_dict())
        model.recombination.load_state_dict(self.recombination.state_dict())


def _pixelwise(layer: nn.Conv2d, values: Tensor) -> Tensor:
    """A 1x1 convolution on [..., F]."""
    return functional.linear(values, layer.weight[:, :, 0, 0], layer.bias)


@dataclass(frozen=True)
class Anchor:
    """The parent's numbers by name: L2 to them keeps what a few cases say nothing about."""

    values: dict[str, Tensor]

    def distance(self, module: nn.Module) -> Tensor:
        """Sum of squares over what is being trained."""
        parts = [((p - self.values[n]) ** 2).sum() for n, p in module.named_parameters() if p.requires_grad]
        return torch.stack(parts).sum()


def anchor_of(module: nn.Module) -> Anchor:
    """As the module stands now."""
    return Anchor({name: value.detach().clone() for name, value in module.named_parameters()})
