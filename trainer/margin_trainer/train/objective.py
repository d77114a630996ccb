"""The objective of a phase as one module, so that DistributedDataParallel can wrap it."""

from __future__ import annotations

from torch import Tensor, nn

from margin_trainer.config import PhaseConfig
from margin_trainer.networks.segmenter import Segmenter
from margin_trainer.objective.elbo import elbo_loss, noise_draws
from margin_trainer.objective.energy import energy_loss
from margin_trainer.objective.reconstruction import likelihood_loss

Terms = dict[str, Tensor]


def draws_of(phase: PhaseConfig, readings: int) -> int:
    """Latent draws an image that a step of `phase` needs."""
    return noise_draws(readings, phase.divergence) if phase.objective == "elbo" else phase.draws


class Objective(nn.Module):
    """Image, masks, inside and noise of a batch -> loss, and its terms without gradient."""

    def __init__(self, model: Segmenter) -> None:
        super().__init__()
        self.model = model

    def forward(
        self, phase: PhaseConfig, image: Tensor, masks: Tensor, inside: Tensor | None, noise: Tensor, beta: float
    ) -> tuple[Tensor, Terms]:
        """Shapes as in `elbo_loss` and `energy_loss`; noise has `draws_of` draws."""
        if phase.objective == "elbo":
            elbo = elbo_loss(self.model, image, masks, inside, noise, beta, phase.divergence)
            return elbo.loss, {"reconstruction": elbo.reconstruction.detach(), "kl": elbo.kl.detach()}
        if phase.objective == "likelihood":
            return likelihood_loss(self.model, image, masks, inside), {}
        energy = energy_loss(self.model, image, masks, inside, noise, phase.prior_kl, phase.scored_samples)
        return energy.loss, {
            "d_sy": energy.sample_reading.detach(),
            "d_ss": energy.sample_sample.detach(),
            "kl": energy.kl.detach(),
        }
