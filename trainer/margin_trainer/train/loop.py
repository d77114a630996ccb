"""The training loop: phases, checkpoints at step granularity, validation, best average kept.

The order of images, augmentation and noise of step s are functions of (seed, s) alone, so the step number is all the
random state there is, and a resumed run of a configuration in steps equals an uninterrupted one bit for bit on a CPU.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from margin_trainer.config import PhaseConfig, TrainingConfig, config_as_dict, parse_config
from margin_trainer.data.batch import Batch, Case, TrainingSet
from margin_trainer.failure import TrainerError
from margin_trainer.networks.segmenter import Segmenter
from margin_trainer.objective.elbo import elbo_loss
from margin_trainer.objective.energy import energy_loss
from margin_trainer.objective.reconstruction import likelihood_loss
from margin_trainer.train.average import WeightAverage
from margin_trainer.train.checkpoint import read_checkpoint, write_atomically
from margin_trainer.train.progress import Progress
from margin_trainer.train.schedule import beta_at, rate_at
from margin_trainer.train.validation import validate

STREAM_ORDER, STREAM_STEP = 11, 12
"""Second entry of numpy seeds: the order of an epoch, the draws of a step."""

REPORT_SECONDS = 10.0


@dataclass
class Position:
    """Where a run stands. Seconds are wall time spent in the loop, over all sessions of the run."""

    step: int = 0
    phase: int = 0
    phase_step: int = 0
    phase_seconds: float = 0.0
    seconds: float = 0.0
    images: int = 0
    best_ged: float = math.inf
    best_step: int = -1
    validated_seconds: float = 0.0
    saved_seconds: float = 0.0


class Trainer:
    """One run in one folder: `last.pt` to resume from, `best.pt` the average with the best validation GED."""

    def __init__(
        self,
        config: TrainingConfig,
        training: TrainingSet,
        validation: Sequence[Case],
        folder: Path,
        progress: Progress,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.config, self.training, self.validation = config, training, validation
        self.folder, self.progress, self.clock = folder, progress, clock
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.layout = torch.channels_last if config.optimiser.channels_last else torch.contiguous_format
        torch.manual_seed(config.seed)
        self.model = Segmenter(config.network).to(self.device)
        self.model = self.model.to(memory_format=self.layout)  # type: ignore[call-overload]
        self.average = WeightAverage(self.model, config.optimiser.ema)
        self.position = Position()
        self.optimiser = self._new_optimiser()
        self.stop_requested = False

    def _new_optimiser(self) -> torch.optim.AdamW:
        """Each phase starts fresh moments: gradients of the objectives differ by orders of magnitude."""
        return torch.optim.AdamW(
            self.model.parameters(), lr=1e-3, weight_decay=self.config.optimiser.weight_decay, foreach=True
        )

    @property
    def phase(self) -> PhaseConfig:
        """The phase the run is in."""
        return self.config.phase[self.position.phase]

    def fraction(self) -> float:
        """Share of the current phase that is done, by steps or by wall time."""
        phase, position = self.phase, self.position
        if phase.steps is not None:
            return position.phase_step / phase.steps
        return position.phase_seconds / (60.0 * (phase.minutes or 1e-9))

    def run(self) -> None:
        """Train to the end of the last phase, or until `stop_requested`; the state is saved either way."""
        self.progress.event("start", run=self.config.name, parameters=count_parameters(self.model), **self._where())
        reported, sums, seen = self.clock(), dict[str, float](), 0
        while self.position.phase < len(self.config.phase) and not self.stop_requested:
            began = self.clock()
            terms = self._step()
            self._advance(self.clock() - began)
            for key, value in terms.items():
                sums[key] = sums.get(key, 0.0) + value
            seen += 1
            if self.clock() - reported >= REPORT_SECONDS:
                means = {k: v / seen for k, v in sums.items()}
                self.progress.event("step", **self._where(), **means)
                self._bar(means)
                reported, sums, seen = self.clock(), {}, 0
            self._validate_when_due()
            self._save_when_due()
            self._next_phase_when_done()
        self.save()
        self.progress.event("stopped" if self.stop_requested else "end", **self._where())

    def _where(self) -> dict[str, Any]:
        """Fields every event carries."""
        p = self.position
        return {"step": p.step, "phase": p.phase, "images": p.images, "seconds": round(p.seconds, 1)}

    def _bar(self, means: dict[str, float]) -> None:
        """Redraw the bar: every phase counts the same."""
        done = (self.position.phase + min(1.0, self.fraction())) / len(self.config.phase)
        words = " ".join(f"{k} {v:.4g}" for k, v in means.items())
        self.progress.bar(done, f"step {self.position.step} {words}")

    def _advance(self, seconds: float) -> None:
        p = self.position
        p.step += 1
        p.phase_step += 1
        p.images += self.phase.batch
        p.phase_seconds += seconds
        p.seconds += seconds

    def _next_indices(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        """Indices of the next batch: epochs are permutations drawn from (seed, epoch)."""
        count = self.training.count
        positions = self.position.images + np.arange(self.phase.batch)
        orders = {
            int(epoch): np.random.default_rng([self.config.seed, STREAM_ORDER, int(epoch)]).permutation(count)
            for epoch in np.unique(positions // count)
        }
        return np.array([orders[int(q // count)][q % count] for q in positions], dtype=np.int64)

    def _step(self) -> dict[str, float]:
        """One update; returns the loss terms. A loss that is not finite ends the run before it touches the weights."""
        phase, fraction = self.phase, self.fraction()
        generator = np.random.default_rng([self.config.seed, STREAM_STEP, self.position.step])
        batch = self.training.batch(self._next_indices(), phase.crop_px, generator)
        self.model.train()
        if phase.freeze_norm:
            for module in self.model.modules():
                if isinstance(module, nn.BatchNorm2d):
                    module.eval()
        rate = rate_at(phase, fraction)
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        loss, terms = self._loss(batch, generator, beta_at(phase, fraction))
        if not bool(torch.isfinite(loss)):
            raise TrainerError(
                f"{self.config.name}: loss is {loss.item()} at step {self.position.step}; "
                f"the last good checkpoint is {self.folder / 'last.pt'}"
            )
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        norm = nn.utils.clip_grad_norm_(self.model.parameters(), phase.clip_norm or math.inf)
        self.optimiser.step()
        self.average.update(self.model)
        return {"loss": loss.item(), **terms, "norm": float(norm), "rate": rate}

    def _loss(self, batch: Batch, generator: np.random.Generator, beta: float) -> tuple[Tensor, dict[str, float]]:
        """Objective of the phase on one batch, and its terms as numbers."""
        phase = self.phase
        image = self._tensor(batch.image).contiguous(memory_format=self.layout)
        masks = self._tensor(batch.masks)
        inside = None if batch.inside is None else self._tensor(batch.inside)
        draws = masks.shape[1] if phase.objective == "elbo" else phase.draws
        shape = (len(image), draws, self.config.network.latent_dimension)
        noise = self._tensor(generator.standard_normal(shape, dtype=np.float32))
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.config.optimiser.bfloat16):
            if phase.objective == "elbo":
                elbo = elbo_loss(self.model, image, masks, inside, noise, beta)
                return elbo.loss, {"reconstruction": elbo.reconstruction.item(), "kl": elbo.kl.item(), "beta": beta}
            if phase.objective == "likelihood":
                return likelihood_loss(self.model, image, masks, inside), {}
            energy = energy_loss(self.model, image, masks, inside, noise, phase.prior_kl, phase.scored_samples)
            return energy.loss, {
                "d_sy": energy.sample_reading.item(),
                "d_ss": energy.sample_sample.item(),
                "kl": energy.kl.item(),
            }

    def _tensor(self, array: np.ndarray[Any, np.dtype[np.float32]]) -> Tensor:
        return torch.from_numpy(array).to(self.device)

    def _validate_when_due(self) -> None:
        """At the configured interval, and at the end of every phase."""
        settings, p = self.config.validation, self.position
        due = settings.steps > 0 and p.step % settings.steps == 0
        due |= settings.minutes > 0 and p.seconds - p.validated_seconds >= 60.0 * settings.minutes
        due |= self.fraction() >= 1.0
        if not due or not self.validation:
            return
        began = self.clock()
        score = validate(self.average.shadow, self.validation, settings.samples, settings.seed)
        spent = self.clock() - began
        p.seconds += spent
        p.phase_seconds += spent
        p.validated_seconds = p.seconds
        better = score.ged_v < p.best_ged
        if better:
            p.best_ged, p.best_step = score.ged_v, p.step
            write_atomically(self.folder / "best.pt", self._weights() | {"score": asdict(score)})
        self.progress.event("validation", **self._where(), best=better, **asdict(score))

    def _save_when_due(self) -> None:
        settings, p = self.config.checkpoint, self.position
        due = settings.steps > 0 and p.step % settings.steps == 0
        due |= settings.minutes > 0 and p.seconds - p.saved_seconds >= 60.0 * settings.minutes
        if due:
            self.save()

    def _next_phase_when_done(self) -> None:
        p = self.position
        if self.fraction() < 1.0:
            return
        p.phase, p.phase_step, p.phase_seconds = p.phase + 1, 0, 0.0
        if p.phase < len(self.config.phase):
            self.optimiser = self._new_optimiser()
        self.save()

    def _weights(self) -> dict[str, Any]:
        """What evaluation and export need of a run."""
        return {
            "config": config_as_dict(self.config),
            "position": asdict(self.position),
            "weights": self.average.shadow.state_dict(),
            "data": self.training.identity,
        }

    def save(self) -> None:
        """Write `last.pt`."""
        self.position.saved_seconds = self.position.seconds
        state = {
            **self._weights(),
            "model": self.model.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "average_updates": self.average.updates,
        }
        write_atomically(self.folder / "last.pt", state)
        self.progress.event("checkpoint", **self._where())

    def resume(self) -> None:
        """Continue from `last.pt`; refused: other network, seed or data. Phases may have changed in length."""
        path = self.folder / "last.pt"
        state = read_checkpoint(path)
        # Parsed, so that an option which is newer than the checkpoint has its default.
        written = parse_config(state["config"])
        for key in ("network", "seed"):
            if getattr(self.config, key) != getattr(written, key):
                raise TrainerError(f"{path}: was written with another {key}: {state['config'][key]}")
        if state["data"] != self.training.identity:
            raise TrainerError(f"{path}: was written with other training data ({state['data'][:12]})")
        self.model.load_state_dict(state["model"])
        self.average.shadow.load_state_dict(state["weights"])
        self.average.updates = state["average_updates"]
        self.optimiser.load_state_dict(state["optimiser"])
        self.position = Position(**state["position"])


def count_parameters(model: nn.Module) -> int:
    """Trainable numbers of a module."""
    return sum(p.numel() for p in model.parameters() if p.requires_grad)
