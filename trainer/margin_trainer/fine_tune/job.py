"""One fine-tuning, from set and parent to a package, in steps that can be paused, cancelled and gone on from."""

from __future__ import annotations

import copy
import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from margin_trainer.fine_tune.annotated import Annotated
from margin_trainer.fine_tune.candidate import Naming, write_candidate
from margin_trainer.fine_tune.failure import JobError
from margin_trainer.fine_tune.figures import MOST_IMAGES, spaced, validation_figures, write_shares
from margin_trainer.fine_tune.head import Head
from margin_trainer.fine_tune.learners import HeadLearner, NetworkLearner, merged
from margin_trainer.fine_tune.lines import Lines, Wishes, peak_memory_bytes
from margin_trainer.fine_tune.parent import Parent, load_model, load_parent
from margin_trainer.fine_tune.pixels import Table, tabulate
from margin_trainer.fine_tune.plan import LEAST_BATCH, Plan, make_plan
from margin_trainer.fine_tune.recipe import CACHED, Recipe
from margin_trainer.fine_tune.reference import reference_of
from margin_trainer.fine_tune.refits import Refits, Rows, Trained, Weights, average_weights, grouped
from margin_trainer.fine_tune.training_set import LocalSet, read_set, refuse_untrainable
from margin_trainer.fine_tune.widths import drawn_masks, fit_widths, sizes_of
from margin_trainer.networks.segmenter import Segmenter
from margin_trainer.package import package_sha256
from margin_trainer.train.checkpoint import read_checkpoint, write_atomically

CHECKPOINT = "checkpoint.pt"
CHECKPOINT_SECONDS, REPORT_SECONDS = 10.0, 1.0
REPLAY_VIEWS = 4
PREVIEWS = 3
PREVIEW_SAMPLES = 32
VALIDATIONS_A_REFIT = 4


@dataclass(frozen=True)
class Materials:
    """What a job works with."""

    start: dict[str, Any]
    found: LocalSet
    parent: Parent
    replay: list[Annotated]
    plan: Plan

    @property
    def folder(self) -> Path:
        """The job's own."""
        return Path(self.start["folder"])

    @property
    def fold(self) -> NDArray[np.int64]:
        """Of each image to learn from: the refit that leaves it out."""
        return grouped(self.found.fold, 1 if self.plan.recipe is None else self.plan.recipe.refits)

    @property
    def digest(self) -> str:
        """Of everything that decides what is computed: a checkpoint of another is not gone on from."""
        start = self.start
        parts = [
            start["jobId"],
            self.found.sha256,
            package_sha256(self.parent.folder),
            start["method"],
            start["seed"],
        ]
        recipe = None if self.plan.recipe is None else replace(self.plan.recipe, batch=0).as_json()
        return hashlib.sha256(json.dumps([*parts, recipe]).encode()).hexdigest()


def gather(start: dict[str, Any]) -> Materials:
    """Read and check everything, and plan. Refused (JobError): what could not end in a model."""
    found = read_set(Path(start["set"]))
    refuse_untrainable(found)
    parent = load_parent(Path(start["parent"]))
    if package_sha256(parent.folder) != found.parent_sha256:
        raise JobError(
            "The set was made for another model than the one that is to be trained.",
            "Make a set for this model, or choose the set's.",
        )
    replay = reference_of(parent.manifest, "replay")
    return Materials(start, found, parent, replay, make_plan(start, found, parent.manifest, replay))


class Job:
    """Runs the materials; says what it does through `lines`, heeds `wishes` between steps."""

    def __init__(
        self, materials: Materials, lines: Lines, wishes: Wishes, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.m, self.lines, self.wishes, self.clock = materials, lines, wishes, clock
        self.step = 0
        self.refits: Refits | None = None
        self.notes = list(materials.plan.notes)
        self.began = clock()

    def run(self) -> None:
        """To the end; the last message is `done`."""
        recipe = self.m.plan.recipe
        torch.set_num_threads(self.m.start["limits"]["threads"])
        models: list[Segmenter] = []
        if recipe is None:
            self.estimate(0.05 * len(self.m.found.train), 0)
        else:
            models = self.train(recipe)
        self.finish(recipe, models)

    def estimate(self, seconds: float, steps: int) -> None:
        """Said before training, and again when it changes."""
        self.lines.say(
            "estimate", memoryBytes=self.m.plan.memory_bytes, seconds=round(seconds, 1), steps=steps, notes=self.notes
        )

    def progress(self, phase: str, loss: float | None = None, **more: Any) -> None:
        """Where it stands."""
        told = {"refit": None, "validation": None, "learningRate": None, "secondsLeft": None} | more
        self.lines.say("progress", phase=phase, step=self.step, steps=self.m.plan.steps, loss=loss, **told)

    def heed(self) -> None:
        """Pause, go on, cancel, or end because the program is gone."""
        self.wishes.heed(self.lines, self.step, self.save)

    def save(self) -> None:
        """The checkpoint: old or new, never half."""
        if self.refits is not None:
            write_atomically(self.m.folder / CHECKPOINT, {"job": self.m.digest, "refits": self.refits.state()})

    def train(self, recipe: Recipe) -> list[Segmenter]:
        """One model for each refit; the candidate is their average."""
        learner, rows = self.learner(recipe)
        seed = self.m.start["seed"]
        self.refits = refits = Refits(learner, recipe, rows, seed, self.m.parent.directions)
        path = self.m.folder / CHECKPOINT
        if path.exists():
            state = read_checkpoint(path)
            if state.get("job") != self.m.digest:
                raise JobError(
                    f"{self.m.folder} holds the checkpoint of another job.", "Start it in a folder of its own."
                )
            refits.restore(state["refits"])
        self.step = refits.taken
        self.steps_until_done(refits)
        self.save()
        return [self.model_of(learner, weights) for weights in refits.finished]

    def learner(self, recipe: Recipe) -> tuple[HeadLearner | NetworkLearner, Rows]:
        """With features cached where the trunk stays."""
        m, seed = self.m, self.m.start["seed"]
        if recipe.method not in CACHED:
            rows = Rows(m.fold, len(m.replay))
            return NetworkLearner(m.parent, m.found.train, m.replay or None, recipe, seed), rows
        began, reported = self.clock(), self.clock()
        replay_views = min(REPLAY_VIEWS, recipe.views)
        total = len(m.found.train) * recipe.views + len(m.replay) * replay_views

        def report(done: int) -> None:
            nonlocal reported
            self.heed()
            spent = self.clock() - began
            if self.clock() - reported >= REPORT_SECONDS:
                reported = self.clock()
                self.progress("Cache features", secondsLeft=round(spent / done * (total - done), 1))

        local = tabulate(m.parent, m.found.train, recipe.views, seed, lambda done, _n: report(done * recipe.views))
        own = len(m.found.train) * recipe.views
        replay: Table | None = None
        if m.replay:
            replay = tabulate(
                m.parent, m.replay, replay_views, seed + 1, lambda done, _n: report(own + done * replay_views)
            )
        rows = Rows(m.fold[local.image], 0 if replay is None else len(replay.image))
        return HeadLearner(m.parent, local, replay, recipe), rows

    def steps_until_done(self, refits: Refits) -> None:
        """Train, report every second, save every ten, validate where a refit begins, within it and where it ends."""
        first, reported, saved, since = True, self.clock(), self.clock(), self.clock()
        taken = 0
        limit = self.m.start["limits"]["seconds"]
        every = max(1, refits.steps // VALIDATIONS_A_REFIT)
        while not refits.done:
            self.heed()
            if refits.position.step == 0:
                self.begin_refit(refits)
            loss, rate = self.one_step(refits), refits.rate()
            self.step, taken = refits.taken, taken + 1
            a_step = (self.clock() - since) / taken
            left = a_step * (refits.total - refits.taken)
            if first and taken == 3:
                first = False
                self.estimate(left, refits.total)
            now = refits.trained()
            due = now.step % every == 0 or now.step == refits.steps
            if due or self.clock() - reported >= REPORT_SECONDS:
                reported = self.clock()
                seen = self.validation(refits, now) if due else None
                where = self.numbered(refits, now.refit)
                told = {"validation": seen, "learningRate": rate, "secondsLeft": round(left, 1)}
                self.progress("Train", loss, refit=where, **told)
                if due:
                    self.preview(refits, now)
            if self.clock() - saved >= CHECKPOINT_SECONDS:
                self.save()
                saved = self.clock()
            if limit is not None and self.clock() - self.began > limit and not refits.done:
                self.notes.append(f"Ended after {refits.taken} of {refits.total} steps: the time asked for was over.")
                refits.end_here()

    def numbered(self, refits: Refits, refit: int) -> dict[str, int]:
        """As the contract has it: the first is 1."""
        return {"number": refit + 1, "of": len(refits.folds)}

    def begin_refit(self, refits: Refits) -> None:
        """What it starts from, on the fold that it leaves out: the parent."""
        start = Trained(refits.position.refit, 0, refits.fold, refits.start)
        seen = self.validation(refits, start)
        self.progress("Train", refit=self.numbered(refits, start.refit), validation=seen)

    def one_step(self, refits: Refits) -> float:
        """A step; out of memory it is tried again with half the batch, and that is said."""
        while True:
            try:
                return refits.step()
            except (MemoryError, RuntimeError) as error:
                if not is_out_of_memory(error):
                    raise
                if refits.batch // 2 < LEAST_BATCH:
                    raise JobError(
                        "Memory ran out even with the smallest batch.",
                        "Close other programs, or choose the method 'heads' or fewer images.",
                    ) from error
                self.notes.append(f"Batch lowered from {refits.batch} to {refits.batch // 2}: memory ran out.")
                refits.batch //= 2
                self.estimate(0.0, refits.total)

    def model_of(self, learner: HeadLearner | NetworkLearner, weights: Weights) -> Segmenter:
        """A network of the parent's shape with these weights of the learner's module."""
        if isinstance(learner, NetworkLearner):
            return load_model(self.m.parent, merged(weights))
        head = Head(self.m.parent)
        head.load_state_dict(weights)
        model = copy.deepcopy(self.m.parent.model)
        head.put_into(model)
        return model

    def current(self, refits: Refits, weights: Weights) -> Segmenter:
        """The network with these weights of what learns."""
        learner = refits.learner
        if not isinstance(learner, HeadLearner | NetworkLearner):
            raise TypeError(f"{type(learner)} makes no network")
        return self.model_of(learner, weights)

    def validation(self, refits: Refits, now: Trained) -> dict[str, float | None]:
        """On the fold that the refit leaves out."""
        out = [one for one, fold in zip(self.m.found.train, self.m.fold, strict=True) if fold == now.fold]
        model = self.current(refits, now.weights)
        return validation_figures(model, self.m.parent.directions, spaced(out, MOST_IMAGES))

    def preview(self, refits: Refits, now: Trained) -> None:
        """Some held-out images by the parent and by the model as it stands."""
        model, parent = self.current(refits, now.weights), self.m.parent
        for image in spaced(self.m.found.held_out, PREVIEWS):
            told = {}
            for when, one in (("before", parent.model), ("after", model)):
                masks = drawn_masks(one, parent.directions, image, 1, PREVIEW_SAMPLES)
                name = f"preview/{image.name}-{'parent' if when == 'before' else refits.taken}.raw"
                told[when] = write_shares(self.m.folder, name, masks)
            self.lines.say("preview", step=self.step, caseId=image.name, **told)

    def finish(self, recipe: Recipe | None, models: list[Segmenter]) -> None:
        """Widths by models that did not see the image, then the package."""
        m, start = self.m, self.m.start
        parent, directions = m.parent, m.parent.directions
        self.heed()
        self.progress("Fit the intervals of sizes")
        final: Segmenter | None = None
        if models:
            final = load_model(parent, average_weights([dict(model.state_dict()) for model in models]))
        folds = sorted(set(m.fold.tolist()))
        fitted = []
        for number, fold in enumerate(folds):
            own = [one for one, k in zip(m.found.train, m.fold, strict=True) if k == fold]
            unseen = models[number] if len(models) == len(folds) > 1 else final or parent.model
            fitted += sizes_of(unseen, directions, own, start["seed"])
            self.heed()
        tested = sizes_of(final or parent.model, directions, m.found.held_out, start["seed"])
        widths = fit_widths(parent.manifest, fitted, tested, m.found.name)
        self.notes.append(widths.note)
        self.progress("Export")
        naming = Naming(start["candidate"]["id"], start["candidate"]["version"])
        images = [*m.found.train, *m.replay]
        told = self.told(recipe)
        package = m.folder / naming.package_id
        write_candidate(parent, final, package, naming, told, widths.table, images)
        self.lines.say(
            "done",
            package=naming.package_id,
            sha256=package_sha256(package),
            steps=self.step,
            seconds=round(self.clock() - self.began, 1),
            peakMemoryBytes=peak_memory_bytes(),
            notes=self.notes,
        )

    def told(self, recipe: Recipe | None) -> dict[str, Any]:
        """For the manifest and the card."""
        found = self.m.found
        return {
            "set": {"id": found.set_id, "name": found.name, "sha256": found.sha256, "structure": found.structure},
            "method": "width" if recipe is None else recipe.method,
            "recipe": None if recipe is None else recipe.as_json(),
            "seed": self.m.start["seed"],
            "steps": self.step,
            "patients": found.train_patients,
            "images": len(found.train),
            "readings": int(np.sum([len(one.readings) for one in found.train])),
            "replay": len(self.m.replay),
            "wallSeconds": round(self.clock() - self.began),
            "notes": self.notes,
        }


def is_out_of_memory(error: BaseException) -> bool:
    """Python's own, and PyTorch's, which on the CPU is a plain RuntimeError."""
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or "allocate memory" in str(error)
