"""Laws of the generalised energy distance and its neighbours."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from margin_trainer.measures.bootstrap import patient_interval
from margin_trainer.measures.dice import dice, dice_of_majority
from margin_trainer.measures.distance import distance
from margin_trainer.measures.ged import energy_distance
from margin_trainer.measures.hungarian_iou import hungarian_iou

Masks = NDArray[np.bool_]


def random_masks(generator: np.random.Generator, count: int) -> Masks:
    """Sparse 5x5 masks, some of them empty."""
    density = generator.choice([0.0, 0.1, 0.5], size=(count, 1, 1))
    return generator.random((count, 5, 5)) < density


def slow_distance(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> float:
    union = sum(bool(p) or bool(q) for p, q in zip(a.flat, b.flat, strict=True))
    both = sum(bool(p) and bool(q) for p, q in zip(a.flat, b.flat, strict=True))
    return 0.0 if union == 0 else 1 - both / union


def slow_mean(first: Masks, second: Masks) -> float:
    return float(np.mean([slow_distance(a, b) for a in first for b in second]))


seeds = st.integers(0, 2**32 - 1)


@settings(max_examples=60)
@given(seeds, st.integers(1, 6), st.integers(1, 4))
def test_equals_the_double_loop(seed: int, samples: int, readings: int) -> None:
    generator = np.random.default_rng(seed)
    s, y = random_masks(generator, samples), random_masks(generator, readings)
    found = energy_distance(s, y)
    assert found.d_sy == pytest.approx(slow_mean(s, y), abs=1e-12)
    assert found.d_ss == pytest.approx(slow_mean(s, s), abs=1e-12)
    assert found.v == pytest.approx(2 * slow_mean(s, y) - slow_mean(s, s) - slow_mean(y, y), abs=1e-12)
    assert found.v >= -1e-12
    assert all(0 <= d <= 1 for d in (found.d_sy, found.d_ss, found.d_yy))


@settings(max_examples=40)
@given(seeds)
def test_does_not_see_order_and_is_symmetric(seed: int) -> None:
    generator = np.random.default_rng(seed)
    s, y = random_masks(generator, 8), random_masks(generator, 4)
    found = energy_distance(s, y).v
    assert energy_distance(generator.permutation(s), generator.permutation(y)).v == pytest.approx(found, abs=1e-12)
    assert energy_distance(y, s).v == pytest.approx(found, abs=1e-12)
    assert energy_distance(s, s).v == pytest.approx(0, abs=1e-12)


def released_pairs(samples: Masks, readings: Masks) -> float:
    """The published pairing for 16 samples and 4 readings: reading i only with samples 4i..4i+3."""
    return float(np.mean([slow_distance(samples[4 * i + k], readings[i]) for i in range(4) for k in range(4)]))


def test_the_published_pairing_depends_on_the_order() -> None:
    generator = np.random.default_rng(3)
    readings = random_masks(generator, 4) | np.eye(5, dtype=bool)
    samples = np.repeat(readings, 4, axis=0)
    shuffled = generator.permutation(samples)
    assert abs(released_pairs(samples, readings) - released_pairs(shuffled, readings)) > 0.05
    assert energy_distance(samples, readings).v == pytest.approx(energy_distance(shuffled, readings).v, abs=1e-12)


def test_draws_of_the_readers_have_d_yy_over_n_in_expectation() -> None:
    generator = np.random.default_rng(4)
    readings = random_masks(generator, 4)
    values = [energy_distance(readings[list(c)], readings).v for c in itertools.product(range(4), repeat=3)]
    assert np.mean(values) == pytest.approx(energy_distance(readings, readings).d_yy / 3, abs=1e-12)


def test_u_is_the_mean_without_self_pairs() -> None:
    generator = np.random.default_rng(5)
    s, y = random_masks(generator, 6) | np.eye(5, dtype=bool), random_masks(generator, 4)
    found = energy_distance(s, y)
    pairs = distance(s, s)[~np.eye(6, dtype=bool)].mean()
    readers = distance(y, y)[~np.eye(4, dtype=bool)].mean()
    assert found.u_samples == pytest.approx(2 * found.d_sy - pairs - found.d_yy, abs=1e-12)
    assert found.u == pytest.approx(2 * found.d_sy - pairs - readers, abs=1e-12)


def test_empty_masks() -> None:
    empty, full = np.zeros((1, 5, 5), bool), np.ones((1, 5, 5), bool)
    assert energy_distance(empty, empty).v == 0
    assert energy_distance(empty, full).v == 2
    assert energy_distance(np.concatenate([empty, full]), np.concatenate([full, empty])).v == 0


def test_union_of_two_readers_scores_as_one_reader() -> None:
    generator = np.random.default_rng(6)
    readings = generator.random((2, 20, 20)) < 0.4
    between = float(distance(readings, readings)[0, 1])
    union = (readings[0] | readings[1])[None]
    assert energy_distance(union, readings).v == pytest.approx(between / 2, abs=1e-12)
    assert energy_distance(readings[:1], readings).v == pytest.approx(between / 2, abs=1e-12)


@settings(max_examples=40)
@given(seeds)
def test_matched_iou_is_the_best_permutation(seed: int) -> None:
    generator = np.random.default_rng(seed)
    s, y = random_masks(generator, 4), random_masks(generator, 4)
    overlap = 1 - distance(s, y)
    best = max(np.mean([overlap[k, p] for k, p in enumerate(order)]) for order in itertools.permutations(range(4)))
    assert hungarian_iou(s, y) == pytest.approx(best, abs=1e-12)
    assert hungarian_iou(generator.permutation(s), generator.permutation(y)) == pytest.approx(best, abs=1e-12)


def test_matched_iou_of_repeated_readers_is_one() -> None:
    generator = np.random.default_rng(7)
    readings = random_masks(generator, 4)
    assert hungarian_iou(np.repeat(readings, 4, axis=0), readings) == 1
    assert hungarian_iou(np.repeat(readings, 3, axis=0)[:6], readings[:2]) == 1


def test_dice_by_hand() -> None:
    a, b = np.array([1, 1, 0, 0], bool), np.array([0, 1, 1, 1], bool)
    assert dice(a, b) == 2 * 1 / 5
    assert dice(a & ~a, b & ~b) == 1
    assert dice(a & ~a, b) == 0
    # Two of three samples mark pixel 1, one of three pixel 0: the majority is pixel 1 alone, Dice 2 * 1 / (1 + 3).
    assert dice_of_majority(np.array([a, b, ~a & ~b & a]), np.array([b])) == 2 * 1 / 4


def test_interval_draws_patients_not_images() -> None:
    """A patient with many equal images is one observation: the interval is as wide as with one image of each."""
    values, patients = [0.0] * 50 + [1.0] * 50, ["a"] * 50 + ["b"] * 50
    low, high = patient_interval(values, patients)
    assert (low, high) == (0.0, 1.0)
    assert patient_interval([0.3, 0.3], ["a", "b"]) == pytest.approx((0.3, 0.3))


@settings(max_examples=30)
@given(seeds, st.integers(1, 5))
def test_expected_v_is_the_mean_over_every_choice_of_samples(seed: int, count: int) -> None:
    generator = np.random.default_rng(seed)
    s, y = random_masks(generator, 6), random_masks(generator, 4)
    chosen = [energy_distance(s[list(k)], y).v for k in itertools.combinations(range(6), count)]
    assert energy_distance(s, y).expected_v(count) == pytest.approx(float(np.mean(chosen)), abs=1e-12)
    assert energy_distance(s, y).expected_v(6) == energy_distance(s, y).v
    assert energy_distance(s[:1], y).expected_v(16) == energy_distance(s[:1], y).v
