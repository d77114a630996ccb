"""Laws of what a step makes small: pairs that are independent, a size term whose least value is at the right size."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from margin_trainer.failure import TrainerError
from margin_trainer.fine_tune.objective import (
    SIZE_WEIGHT,
    Readings,
    cross_pairs,
    image_losses,
    likelihood,
    size_distance,
)
from margin_trainer.fine_tune.refits import NOISE_SETS, grouped, independent_sets
from margin_trainer.networks.latent_encoder import DiagonalGaussian

PIXELS = 400
SIZES_PX = torch.tensor([0.0, 40.0, 60.0, 90.0])
SCALES = (0.25, 0.5, 0.8, 1.0, 1.25, 2.0, 4.0)


def logits_of(area: Tensor) -> Tensor:
    """[S] -> [1, S, P]: so many of the first pixels."""
    return torch.where(torch.arange(PIXELS) < area[:, None].round(), 30.0, -30.0)[None]


def population(scale: float) -> Tensor:
    """In either half each of the readers' sizes once, so that cross pairs are all pairs of readers; [1, 8, P]."""
    return logits_of(scale * SIZES_PX.repeat(2))


def as_read(sizes_px: Tensor = SIZES_PX) -> Readings:
    return Readings((logits_of(sizes_px) > 0).float(), torch.ones(1, len(sizes_px)), torch.ones(1, PIXELS))


def size_at(scale: float, readings: Readings) -> float:
    return float(size_distance(torch.sigmoid(population(scale)), readings))


def test_pairs_across_the_two_sets_are_as_far_apart_as_independent_draws() -> None:
    """E |z - z'| of two normals is 2 / sqrt(pi); within one even set it is more, so that its pairs do not count."""
    sets = torch.cat(list(independent_sets(1, 8, np.eye(6))), dim=1)
    assert sets.shape == (NOISE_SETS, 8, 6)
    first, second = cross_pairs(8)
    assert set(zip(first.tolist(), second.tolist(), strict=True)) == {(k, n) for k in range(4) for n in range(4, 8)}
    truth = 2 / np.pi**0.5
    across = (sets[:, first] - sets[:, second]).abs()[..., :4].mean(dim=(1, 2))
    error = float(across.std()) / NOISE_SETS**0.5
    assert abs(float(across.mean()) - truth) < 3 * error
    one, other = torch.triu_indices(4, 4, offset=1)
    within = (sets[:, one] - sets[:, other]).abs()[..., :4].mean(dim=(1, 2))
    assert float(within.mean()) - truth > 10 * error
    with pytest.raises(TrainerError, match="two sets"):
        independent_sets(1, 7, np.eye(6))


def test_the_size_term_is_least_at_the_readers_sizes_and_is_not_flat_beyond() -> None:
    found = [size_at(scale, as_read()) for scale in SCALES]
    assert int(np.argmin(found)) == SCALES.index(1.0)
    # The energy distance to the population itself is the distance of two of its members.
    logs = torch.log1p(SIZES_PX)
    assert found[SCALES.index(1.0)] == pytest.approx(float((logs[:, None] - logs).abs().mean()), rel=1e-5)
    # Four times as large is as far again as twice: the term grows with the logarithm.
    assert found[-1] - found[-2] > 0.9 * (found[-2] - found[SCALES.index(1.0)])
    # A reading that is not given does not count.
    more = as_read(torch.cat([SIZES_PX, torch.tensor([300.0])]))
    padded = Readings(more.marks, torch.tensor([[1.0, 1, 1, 1, 0]]), more.weight)
    assert size_at(1.0, padded) == pytest.approx(found[SCALES.index(1.0)])


def loss(logits: Tensor, readings: Readings) -> float:
    same = DiagonalGaussian(torch.zeros(1, 2), torch.zeros(1, 2))
    return float(image_losses(logits, readings, same, same, 1.0, tied=True))


def test_the_loss_is_the_double_loop_and_least_at_the_readers_sizes() -> None:
    readings, logits = as_read(), population(1.5)
    soft, marks = torch.sigmoid(logits)[0].numpy(), readings.marks[0].numpy()

    def apart(a: np.ndarray, b: np.ndarray) -> float:
        outlines = 1 - (np.minimum(a, b).sum() + 1) / (np.maximum(a, b).sum() + 1)
        return float(outlines + SIZE_WEIGHT * abs(np.log1p(a.sum()) - np.log1p(b.sum())))

    to_reading = np.mean([apart(s, y) for s in soft for y in marks])
    between = np.mean([apart(s, t) for s in soft[:4] for t in soft[4:]])
    assert loss(logits, readings) == pytest.approx(2 * to_reading - between, rel=1e-4)
    assert int(np.argmin([loss(population(scale), readings) for scale in SCALES])) == SCALES.index(1.0)


def test_of_one_reader_it_is_the_likelihood_and_the_size() -> None:
    one = as_read(SIZES_PX[1:2])
    logits = 0.1 * population(1.5)
    sizes = float(size_distance(torch.sigmoid(logits), one))
    assert loss(logits, one) == pytest.approx(float(likelihood(logits, one)) + SIZE_WEIGHT * sizes, rel=1e-5)


def test_folds_of_a_set_are_put_together_so_that_each_is_left_out_once() -> None:
    fold = np.array([0, 4, 2, 2, 1, 3, 0])
    assert grouped(fold, 2).tolist() == [0, 0, 0, 0, 1, 1, 0]
    assert set(grouped(fold, 1).tolist()) == {0}
    assert (grouped(fold, 5) == fold).all()
