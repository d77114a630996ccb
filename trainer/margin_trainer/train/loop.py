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
from torch.nn.parallel import DistributedDataParallel

from margin_trainer.config import PhaseConfig, TrainingConfig, config_as_dict, parse_config
from margin_trainer.data.batch import Batch, Case, Cropping, TrainingSet
from margin_trainer.failure import TrainerError
from margin_trainer.networks.segmenter import Segmenter
from margin_trainer.train.arithmetic import computes_bfloat16
from margin_trainer.train.average import WeightAverage
from margin_trainer.train.checkpoint import read_checkpoint, write_atomically
from margin_trainer.train.objective import Objective, draws_of
from margin_trainer.train.progress import Progress
from margin_trainer.train.schedule import beta_at, rate_at
from margin_trainer.train.team import Team, share_statistics
from margin_trainer.train.validation import validate

STREAM_ORDER, STREAM_STEP = 11, 12
"""Second entry of numpy seeds: the order of an epoch, the draws of a step."""


@dataclass
class Position:
    """Where a run stands. Seconds are wall time spent in the loop, over all sessions of the run.

    `stale` counts the validations of the phase since the GED was last better, `bfloat16_steps` the steps whose
    convolutions were in bfloat16: a run may go on where the processor has none.
    """

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
    stale: int = 0
    bfloat16_steps: int = 0


class Trainer:
    """One run in one folder: `last.pt` to resume from, `best.pt` the average with the best validation GED of its phase.

    Every phase chooses anew: the last one is what the run is for, and may trade the GED for something else.

    In a team every process computes the same batch and takes its rows of it; the leader alone validates and writes.
    """

    def __init__(
        self,
        config: TrainingConfig,
        training: TrainingSet,
        validation: Sequence[Case],
        folder: Path,
        progress: Progress,
        clock: Callable[[], float] = time.monotonic,
        team: Team | None = None,
    ) -> None:
        self.config, self.training, self.validation = config, training, validation
        self.folder, self.progress, self.clock = folder, progress, clock
        self.team = team or Team()
        self.device = self.team.device
        self.bfloat16 = config.optimiser.bfloat16 and computes_bfloat16(self.device)
        self.layout = torch.channels_last if config.optimiser.channels_last else torch.contiguous_format
        torch.manual_seed(config.seed)
        self.model = Segmenter(config.network).to(self.device)
        self.model = self.model.to(memory_format=self.layout)  # type: ignore[call-overload]
        self.average = WeightAverage(self.model, config.optimiser.ema)
        self.objective: nn.Module = Objective(self.model)
        if self.team.size > 1:
            share_statistics(self.model)
            # The energy phase leaves the posterior without gradient; buffers are equal already.
            self.objective = DistributedDataParallel(
                self.objective, find_unused_parameters=True, broadcast_buffers=False
            )
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
        self.progress.event(
            "start",
            run=self.config.name,
            parameters=count_parameters(self.model),
            bfloat16=self.bfloat16,
            **self._where(),
        )
        reported, sums, seen = self.clock(), dict[str, float](), 0
        while self.position.phase < len(self.config.phase) and not self.stop_requested:
            began = self.clock()
            terms = self._step()
            spent, stop = self.team.lead(self.clock() - began, float(self.stop_requested))
            self.stop_requested = bool(stop)
            self._advance(spent)
            for key, value in terms.items():
                sums[key] = sums.get(key, 0.0) + value
            seen += 1
            if self.clock() - reported >= self.config.report_seconds:
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
        p.bfloat16_steps += int(self.bfloat16)
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
        cropping = Cropping(phase.crop_px, phase.jitter, phase.warp)
        batch = self.training.batch(self._next_indices(), cropping, generator)
        self.model.train()
        if phase.freeze_norm:
            for module in self.model.modules():
                if isinstance(module, nn.BatchNorm2d):
                    module.eval()
        rate = rate_at(phase, fraction)
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        loss, terms = self._loss(batch, generator, beta_at(phase, fraction))
        if not math.isfinite(terms["loss"]):
            raise TrainerError(
                f"{self.config.name}: loss is {terms['loss']} at step {self.position.step}; "
                f"the last good checkpoint is {self.folder / 'last.pt'}"
            )
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        norm = nn.utils.clip_grad_norm_(self.model.parameters(), phase.clip_norm or math.inf)
        self.optimiser.step()
        self.average.update(self.model)
        return {**terms, "norm": float(norm), "rate": rate}

    def _loss(self, batch: Batch, generator: np.random.Generator, beta: float) -> tuple[Tensor, dict[str, float]]:
        """Objective of the phase on this process's rows, and its terms over the whole batch as numbers."""
        phase, count = self.phase, len(batch.image)
        shape = (count, draws_of(phase, batch.masks.shape[1]), self.config.network.latent_dimension)
        noise = self._tensor(generator.standard_normal(shape, dtype=np.float32)[self.team.span(count)])
        own = self.team.rows(batch)
        image = self._tensor(own.image).contiguous(memory_format=self.layout)
        masks = self._tensor(own.masks)
        inside = None if own.inside is None else self._tensor(own.inside)
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.bfloat16):
            loss, parts = self.objective(phase, image, masks, inside, noise, beta)
        values = self.team.mean(torch.stack([loss.detach(), *parts.values()])).tolist()
        terms = dict(zip(["loss", *parts], values, strict=True))
        return loss, terms | ({"beta": beta} if phase.objective == "elbo" else {})

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
        score = None
        if self.team.leads:
            score = validate(self.average.shadow, self.validation, settings.samples, settings.seed, settings.draws)
        spent, ged = self.team.lead(self.clock() - began, score.ged_v if score else math.nan)
        p.seconds += spent
        p.phase_seconds += spent
        p.validated_seconds = p.seconds
        better = ged < p.best_ged
        p.stale = 0 if better else p.stale + 1
        if better:
            p.best_ged, p.best_step = ged, p.step
        if score:
            if better:
                write_atomically(self.folder / "best.pt", self._weights() | {"score": asdict(score)})
            self.progress.event("validation", **self._where(), best=better, **asdict(score))

    def _save_when_due(self) -> None:
        settings, p = self.config.checkpoint, self.position
        due = settings.steps > 0 and p.step % settings.steps == 0
        due |= settings.minutes > 0 and p.seconds - p.saved_seconds >= 60.0 * settings.minutes
        if due:
            self.save()

    def _next_phase_when_done(self) -> None:
        p, patience = self.position, self.config.validation.patience
        worn_out = 0 < patience <= p.stale
        if self.fraction() < 1.0 and not worn_out:
            return
        if worn_out:
            self.progress.event("early stop", **self._where(), best_ged=p.best_ged, best_step=p.best_step)
        p.phase, p.phase_step, p.phase_seconds, p.stale = p.phase + 1, 0, 0.0, 0
        self._begin_phase()
        self.save()

    def _begin_phase(self) -> None:
        """A phase chooses its weights and moves its moments anew; past the last one nothing begins."""
        if self.position.phase < len(self.config.phase):
            self.position.best_ged = math.inf
            self.optimiser = self._new_optimiser()

    def _weights(self) -> dict[str, Any]:
        """What evaluation and export need of a run."""
        return {
            "config": config_as_dict(self.config),
            "position": asdict(self.position),
            "weights": self.average.shadow.state_dict(),
            "data": self.training.identity,
            "contents": asdict(self.training.contents),
        }

    def save(self) -> None:
        """Write `last.pt`, if this process leads."""
        self.position.saved_seconds = self.position.seconds
        if not self.team.leads:
            return
        state = {
            **self._weights(),
            "model": self.model.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "average_updates": self.average.updates,
        }
        write_atomically(self.folder / "last.pt", state)
        self.progress.event("checkpoint", **self._where())

    def resume(self) -> None:
        """Continue from `last.pt`; refused: other network, seed or data. Phases may be longer or more."""
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
        if self.position.phase_step == 0:
            # A finished run whose configuration has got another phase.
            self._begin_phase()


def count_parameters(model: nn.Module) -> int:
    """Trainable numbers of a module."""
    return sum(p.numel() for p in model.parameters() if p.requires_grad)
