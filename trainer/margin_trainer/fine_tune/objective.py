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


def energy(logits: Tensor, readings: Readings) -> Tensor:
    """logits [B, S, P] -> 2 E d(s, y) - E d(s, s') of each image [B], no self-pairs: what the gate judges by."""
    soft = torch.sigmoid(logits)
    weighted = soft * readings.weight[:, None]
    area = weighted.sum(dim=-1)
    overlap = weighted @ readings.marks.transpose(1, 2)
    marked = (readings.marks * readings.weight[:, None]).sum(dim=-1)
    to_reading = ratio_distance(overlap, area[:, :, None] + marked[:, None])
    to_reading = (to_reading * readings.given[:, None]).sum(dim=2) / readings.count[:, None]
    first, second = torch.triu_indices(soft.shape[1], soft.shape[1], offset=1)
    shared = torch.minimum(weighted[:, first], weighted[:, second]).sum(dim=-1)
    between = ratio_distance(shared, area[:, first] + area[:, second])
    return 2 * to_reading.mean(dim=1) - between.mean(dim=1)


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
    """Of each image [B]: of one reader the likelihood and the tie to the parent's prior, of several the energy.

    `tied` ties every image: where no reference set holds what the parent knows.
    """
    single = readings.count == 1
    each = energy(logits, readings)
    if bool(single.any()):
        each = torch.where(single, likelihood(logits, readings), each)
    asked = torch.ones_like(single) if tied else single
    return each + weight * asked * tie(prior, parent)
