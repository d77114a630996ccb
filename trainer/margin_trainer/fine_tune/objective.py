"""What a step of fine-tuning makes small: distances of draws of the prior to the readings, never the ELBO.

The parent's posterior was left behind by its last phases, so that a gradient through it would wreck the prior. Sums
over an image are weighted sums over pixels.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from margin_trainer.networks.latent_encoder import DiagonalGaussian
from margin_trainer.objective.energy import ratio_distance


@dataclass(frozen=True)
class Readings:
    """marks [B, R, P] in {0, 1}, given [B, R] (which rows are readings), weight [B, P]: pixels each stands for."""

    marks: Tensor
    given: Tensor
    weight: Tensor

    @property
    def count(self) -> Tensor:
        """Readings of each image, [B]."""
        return self.given.sum(dim=1)

    @property
    def marked(self) -> Tensor:
        """Area of each reading, px, [B, R]."""
        return (self.marks * self.weight[:, None]).sum(dim=-1)


def cross_pairs(draws: int) -> tuple[Tensor, Tensor]:
    """Every draw of the first half with every one of the second, [S^2 / 4] each.

    The halves are independent sets. Draws of one even set repel each other, so that their pairs are farther apart
    than a model's are.
    """
    return torch.arange(draws // 2).repeat_interleave(draws // 2), torch.arange(draws // 2, draws).repeat(draws // 2)


def energy(weighted: Tensor, readings: Readings) -> Tensor:
    """weighted [B, S, P], soft masks times weights -> 2 E d(s, y) - E d(s, s') of each image [B]: what the gate
    judges by. The halves of S are two independent sets.
    """
    area = weighted.sum(dim=-1)
    overlap = weighted @ readings.marks.transpose(1, 2)
    to_reading = ratio_distance(overlap, area[:, :, None] + readings.marked[:, None])
    to_reading = (to_reading * readings.given[:, None]).sum(dim=2) / readings.count[:, None]
    first, second = cross_pairs(area.shape[1])
    shared = torch.minimum(weighted[:, first], weighted[:, second]).sum(dim=-1)
    between = ratio_distance(shared, area[:, first] + area[:, second])
    return 2 * to_reading.mean(dim=1) - between.mean(dim=1)


SIZE_WEIGHT = 0.3
"""Of `size_distance` beside the energy or the likelihood."""


def size_distance(weighted: Tensor, readings: Readings) -> Tensor:
    """Twice the CRPS of ln(1 + area), px: weighted [B, S, P] -> [B]. The halves of S are two independent sets.

    The energy alone is nearly flat for samples that are too large: d is at most 1 however much too large they are.
    """
    drawn, read = torch.log1p(weighted.sum(dim=-1)), torch.log1p(readings.marked)
    to_reading = ((drawn[:, :, None] - read[:, None]).abs() * readings.given[:, None]).sum(dim=2)
    first, second = cross_pairs(drawn.shape[1])
    between = (drawn[:, first] - drawn[:, second]).abs().mean(dim=1)
    return 2 * to_reading.mean(dim=1) / readings.count - between


NATS_SCALE = 1e-2
"""Likelihoods of an image are tens of nats, distances less than one: brings one to the size of the other."""


def likelihood(logits: Tensor, readings: Readings) -> Tensor:
    """-log of the mean over draws of p(y | x, z), nats times NATS_SCALE, [B]: for one reader.

    An energy distance to one reader who is always the same has its minimum where all samples are equal.
    """
    each = logits @ (readings.marks * readings.weight[:, None]).transpose(1, 2)
    none = (functional.softplus(logits) * readings.weight[:, None]).sum(dim=-1)
    log_p = torch.logsumexp(each - none[:, :, None], dim=1)
    return -NATS_SCALE * (log_p * readings.given).sum(dim=1) / readings.count


def tie(prior: DiagonalGaussian, parent: DiagonalGaussian) -> Tensor:
    """KL of the prior to the parent's, nats, [B]."""
    ratio = prior.log_sigma - parent.log_sigma
    moved = (prior.mean - parent.mean) / parent.log_sigma.exp()
    return (0.5 * (torch.exp(2 * ratio) + moved**2 - 1) - ratio).sum(dim=1)


def image_losses(
    logits: Tensor, readings: Readings, prior: DiagonalGaussian, parent: DiagonalGaussian, weight: float, tied: bool
) -> Tensor:
    """Of each image [B]: of one reader the likelihood and the tie to the parent's prior, of several the energy; of both
    the distance of sizes. `tied` ties every image: where no reference set holds what the parent knows.
    """
    single = readings.count == 1
    weighted = torch.sigmoid(logits) * readings.weight[:, None]
    each = energy(weighted, readings)
    if bool(single.any()):
        each = torch.where(single, likelihood(logits, readings), each)
    asked = torch.ones_like(single) if tied else single
    return each + SIZE_WEIGHT * size_distance(weighted, readings) + weight * asked * tie(prior, parent)
