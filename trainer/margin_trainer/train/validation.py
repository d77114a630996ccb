"""Validation by GED with fixed noise: same images, same draws every time, evaluation mode, float32."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from margin_trainer.data.batch import Case, place
from margin_trainer.measures.ged import EnergyDistance, energy_distance
from margin_trainer.networks.segmenter import Segmenter
from margin_trainer.sampling.philox import STREAM_VALIDATION, standard_normals

SAMPLES_AT_ONCE = 8
"""Bounds memory on whole photographs: 8 samples of 16 maps at 512x592 are 155 MB."""


@dataclass(frozen=True)
class ValidationScore:
    """Means over cases. `empty_samples` and `empty_readings` are shares; `prior_sd` is the prior's mean sigma, or 0.

    `ged_v` is the expectation of GED_V over `samples` of the draws; d_ss is over all of them, self-pairs included.
    """

    ged_v: float
    ged_u_samples: float
    d_sy: float
    d_ss: float
    d_yy: float
    empty_samples: float
    empty_readings: float
    prior_sd: float


def validate(
    model: Segmenter, cases: Sequence[Case], samples: int, seed: int, draws: int | None = None
) -> ValidationScore:
    """Score `model` (put into evaluation mode here) on whole cases; see ValidationConfig."""
    model.eval()
    drawn = draws or samples
    device = next(model.parameters()).device
    distances: list[EnergyDistance] = []
    empty_samples, empty_readings, sigmas = [], [], []
    for index, case in enumerate(cases):
        noise = standard_normals(seed + index, np.arange(drawn), model.config.latent_dimension, STREAM_VALIDATION)
        with torch.inference_mode():
            part, prior = model.encode(torch.from_numpy(case.image[None].copy()).to(device))
            z = prior.draw(torch.from_numpy(noise[None].astype(np.float32)).to(device))
            chunks = [model.decode(part, chunk)[0].cpu() for chunk in torch.split(z, SAMPLES_AT_ONCE, dim=1)]
            sigmas.append(float(prior.log_sigma.exp().mean()) if prior.log_sigma.numel() else 0.0)
        masks = place(torch.cat(chunks).numpy(), case)
        readings = case.readings & case.inside
        distances.append(energy_distance(masks, readings))
        empty_samples.append(float((~masks.reshape(drawn, -1).any(axis=1)).mean()))
        empty_readings.append(float((~readings.reshape(len(readings), -1).any(axis=1)).mean()))
    return ValidationScore(
        ged_v=float(np.mean([d.expected_v(samples) for d in distances])),
        ged_u_samples=float(np.mean([d.u_samples for d in distances])),
        d_sy=float(np.mean([d.d_sy for d in distances])),
        d_ss=float(np.mean([d.d_ss for d in distances])),
        d_yy=float(np.mean([d.d_yy for d in distances])),
        empty_samples=float(np.mean(empty_samples)),
        empty_readings=float(np.mean(empty_readings)),
        prior_sd=float(np.mean(sigmas)),
    )
