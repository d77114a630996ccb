"""Does fine-tuning work? Simulated clinics of held-back patients: methods by number of cases."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from margin_trainer.clinics.kept_outcomes import KeptOutcomes, Outcome
from margin_trainer.clinics.styles import CLINICS, Clinic, judged_by
from margin_trainer.data.batch import place
from margin_trainer.data.lidc import load_patches
from margin_trainer.fine_tune.annotated import Annotated, annotated_patches
from margin_trainer.fine_tune.head import Head
from margin_trainer.fine_tune.learners import HeadLearner, NetworkLearner, merged
from margin_trainer.fine_tune.objective import SIZE_WEIGHT
from margin_trainer.fine_tune.parent import Parent, load_model, load_parent
from margin_trainer.fine_tune.pixels import Table, tabulate
from margin_trainer.fine_tune.recipe import CACHED, RECIPES, Method, Recipe
from margin_trainer.fine_tune.reference import reference_of
from margin_trainer.fine_tune.refits import Refits, Rows
from margin_trainer.gate.figures import CaseFigures, case_figures
from margin_trainer.networks.segmenter import Segmenter
from margin_trainer.package import package_sha256
from margin_trainer.sampling.even import even_normals

SIZES = (10, 25, 50, 100)
METHODS: tuple[Method, ...] = ("bias", "heads")
SLOW_METHODS: tuple[Method, ...] = ("adapter", "full")
SLOW_CLINICS = ("generous", "other kernel")
"""At the largest size of two clinics alone: a step of theirs takes ten times as long."""
VIEWS, REPLAY_VIEWS = 4, 2
DRAWS = 32
TEST_IMAGES = 80
STREAM_CLINIC = 31
Log = Callable[[str], None]


@dataclass(frozen=True)
class World:
    """What all clinics share."""

    parent: Parent
    learn_from: list[Annotated]
    test: list[Annotated]
    replay: Table
    replay_images: list[Annotated]
    noise: Tensor


def open_world(folder: Path, data: Path, seed: int) -> World:
    """The test part, patients at random: one image a patient to judge by, the others to learn from."""
    parent = load_parent(folder)
    images = annotated_patches(load_patches(data, "test"), parent.manifest["input"]["sizePx"])
    patients = np.unique([one.patient for one in images])
    shuffled = np.random.default_rng([seed, STREAM_CLINIC]).permutation(patients).tolist()
    own = {patient: [one for one in images if one.patient == patient] for patient in shuffled}
    test = [own[patient][len(own[patient]) // 2] for patient in shuffled[:TEST_IMAGES]]
    learn_from = [one for patient in shuffled[TEST_IMAGES:] for one in own[patient]]
    replay = reference_of(parent.manifest, "replay")
    noise = torch.from_numpy(even_normals(seed, np.arange(DRAWS), parent.directions).astype(np.float32))
    return World(parent, learn_from, test, tabulate(parent, replay, REPLAY_VIEWS, seed + 1), replay, noise)


@torch.inference_mode()
def figures_of(world: World, model: Segmenter, images: Sequence[Annotated]) -> list[CaseFigures]:
    """Of the network on whole crops, the same even draws for every model."""
    found = []
    for one in images:
        case = one.case()
        part, prior = model.encode(torch.from_numpy(np.ascontiguousarray(case.image[None])))
        masks = place(model.decode(part, prior.draw(world.noise[None]))[0].numpy(), case)
        found.append(case_figures(one.name, one.patient, masks, one.readings, one.inside))
    return found


def fold_of(images: Sequence[Annotated], refits: int) -> NDArray[np.int64]:
    """By patient, in the order in which they come."""
    names = list(dict.fromkeys(one.patient for one in images))
    return np.array([names.index(one.patient) % refits for one in images])


def train(world: World, images: list[Annotated], method: Method, table: Table | None, seed: int) -> Segmenter:
    """A candidate by one method."""
    recipe: Recipe = replace(RECIPES[method], views=VIEWS)
    fold = fold_of(images, recipe.refits)
    learner: HeadLearner | NetworkLearner
    if table is not None and method in CACHED:
        learner = HeadLearner(world.parent, table, world.replay, recipe)
        rows = Rows(fold[table.image], len(world.replay.image))
    else:
        learner = NetworkLearner(world.parent, images, world.replay_images, recipe, seed)
        rows = Rows(fold, len(world.replay_images))
    refits = Refits(learner, recipe, rows, seed, world.parent.directions)
    while not refits.done:
        refits.step()
    if isinstance(learner, NetworkLearner):
        return load_model(world.parent, merged(refits.average()))
    head = Head(world.parent)
    head.load_state_dict(refits.average())
    model = load_model(world.parent, world.parent.model.state_dict())
    head.put_into(model)
    return model


@dataclass(frozen=True)
class Opened:
    """A clinic's own world: images to learn from, images to judge by, what the parent does on them."""

    clinic: Clinic
    learn_from: list[Annotated]
    test: list[Annotated]
    before: list[CaseFigures]


def open_clinic(world: World, clinic: Clinic) -> Opened:
    """Everything changed as the clinic has it."""
    test = [judged_by(clinic, one) for one in world.test]
    return Opened(
        clinic, [clinic.change(one) for one in world.learn_from], test, figures_of(world, world.parent.model, test)
    )


def tried(
    world: World, own: Opened, order: str, method: Method, images: list[Annotated], table: Table, seed: int
) -> Outcome:
    """One candidate, trained and judged."""
    began = time.monotonic()
    after = figures_of(world, train(world, images, method, table, seed), own.test)
    seconds = time.monotonic() - began
    return Outcome(own.clinic.name, method, len(images), order, own.before, after, seconds)


Task = tuple[Clinic, str, Method, int]
"""Clinic, order of the cases, method, number of cases."""


def tasks() -> list[Task]:
    """Of the simulation, the slow methods at the end."""
    quick: list[Task] = []
    for clinic in CLINICS:
        quick += [(clinic, "random", method, size) for size in SIZES for method in METHODS]
        if clinic.name in SLOW_CLINICS:
            quick += [(clinic, "worklist", "heads", size) for size in SIZES[1:3]]
    slow = [one for one in CLINICS if one.name in SLOW_CLINICS]
    return quick + [(clinic, "random", method, SIZES[-1]) for clinic in slow for method in SLOW_METHODS]


def run(world: World, every: Sequence[Task], kept: KeptOutcomes, log: Log, seed: int) -> list[Outcome]:
    """All tasks in order, those that are kept from the disk."""
    outcomes: list[Outcome] = []
    own: Opened | None = None
    table: Table | None = None
    for clinic, order, method, size in every:

        def make(clinic: Clinic = clinic, order: str = order, method: Method = method, size: int = size) -> Outcome:
            nonlocal own, table
            if own is None or own.clinic is not clinic:
                own, table = open_clinic(world, clinic), None
            if order == "worklist":
                images = by_spread(world, own.learn_from, size)
                return tried(world, own, order, method, images, tabulate(world.parent, images, VIEWS, seed), seed)
            if table is None:
                table = tabulate(world.parent, own.learn_from[: SIZES[-1]], VIEWS, seed)
            return tried(world, own, order, method, own.learn_from[:size], first_images(table, size), seed)

        outcomes.append(kept.take(clinic.name, method, size, order, make))
        log(f"{clinic.name}, {size} cases, {order}, {method}: {outcomes[-1].seconds:.0f} s")
    return outcomes


def first_images(table: Table, size: int) -> Table:
    """Rows of the first `size` images."""
    kept = torch.from_numpy(np.flatnonzero(table.image < size))
    return Table(
        table.features[kept],
        table.weight[kept],
        table.marks[kept],
        table.given[kept],
        table.context[kept],
        table.image[kept.numpy()],
    )


def by_spread(world: World, images: Sequence[Annotated], count: int) -> list[Annotated]:
    """The `count` images whose samples differ most: what a worklist puts first."""
    spread = [one.spread for one in figures_of(world, world.parent.model, images)]
    chosen = np.argsort(-np.array(spread), kind="stable")[:count]
    return [images[k] for k in sorted(chosen.tolist())]


def simulate(folder: Path, data: Path, seed: int, kept: Path, log: Log) -> tuple[list[Outcome], dict[str, Any]]:
    """All clinics; the outcomes, of which those in `kept` are not computed anew, and of whom they are."""
    world = open_world(folder, data, seed)
    log(f"{len(world.learn_from)} images to learn from, {len(world.test)} patients to judge by")
    decides = {
        "model": package_sha256(folder),
        "seed": seed,
        "recipes": {method: recipe.as_json() for method, recipe in RECIPES.items()},
        "size": SIZE_WEIGHT,
        "draws": DRAWS,
        "views": [VIEWS, REPLAY_VIEWS],
        "patients": [one.name for one in world.test],
    }
    outcomes = run(world, tasks(), KeptOutcomes(kept, decides), log, seed)
    told = {
        "model": world.parent.manifest["id"],
        "version": world.parent.manifest["version"],
        "testPatients": len(world.test),
        "draws": DRAWS,
        "refits": RECIPES["heads"].refits,
        "seed": seed,
        "clinics": {clinic.name: clinic.words for clinic in CLINICS},
    }
    return outcomes, told
