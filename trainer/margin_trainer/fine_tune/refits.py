"""Refits over folds of patients, one after another, and their average: one position, so that a killed job goes on.

What step s of fold k sees is a function of (seed, k, s) alone, so the position is all the random state there is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from margin_trainer.failure import TrainerError
from margin_trainer.fine_tune.head import anchor_of
from margin_trainer.fine_tune.recipe import Recipe, Stage
from margin_trainer.sampling.even import even_normals

STREAM_STEP = 23
"""Second entry of the numpy seed of a step."""
NOISE_SETS = 64
"""Sets of even draws on either side that steps choose from: an image's two are independent of each other and of its
neighbours'."""
Weights = dict[str, Tensor]


class Learner(Protocol):
    """A module with the loss of a batch."""

    @property
    def module(self) -> nn.Module:
        """Holds what is trained."""
        ...

    def begin(self, stage: Stage) -> None:
        """Choose what is trained."""
        ...

    def loss(
        self, local: NDArray[np.int64], replay: NDArray[np.int64], noise: Tensor, generator: np.random.Generator
    ) -> Tensor:
        """Rows of the local set and of the reference, noise [local + replay, S, L]; without the anchor."""
        ...


@dataclass(frozen=True)
class Rows:
    """Which rows belong to which fold (a refit leaves one out), and how many the reference has (0: none)."""

    fold: NDArray[np.int64]
    replay: int


@dataclass(frozen=True)
class Trained:
    """What came of the last step: which refit (the first is 0), after how many of its steps, the fold that it leaves
    out (None: it sees all), its weights."""

    refit: int
    step: int
    fold: int | None
    weights: Weights


def grouped(fold: NDArray[np.int64], refits: int) -> NDArray[np.int64]:
    """Folds of a set put together into as many as there are refits, so that each is left out by one."""
    return np.unique(fold, return_inverse=True)[1] % refits


def independent_sets(seed: int, draws: int, directions: NDArray[np.float64]) -> Tensor:
    """Two families of NOISE_SETS even sets of half the draws, [2, NOISE_SETS, draws / 2, L]; no two share a seed."""
    if draws < 2 or draws % 2:
        raise TrainerError(f"{draws} draws of an image are not two sets of equal size")
    half = np.arange(draws // 2)
    every = [even_normals(seed + k, half, directions) for k in range(2 * NOISE_SETS)]
    return torch.from_numpy(np.stack([every[:NOISE_SETS], every[NOISE_SETS:]]).astype(np.float32))


@dataclass
class Position:
    """Where a job stands."""

    refit: int = 0
    step: int = 0


class Refits:
    """Steps until `done`; then `average`."""

    def __init__(
        self, learner: Learner, recipe: Recipe, rows: Rows, seed: int, directions: NDArray[np.float64]
    ) -> None:
        self.learner, self.recipe, self.rows, self.seed = learner, recipe, rows, seed
        self.folds = np.unique(rows.fold).tolist()
        self.batch = recipe.batch
        self.position = Position()
        self.finished: list[Weights] = []
        self.start = {name: value.clone() for name, value in learner.module.state_dict().items()}
        self.anchor = anchor_of(learner.module)
        self.noise = independent_sets(seed, recipe.draws, directions)
        self._begin_stage()

    @property
    def done(self) -> bool:
        """All refits have ended."""
        return len(self.finished) == len(self.folds)

    @property
    def steps(self) -> int:
        """Of one refit."""
        return sum(stage.steps for stage in self.recipe.stages)

    @property
    def total(self) -> int:
        """Of all refits."""
        return self.steps * len(self.folds)

    @property
    def taken(self) -> int:
        """Steps so far."""
        return self.position.refit * self.steps + self.position.step

    @property
    def fold(self) -> int | None:
        """The one that the refit at hand leaves out; None: a single refit sees all."""
        return self._fold_of(min(self.position.refit, len(self.folds) - 1))

    def _fold_of(self, refit: int) -> int | None:
        return self.folds[refit] if len(self.folds) > 1 else None

    def trained(self) -> Trained:
        """The refit that the last step was of, though its weights be kept by now and the next one's be in place."""
        refit, step = self.position.refit, self.position.step
        if step == 0 and self.finished:
            return Trained(refit - 1, self.steps, self._fold_of(refit - 1), self.finished[-1])
        return Trained(refit, step, self._fold_of(refit), dict(self.learner.module.state_dict()))

    def end_here(self) -> None:
        """Finish with the refits that have ended, or, where none has, with the one at hand as it is."""
        if not self.finished:
            self._keep()
        self.folds = self.folds[: len(self.finished)]

    def stage(self) -> tuple[Stage, int]:
        """The current one and the step within it."""
        step = self.position.step
        for stage in self.recipe.stages:
            if step < stage.steps:
                return stage, step
            step -= stage.steps
        return self.recipe.stages[-1], self.recipe.stages[-1].steps - 1

    def rate(self) -> float:
        """Cosine to a hundredth within a stage, after five steps of warm-up."""
        stage, step = self.stage()
        falling = 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * step / stage.steps))
        return stage.rate * falling * min(1.0, (step + 1) / 5)

    def step(self) -> float:
        """One step; the loss. Refused: one that is not finite."""
        generator = np.random.default_rng([self.seed, STREAM_STEP, self.position.refit, self.position.step])
        local, replay = self._drawn(generator)
        one, other = torch.from_numpy(generator.integers(NOISE_SETS, size=(2, len(local) + len(replay))))
        noise = torch.cat([self.noise[0, one], self.noise[1, other]], dim=1)
        loss = self.learner.loss(local, replay, noise, generator)
        loss = loss + self.recipe.anchor * self.anchor.distance(self.learner.module)
        value = float(loss.detach())
        if not math.isfinite(value):
            raise TrainerError(f"the loss of step {self.position.step} is not finite: an image or the rate is at fault")
        for group in self.optimiser.param_groups:
            group["lr"] = self.rate()
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.learner.module.parameters(), 1.0)
        self.optimiser.step()
        self._advance()
        return value

    def _drawn(self, generator: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Rows of a step: half of the batch from the reference, if there is one; the fold at hand stays out."""
        everyone = self.fold is None
        inside = np.flatnonzero(np.ones(len(self.rows.fold)) if everyone else self.rows.fold != self.fold)
        replayed = self.batch // 2 if self.rows.replay else 0
        local = inside[generator.integers(len(inside), size=max(1, self.batch - replayed))]
        return local, generator.integers(max(1, self.rows.replay), size=replayed)

    def _advance(self) -> None:
        before = self.stage()[0]
        self.position.step += 1
        if self.position.step < self.steps:
            if self.stage()[0] is not before:
                self._begin_stage()
            return
        self._keep()
        self.position = Position(self.position.refit + 1, 0)
        self.learner.module.load_state_dict(self.start)
        self._begin_stage()

    def _keep(self) -> None:
        self.finished.append({n: v.detach().clone() for n, v in self.learner.module.state_dict().items()})

    def _begin_stage(self) -> None:
        self.learner.begin(self.stage()[0])
        trained = [p for p in self.learner.module.parameters() if p.requires_grad]
        self.optimiser = torch.optim.Adam(trained, lr=self.stage()[0].rate)

    def average(self) -> Weights:
        """Mean of the refits' weights."""
        return average_weights(self.finished)

    def state(self) -> dict[str, Any]:
        """All that is needed to go on."""
        return {
            "refit": self.position.refit,
            "step": self.position.step,
            "batch": self.batch,
            "module": self.learner.module.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "finished": self.finished,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on where `state` was taken."""
        self.position = Position(state["refit"], state["step"])
        self.batch, self.finished = state["batch"], state["finished"]
        self.learner.module.load_state_dict(state["module"])
        self._begin_stage()
        self.optimiser.load_state_dict(state["optimiser"])


def average_weights(every: Sequence[Weights]) -> Weights:
    """Mean by name; whole numbers are the first's."""
    first = every[0]
    return {
        name: torch.stack([one[name] for one in every]).mean(dim=0) if value.is_floating_point() else value
        for name, value in first.items()
    }
