"""The frozen part of the network computed once: features of chosen pixels, and the pooled context of the prior.

What follows the features is per pixel, so a sum over an image's pixels (all that the losses are made of) may be taken
over a part of them: every pixel near a mark or a draw of the parent, and of the others some, weighing as many.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import ndimage
from torch import Tensor

from margin_trainer.fine_tune.annotated import Annotated, View
from margin_trainer.fine_tune.parent import Parent
from margin_trainer.networks.latent_encoder import LatentEncoder, read_gaussian
from margin_trainer.sampling.even import even_normals

PIXELS = {False: 512, True: 8192}
"""Kept of a crop, and of a photograph."""
FAR_SHARE = 0.25
"""Of the kept pixels at least: what nobody marked and the parent does not draw must be seen to stay empty."""
NEAR_PX = 6
DRAWS_LOOKED_AT = 8
STREAM_VIEW = 22
"""Second entry of the numpy seed of views and kept pixels."""


@dataclass(frozen=True)
class Table:
    """One row a view of an image; P pixels, R readings (rows that are not given are zero in `given`).

    features [N, P, F] float16, weight [N, P] (pixels that each stands for), marks [N, R, P], given [N, R],
    context [N, C], image [N]: number of the annotated image.
    """

    features: Tensor
    weight: Tensor
    marks: Tensor
    given: Tensor
    context: Tensor
    image: NDArray[np.int64]


def frozen_part(parent: Parent, image: Tensor) -> tuple[Tensor, Tensor]:
    """image [1, C, H, W] -> U-Net features [1, F, H, W] and what the prior's head reads [1, C]."""
    model = parent.model
    features, coarsest = model.unet.with_coarsest(image)
    path = coarsest if not isinstance(model.prior, LatentEncoder) else model.prior.path(image)[-1]
    return features, path.float().mean(dim=(2, 3))


def kept_pixels(
    view: View, drawn: NDArray[np.bool_], count: int, generator: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Flat numbers of `count` pixels inside, and how many each stands for; where fewer lie inside some stand for 0."""
    wanted = view.readings.any(axis=0) | drawn
    near = ndimage.distance_transform_edt(~wanted) <= NEAR_PX if wanted.any() else wanted
    groups = [np.flatnonzero(near & view.inside), np.flatnonzero(~near & view.inside)]
    most_near = count - min(int(count * FAR_SHARE), len(groups[1]))
    sizes = [min(len(groups[0]), most_near), 0]
    sizes[1] = min(len(groups[1]), count - sizes[0])
    chosen, weights = [], []
    for group, size in zip(groups, sizes, strict=True):
        if size > 0:
            chosen.append(generator.choice(group, size, replace=False) if size < len(group) else group)
            weights.append(np.full(size, len(group) / size, np.float32))
    missing = count - sum(sizes)
    chosen.append(np.zeros(missing, np.int64))
    weights.append(np.zeros(missing, np.float32))
    return np.concatenate(chosen), np.concatenate(weights)


def tabulate(
    parent: Parent,
    images: Sequence[Annotated],
    views: int,
    seed: int,
    report: Callable[[int, int], None] = lambda _done, _total: None,
) -> Table:
    """`views` of every image, the first as it is scored; the numbers of image k depend on (seed, k) alone."""
    readings = max(len(one.readings) for one in images)
    count = min(PIXELS[images[0].photograph], max(one.view(None).inside.size for one in images))
    rows: list[tuple[Tensor, ...]] = []
    for number, one in enumerate(images):
        generator = np.random.default_rng([seed, STREAM_VIEW, number])
        seen = [one.view(None if which == 0 else generator) for which in range(views)]
        at_once = 1 if one.photograph else views
        for start in range(0, views, at_once):
            rows += _rows(parent, seen[start : start + at_once], readings, count, generator)
        report(number + 1, len(images))
    features, weight, marks, given, context = (torch.stack(column) for column in zip(*rows, strict=True))
    return Table(features, weight, marks, given, context, np.repeat(np.arange(len(images)), views))


@torch.inference_mode()
def _rows(
    parent: Parent, views: Sequence[View], readings: int, count: int, generator: np.random.Generator
) -> list[tuple[Tensor, ...]]:
    """Views of one size at once."""
    model = parent.model
    features, context = frozen_part(parent, torch.from_numpy(np.stack([view.image for view in views])))
    prior, _ = read_gaussian(model.prior.head, context[:, :, None, None])
    noise = even_normals(1, np.arange(DRAWS_LOOKED_AT), parent.directions).astype(np.float32)
    z = prior.draw(torch.from_numpy(noise)[None].expand(len(views), -1, -1))
    drawn = (model.decode(model.recombination.image_part(features), z) > 0).any(dim=1).numpy()
    rows = []
    for view, its_features, its_context, its_drawn in zip(views, features, context, drawn, strict=True):
        chosen, weight = kept_pixels(view, its_drawn, count, generator)
        marks = np.zeros((readings, len(chosen)), bool)
        marks[: len(view.readings)] = view.readings.reshape(len(view.readings), -1)[:, chosen]
        given = np.arange(readings) < len(view.readings)
        kept = its_features.flatten(1)[:, torch.from_numpy(chosen)].T.contiguous().half()
        weights = torch.from_numpy(weight)
        rows.append((kept, weights, torch.from_numpy(marks) & (weights > 0), torch.from_numpy(given), its_context))
    # Out of inference mode again: the losses are differentiated with these as constants.
    return [tuple(value.clone() for value in row) for row in rows]
