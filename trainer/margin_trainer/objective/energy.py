"""Energy distance between draws of the prior and the readings: the second phase of training.

The soft distance is 1 - sum min / sum max (Ruzicka): d(s, s) = 0 for grey masks too, so blur does not count as
diversity, as it would with the product form of soft IoU.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from margin_trainer.networks.segmenter import Segmenter
from margin_trainer.objective.kl import standard_normal_kl

SMOOTHING_PX = 1.0
"""Added to numerator and denominator, so that two empty masks agree and an almost empty one is near them."""


@dataclass(frozen=True)
class EnergyTerms:
    """Means over images: sample to reading, sample to sample (no self-pairs), prior to N(0, I) in nats."""

    loss: Tensor
    sample_reading: Tensor
    sample_sample: Tensor
    kl: Tensor


def ratio_distance(overlap: Tensor, total: Tensor) -> Tensor:
    """1 - (sum min + e) / (sum max + e) with sum max = total - overlap; any shape."""
    return 1.0 - (overlap + SMOOTHING_PX) / (total - overlap + SMOOTHING_PX)


def sample_reading_distance(soft: Tensor, masks: Tensor) -> Tensor:
    """soft [B, S, P] in [0, 1], masks [B, R, P] in {0, 1} -> [B, S, R]; min(s, y) = s y for binary y."""
    overlap = soft @ masks.transpose(1, 2)
    total = soft.sum(dim=-1).unsqueeze(2) + masks.sum(dim=-1).unsqueeze(1)
    return ratio_distance(overlap, total)


def sample_sample_distance(soft: Tensor) -> Tensor:
    """soft [B, S, P] -> [B, S (S - 1) / 2], every unordered pair once."""
    first, second = torch.triu_indices(soft.shape[1], soft.shape[1], offset=1, device=soft.device)
    overlap = torch.minimum(soft[:, first], soft[:, second]).sum(dim=-1)
    area = soft.sum(dim=-1)
    return ratio_distance(overlap, area[:, first] + area[:, second])


def spread_weight(scored_samples: int | None) -> float:
    """Share of ordered pairs of N samples that are not self-pairs, 1 - 1/N; 1 for the unbiased energy distance."""
    return 1.0 if scored_samples is None else 1.0 - 1.0 / scored_samples


def energy_loss(
    model: Segmenter,
    image: Tensor,
    masks: Tensor,
    inside: Tensor | None,
    noise: Tensor,
    prior_kl_weight: float,
    scored_samples: int | None = None,
) -> EnergyTerms:
    """image [B, C, H, W], masks [B, R, H, W], inside [B, 1, H, W] or None, noise [B, S, L] with S >= 2 where L > 0.

    Energy distance 2 E d(s, y) - w E d(s, s'), up to the readings' own term, which has no gradient: w = 1 without
    bias, or w = 1 - 1/N for the expectation of GED_V over N samples. A deterministic network (L = 0) gives S = 1
    mask: what remains is twice its mean distance to the readings, GED_V of any number of identical samples.
    """
    part, prior = model.encode(image)
    logits = model.decode(part, prior.draw(noise))
    with torch.autocast(image.device.type, enabled=False):
        soft = torch.sigmoid(logits)
        if inside is not None:
            soft, masks = soft * inside, masks * inside
        soft, masks = soft.flatten(2), masks.flatten(2)
        to_reading = sample_reading_distance(soft, masks).mean()
        to_sample = sample_sample_distance(soft).mean() if soft.shape[1] > 1 else soft.new_zeros(())
        kl = standard_normal_kl(prior).mean()
        loss = 2 * to_reading - spread_weight(scored_samples) * to_sample + prior_kl_weight * kl
        return EnergyTerms(loss=loss, sample_reading=to_reading, sample_sample=to_sample, kl=kl)
