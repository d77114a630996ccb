"""What a job will do and what it will take, said before it is done."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Any

from margin_trainer.fine_tune.annotated import Annotated
from margin_trainer.fine_tune.failure import JobError
from margin_trainer.fine_tune.pixels import PIXELS
from margin_trainer.fine_tune.recipe import CACHED, LEAST_CROPS, RECIPES, Recipe, Stage
from margin_trainer.fine_tune.training_set import LocalSet

BASE_BYTES = 450_000_000
"""Python, PyTorch and ONNX Runtime before an image is read."""
KEPT_MAPS = 14
"""Maps of the fusion's width that a draw keeps for the gradient, about."""
KEPT_TRUNK_MAPS = 40
"""Maps at full size, of the first filters' width, that an image keeps for the gradient of the trunk, about."""
MOST_TABLE_BYTES = 600_000_000
LEAST_BATCH = 2


@dataclass
class Plan:
    """`recipe` None: the widths of the intervals alone. `notes` tell what was changed, and why."""

    recipe: Recipe | None
    memory_bytes: int
    notes: list[str] = field(default_factory=list)

    @property
    def steps(self) -> int:
        """Of all refits."""
        return 0 if self.recipe is None else self.recipe.steps


def make_plan(start: dict[str, Any], found: LocalSet, manifest: dict[str, Any], replay: list[Annotated]) -> Plan:
    """From a `start` message. Refused: a method that the images do not allow."""
    notes: list[str] = []
    method = start["method"]
    if method != "width" and len(found.train) < LEAST_CROPS:
        notes.append(
            f"Below {LEAST_CROPS} crops only the width of the intervals is fitted: the set holds {len(found.train)} to "
            "learn from, and so few made models worse more often than better."
        )
        method = "width"
    if method == "width":
        return Plan(None, BASE_BYTES + _images_bytes(found.train), notes)
    if method not in CACHED and found.train[0].photograph:
        raise JobError(
            f"The method {method!r} learns on crops of scans; this set holds whole photographs.",
            "Choose the method 'heads'.",
        )
    if not replay:
        notes.append("No reference set goes with this model: it is tied to its parent, and forgetting is not measured.")
    refits = min(RECIPES[method].refits, len(set(found.fold.tolist())))
    recipe = _within_steps(replace(RECIPES[method], refits=refits), start["limits"]["steps"], notes)
    recipe = _within_tables(recipe, found)
    needed = _needed_bytes(recipe, found, manifest)
    limit = start["limits"]["memoryBytes"]
    while limit is not None and needed > limit and recipe.batch > LEAST_BATCH:
        smaller = replace(recipe, batch=recipe.batch // 2)
        notes.append(
            f"Batch lowered from {recipe.batch} to {smaller.batch}: it would have needed {needed / 1e9:.1f} GB."
        )
        recipe, needed = smaller, _needed_bytes(smaller, found, manifest)
    return Plan(recipe, needed, notes)


def _within_steps(recipe: Recipe, limit: int, notes: list[str]) -> Recipe:
    """Stages shortened alike where the steps of all refits exceed the limit."""
    if recipe.steps <= limit:
        return recipe
    share = limit / recipe.steps
    stages = tuple(Stage(one.part, max(1, math.floor(one.steps * share)), one.rate) for one in recipe.stages)
    notes.append(f"Shortened from {recipe.steps} steps to at most {limit}, as was asked.")
    return replace(recipe, stages=stages)


def _within_tables(recipe: Recipe, found: LocalSet) -> Recipe:
    """Fewer views of each image where there are many images, and no more than the steps will look at."""
    pixels = PIXELS[found.train[0].photograph]
    a_view = pixels * (2 * 32 + 4 + max(len(one.readings) for one in found.train))
    views = max(1, min(recipe.views, MOST_TABLE_BYTES // (a_view * len(found.train))))
    looked_at = math.ceil(recipe.steps * recipe.batch / len(found.train))
    return replace(recipe, views=int(min(views, looked_at)))


def _images_bytes(images: list[Annotated]) -> int:
    return sum(one.image.nbytes + one.readings.nbytes for one in images)


def _needed_bytes(recipe: Recipe, found: LocalSet, manifest: dict[str, Any]) -> int:
    """A rough sum: what is held, and what a step keeps for its gradient."""
    width, filters = manifest["features"]["channels"], manifest["training"]["switches"]["filters"]
    first = found.train[0]
    pixels = PIXELS[first.photograph] if recipe.method in CACHED else first.inside.size
    step = 4 * recipe.batch * pixels * recipe.draws * width * KEPT_MAPS
    if recipe.method not in CACHED:
        step += 4 * recipe.batch * pixels * filters[0] * KEPT_TRUNK_MAPS
    tables = len(found.train) * recipe.views * PIXELS[first.photograph] * (2 * filters[0] + 8)
    return int(BASE_BYTES + _images_bytes(found.train) + step + tables)
