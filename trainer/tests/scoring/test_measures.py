"""Dice variants, S_NCC, calibration, coverage and paired comparison, against brute force and SciPy."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats
from scipy.spatial.distance import pdist
from scipy.special import expit
from skimage.measure import find_contours, label

from margin_trainer.measures.bootstrap import patient_interval, pooled_interval
from margin_trainer.measures.calibration import (
    Reliability,
    adaptive_error,
    band_around_marks,
    brier,
    expected_error,
    reliability,
)
from margin_trainer.measures.coverage import areas, covered, longest_diameter
from margin_trainer.measures.cross_correlation import sample_correlation
from margin_trainer.measures.dice import best_dice, dice, dice_matrix, matched_dice, mean_dice, soft_dice
from margin_trainer.measures.paired import bca_interval, holm, paired_difference

Masks = NDArray[np.bool_]
seeds = st.integers(0, 2**32 - 1)


def random_masks(generator: np.random.Generator, count: int) -> Masks:
    """Sparse 6x6 masks, some of them empty."""
    return generator.random((count, 6, 6)) < generator.choice([0.0, 0.2, 0.6], size=(count, 1, 1))


@settings(max_examples=40)
@given(seeds)
def test_dice_variants_are_what_their_definitions_say(seed: int) -> None:
    generator = np.random.default_rng(seed)
    s, y = random_masks(generator, 4), random_masks(generator, 4)
    pairs = dice_matrix(s, y)
    assert pairs == pytest.approx(np.array([[dice(a, b) for b in y] for a in s]), abs=1e-12)
    assert mean_dice(pairs) == pytest.approx(np.mean([dice(a, b) for a, b in itertools.product(s, y)]), abs=1e-12)
    assert best_dice(pairs) == pytest.approx(np.mean([max(dice(a, b) for a in s) for b in y]), abs=1e-12)
    orders = itertools.permutations(range(4))
    best = max(np.mean([dice(s[k], y[p]) for k, p in enumerate(order)]) for order in orders)
    assert matched_dice(pairs) == pytest.approx(best, abs=1e-12)
    assert matched_dice(pairs) <= best_dice(pairs) + 1e-12


def test_soft_dice_by_hand() -> None:
    # Shares of ten samples: 1.0, 0.3 (not above 0.3) and 0; of two readers: 1, 0.5, 0.
    samples = np.zeros((10, 1, 3), bool)
    samples[:, 0, 0] = True
    samples[:3, 0, 1] = True
    readings = np.array([[[True, True, False]], [[True, False, False]]])
    # Cut at 0.1: {0, 1} and {0, 1}. At 0.3: {0} and {0, 1}, 2 / 3. At 0.5, 0.7, 0.9: {0} and {0}.
    assert soft_dice(samples, readings) == pytest.approx((1 + 2 / 3 + 1 + 1 + 1) / 5, abs=1e-12)
    empty = np.zeros((3, 1, 3), bool)
    assert soft_dice(empty, empty) == 1


@settings(max_examples=30)
@given(seeds)
def test_sample_correlation_equals_the_written_out_one(seed: int) -> None:
    generator = np.random.default_rng(seed)
    logits = 3 * generator.standard_normal((5, 4, 6)).astype(np.float32)
    readings = generator.random((3, 4, 6)) < 0.4
    inside = generator.random((4, 6)) < 0.8
    p = expit(logits.astype(np.float64))

    def cross_entropy(target: NDArray[np.float64], given_p: NDArray[np.float64]) -> NDArray[np.float64]:
        return -(target * np.log(given_p) + (1 - target) * np.log(1 - given_p))

    spread = np.mean([cross_entropy(p.mean(axis=0), one) for one in p], axis=0)
    found = []
    for reading in readings.astype(np.float64):
        to_reading = np.mean([cross_entropy(reading, one) for one in p], axis=0)
        found.append(stats.pearsonr(spread[inside], to_reading[inside]).statistic)
    assert sample_correlation(logits, readings, inside) == pytest.approx(np.mean(found), abs=1e-4)


def test_correlation_with_a_constant_map_is_undefined() -> None:
    readings = np.array([[[True, False]]])
    assert sample_correlation(np.zeros((3, 1, 2), np.float32), readings, np.ones((1, 2), bool)) is None


def observations(samples: Masks, readings: Masks, region: NDArray[np.bool_]) -> tuple[list[float], list[bool]]:
    """Every (p, y), one by one."""
    p, y = [], []
    for row, column in zip(*np.nonzero(region), strict=True):
        for reading in readings:
            p.append(float(samples[:, row, column].mean()))
            y.append(bool(reading[row, column]))
    return p, y


@settings(max_examples=40)
@given(seeds, st.integers(2, 40))
def test_brier_and_ece_count_every_pixel_and_reader(seed: int, count: int) -> None:
    generator = np.random.default_rng(seed)
    s, y = random_masks(generator, count), random_masks(generator, 3)
    region = generator.random((6, 6)) < 0.7
    region[0, 0] = True
    counts = reliability(s, y, region)
    p, marks = observations(s, y, region)
    assert counts.observations.sum() == len(p)
    assert brier(counts) == pytest.approx(np.mean([(a - b) ** 2 for a, b in zip(p, marks, strict=True)]), abs=1e-12)
    error: float = 0.0
    for k in range(15):
        # In hundredths of 1/15 no share k/N with N <= 40 lies within 1e-9 of an edge unless it is the edge.
        kept = [i for i, v in enumerate(p) if k <= v * 15 + 1e-9 < k + 1 or (k == 14 and v == 1)]
        if kept:
            gap = np.mean([p[i] for i in kept]) - np.mean([marks[i] for i in kept])
            error += float(abs(gap)) * len(kept) / len(p)
    assert float(expected_error(table(counts))) == pytest.approx(error, abs=1e-12)


def table(counts: Reliability) -> NDArray[np.float64]:
    return np.stack([counts.observations, counts.marked])


def test_equal_mass_bins_hold_equally_many() -> None:
    """Sixteen different shares with 15 observations each: every bin of 16 observations, ordered and cut by hand."""
    generator = np.random.default_rng(5)
    counts = Reliability(np.full(16, 15.0), generator.integers(0, 16, size=16).astype(float))
    # An observation of share k/15 is marked to the part marked/15: what a divided group contributes in proportion.
    p = np.repeat(counts.share, 15)
    y = np.repeat(counts.marked / 15, 15)
    bins = [slice(16 * k, 16 * (k + 1)) for k in range(15)]
    by_hand = np.mean([abs(p[b].mean() - y[b].mean()) for b in bins])
    assert float(adaptive_error(table(counts))) == pytest.approx(by_hand, abs=1e-12)


def test_calibrated_counts_have_no_error_and_none_have_no_value() -> None:
    perfect = Reliability(np.array([10.0, 10.0, 10.0]), np.array([0.0, 5.0, 10.0]))
    assert expected_error(table(perfect)) == adaptive_error(table(perfect)) == 0
    nothing = Reliability(np.zeros(3), np.zeros(3))
    assert brier(nothing) is None
    assert np.isnan(expected_error(table(nothing)))
    assert np.isnan(adaptive_error(table(nothing)))


def test_band_reaches_five_pixels() -> None:
    samples, readings = np.zeros((1, 1, 20), bool), np.zeros((1, 1, 20), bool)
    assert not band_around_marks(samples, readings).any()
    samples[0, 0, 3], readings[0, 0, 4] = True, True
    assert np.flatnonzero(band_around_marks(samples, readings)[0]).tolist() == list(range(10))


@settings(max_examples=60)
@given(seeds)
def test_longest_diameter_spans_the_traced_outline(seed: int) -> None:
    generator = np.random.default_rng(seed)
    mask = generator.random((9, 9)) < generator.choice([0.2, 0.5, 0.8])
    mask[4, 4] = True
    pieces = label(np.pad(mask, 1), connectivity=1)
    outlines = [np.concatenate(find_contours(pieces == k, 0.5)) for k in range(1, pieces.max() + 1)]
    assert longest_diameter(mask) == pytest.approx(max(pdist(outline).max() for outline in outlines), abs=1e-9)


def test_coverage_counts_readings_in_the_interval() -> None:
    samples = np.arange(101.0)
    assert covered(samples, np.array([24.9, 25.0, 75.0, 75.1]), 50) == (2, 4)
    assert covered(np.array([]), np.array([3.0]), 50) == (0, 0)
    masks = np.zeros((2, 3, 3), bool)
    masks[1, 0] = True
    assert areas(masks).tolist() == [3.0]


def test_bca_equals_scipys() -> None:
    generator = np.random.default_rng(8)
    for values in (generator.exponential(size=30), generator.standard_normal(150), generator.gamma(0.3, size=12)):
        ours = bca_interval(values)
        theirs = stats.bootstrap(
            (values,), np.mean, n_resamples=40_000, method="BCa", rng=np.random.default_rng(1)
        ).confidence_interval
        # Ends are quantiles of 10,000 draws: their Monte-Carlo error is about a fortieth of the width.
        width = theirs.high - theirs.low
        assert ours == pytest.approx((theirs.low, theirs.high), abs=0.05 * width)
        plain = patient_interval(list(values), [str(k) for k in range(len(values))])
        assert abs(ours[1] - plain[1]) < 0.5 * width


def test_bca_is_not_the_percentile_interval_of_skewed_values() -> None:
    values = np.random.default_rng(9).gamma(0.3, size=12)
    low, high = patient_interval(list(values), [f"{k:02}" for k in range(12)])
    assert bca_interval(values)[0] > low
    assert bca_interval(values)[1] > high


def test_paired_difference_takes_patients_not_images() -> None:
    generator = np.random.default_rng(10)
    patients = [f"p{k // 3}" for k in range(30)]
    a, b = generator.random(30), generator.random(30)
    found = paired_difference(list(a), list(b), patients)
    means_a, means_b = a.reshape(10, 3).mean(axis=1), b.reshape(10, 3).mean(axis=1)
    assert found.patients == 10
    assert found.value == pytest.approx((means_a - means_b).mean())
    assert found.p_t == pytest.approx(stats.ttest_rel(means_a, means_b).pvalue)
    assert found.p_wilcoxon == pytest.approx(stats.wilcoxon(means_a, means_b).pvalue)
    turned = paired_difference(list(b), list(a), patients)
    assert turned.value == -found.value
    assert turned.p_t == pytest.approx(found.p_t)


def test_a_model_does_not_differ_from_itself() -> None:
    same = paired_difference([0.1, 0.2, 0.3], [0.1, 0.2, 0.3], ["a", "b", "b"])
    assert (same.value, same.low, same.high, same.p_t, same.p_wilcoxon) == (0, 0, 0, 1, 1)


@settings(max_examples=50)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=6))
def test_holm_rejects_exactly_what_the_step_down_rejects(p_values: list[float]) -> None:
    adjusted = holm(p_values)
    for level in (0.01, 0.05, 0.3):
        rejected = set()
        for rank, index in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
            if p_values[index] * (len(p_values) - rank) > level:
                break
            rejected.add(index)
        assert {i for i, p in enumerate(adjusted) if p <= level} == rejected
    assert all(a >= p or math.isclose(a, p) for a, p in zip(adjusted, p_values, strict=True))


@settings(max_examples=20)
@given(seeds)
def test_errors_of_many_counts_are_the_errors_of_each(seed: int) -> None:
    generator = np.random.default_rng(seed)
    observed = generator.integers(0, 9, size=(4, 11)).astype(float)
    counts = np.stack([observed, np.floor(observed * generator.random((4, 11)))], axis=1)
    for error in (expected_error, adaptive_error):
        assert error(counts) == pytest.approx([float(error(one)) for one in counts], nan_ok=True)


def test_pooled_interval_of_one_count_is_the_interval_of_its_mean() -> None:
    """With the number of images as the second count the ratio of sums is the mean, drawn with the same patients."""
    generator = np.random.default_rng(11)
    values, patients = generator.random(20), [f"p{k % 7}" for k in range(20)]
    counts = np.stack([values, np.ones(20)], axis=1)
    pooled = pooled_interval(counts, patients, lambda sums: sums[:, 0] / sums[:, 1])
    assert pooled == pytest.approx(patient_interval(list(values), patients))
