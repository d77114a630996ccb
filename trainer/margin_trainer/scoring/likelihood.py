"""Importance-sampled -CLL of a trained run: needs the posterior, which a package's graphs do not hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from margin_trainer.config import TrainingConfig, parse_config
from margin_trainer.data.batch import Case
from margin_trainer.failure import TrainerError
from margin_trainer.measures.bootstrap import patient_interval
from margin_trainer.measures.log_likelihood import conditional_likelihood, log_likelihoods
from margin_trainer.networks.latent_encoder import DiagonalGaussian
from margin_trainer.networks.segmenter import Segmenter
from margin_trainer.objective.elbo import repeat_gaussian
from margin_trainer.objective.kl import flow_kl_draws
from margin_trainer.sampling.philox import standard_normals
from margin_trainer.scoring.evaluate import Protocol, cases_of
from margin_trainer.train.checkpoint import read_checkpoint

SAMPLES = 16
DECODED_AT_ONCE = 8


@dataclass(frozen=True)
class PosteriorLikelihood:
    """Means over readings, nats: -CLL by posterior draws, the negative evidence lower bound, effective sample size."""

    negative_log: float
    negative_elbo: float
    effective_samples: float


def load_best(run_folder: Path) -> tuple[TrainingConfig, Segmenter]:
    """The best average of a run in evaluation mode."""
    state = read_checkpoint(run_folder / "best.pt")
    config = parse_config(state["config"])
    model = Segmenter(config.network)
    model.load_state_dict(state["weights"])
    return config, model.eval()


def posterior_likelihood(model: Segmenter, case: Case, seed: int, samples: int) -> PosteriorLikelihood:
    """Draws z_K of q(z|x,y_j) for each reading, weighted p(y_j|x,z) p(z|x) / q(z|x,y_j), equations (7) and (31)."""
    readings = case.readings & case.inside
    count, dimension = len(readings), model.config.latent_dimension
    height, width = case.image.shape[1:]
    rows = slice(case.top, min(case.top + height, case.inside.shape[0]))
    columns = slice(case.left, min(case.left + width, case.inside.shape[1]))
    seen, inside = readings[:, rows, columns], case.inside[rows, columns]
    masks = np.zeros((count, 1, height, width), np.float32)
    masks[:, 0, : seen.shape[1], : seen.shape[2]] = seen
    image = torch.from_numpy(case.image[None].copy())
    noise = standard_normals(seed, np.arange(count * samples), dimension).astype(np.float32)
    with torch.inference_mode():
        part, prior = model.encode(image)
        pair = torch.cat([image.expand(count, -1, -1, -1), torch.from_numpy(masks)], dim=1)
        base, context = model.posterior(pair)
        repeated = repeat_gaussian(base, samples)
        z_0 = repeated.draw(torch.from_numpy(noise))
        z_k, log_det = model.flow(z_0, context.repeat_interleave(samples, dim=0))
        whole = DiagonalGaussian(prior.mean.expand_as(z_k), prior.log_sigma.expand_as(z_k))
        divergence = flow_kl_draws(repeated, z_0, z_k, log_det, whole).double().numpy()
        decoded = prior.decoded(z_k[None])
        logits = torch.cat([model.decode(part, z)[0] for z in torch.split(decoded, DECODED_AT_ONCE, dim=1)])
    kept = logits.numpy()[:, : seen.shape[1], : seen.shape[2]].reshape(count, samples, *inside.shape)
    log_p = [log_likelihoods(kept[j], seen[j : j + 1], inside)[:, 0] for j in range(count)]
    weights: NDArray[np.float64] = np.stack(log_p, axis=1) - divergence.reshape(count, samples).T
    found = conditional_likelihood(weights)
    return PosteriorLikelihood(found.negative_log, -float(weights.mean()), found.effective_samples)


def evaluate_likelihood(
    run_folder: Path,
    data: Path,
    protocol: Protocol,
    samples: int = SAMPLES,
    report: Callable[[int, int], None] = lambda _done, _total: None,
) -> dict[str, Any]:
    """Means over the images of a split with intervals over patients. Refused: a network without a latent."""
    config, model = load_best(run_folder)
    if config.network.latent_dimension == 0:
        raise TrainerError(f"{run_folder}: the deterministic U-Net has no posterior; evaluate prints its likelihood")
    prepared = {
        "modality": config.modality,
        "input": {"sizePx": config.data.crop_px, "heightPx": config.data.height_px},
    }
    cases = cases_of(prepared, data, protocol)
    found = []
    for done, (number, case) in enumerate(cases):
        found.append(posterior_likelihood(model, case, protocol.seed + number, samples))
        report(done + 1, len(cases))
    patients = [case.patient for _number, case in cases]
    named = {
        "-CLL": [one.negative_log for one in found],
        "-ELBO": [one.negative_elbo for one in found],
        "effective samples": [one.effective_samples for one in found],
    }
    return {
        "run": config.name,
        "split": protocol.split,
        "images": len(cases),
        "patients": len(set(patients)),
        "samples": samples,
        "seed": protocol.seed,
        "partial": protocol.limit is not None,
        "convention": "nats an image, posterior draws weighted by prior over posterior, mean over readings",
        "results": [
            {"measure": name, "value": float(np.mean(values)), "interval": list(patient_interval(values, patients))}
            for name, values in named.items()
        ],
    }
