"""Scores of one case: a deterministic network's one mask, its independent pixels, and baselines by arithmetic."""

from __future__ import annotations

import math
from typing import cast

import numpy as np
import pytest
from numpy.typing import NDArray

from margin_trainer.data.batch import Case
from margin_trainer.package import Encoding, Package
from margin_trainer.sampling.even import principal_directions
from margin_trainer.sampling.philox import standard_normals
from margin_trainer.scoring.score import (
    EVEN,
    EXPECTED,
    INDEPENDENT,
    MATCHED,
    MODEL_ERROR,
    blocks_of,
    marked_or_empty,
    record_case,
    score_baselines,
)

PROBABILITY = 0.75


class OneAnswer:
    """A network without a latent: the image itself is the map of logits."""

    latent_dimension = 0
    directions = None

    def encode(self, image: NDArray[np.float32]) -> Encoding:
        return Encoding(image, np.zeros(0, np.float32), np.zeros(0, np.float32))

    def sample(self, features: NDArray[np.float32], z: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.repeat(features, len(z), axis=0)


def drawn_case() -> Case:
    """Logits of 3/4 in the left half of 16x16 and of nearly 0 in the right; two readers mark parts of the left."""
    logits = np.full((16, 16), -30, np.float32)
    logits[:, :8] = math.log(PROBABILITY / (1 - PROBABILITY))
    readings = np.zeros((2, 16, 16), bool)
    readings[0, :, :8] = True
    readings[1, :8, :8] = True
    return Case("a", "p", "s", logits[None], 0, 0, readings, np.ones((16, 16), bool))


def test_one_mask_stands_for_any_number_of_equal_ones() -> None:
    record = record_case(cast(Package, OneAnswer()), drawn_case(), 1)
    scores = record.scores
    # d to the readers is 0 and 1/2, between them 1/2 (in two of four ordered pairs).
    expected = 2 * 0.25 - 0.25
    for name in ("GED_V@16", "GED_V@50", "GED_V@100", "GED_U(samples)@100"):
        assert scores[name] == pytest.approx(expected)
    assert scores["D_ss@100"] == 0
    # Without the readers' self-pairs they are 1/2 apart, and equal samples have no noise.
    assert scores[MODEL_ERROR] == pytest.approx(2 * 0.25 - 0.5)
    assert scores["noise of the readings"] == pytest.approx(0.25)
    assert scores["noise of 16 samples"] == 0
    assert not [name for name in scores if name.endswith(EVEN)]
    assert scores["HM-IoU@16"] == pytest.approx(0.75)
    assert {scores[f"Dice({k})@{n}"] for k, n in (("a", 100), ("b", 100), ("c", 100), ("d", 16))} == {(1 + 2 / 3) / 2}
    marked = [128, 64]
    by_hand = [-(m * math.log(PROBABILITY) + (128 - m) * math.log(1 - PROBABILITY)) for m in marked]
    assert scores["-CLL@100"] == pytest.approx(np.mean(by_hand), rel=1e-5)
    assert "effective samples of -CLL" not in scores
    assert record.covered == {}


def test_its_independent_pixels_keep_their_probability_and_lose_their_shape() -> None:
    record = record_case(cast(Package, OneAnswer()), drawn_case(), 1)
    drawn = record.baselines[INDEPENDENT]
    # A draw marks 3/4 of the first reader's pixels: d = 1/4; of the second's 64 it meets 48 of a union of 112.
    to_readers = (0.25 + 1 - 48 / 112) / 2
    # Two draws share 9/16 of the half and mark 15/16 of it: d = 1 - 9/15.
    between = 0.4 * 99 / 100
    assert drawn["GED_V@100"] == pytest.approx(2 * to_readers - between - 0.25, abs=0.01)
    assert drawn["Dice(a)@100"] == pytest.approx((1 + 2 / 3) / 2)
    assert record == record_case(cast(Package, OneAnswer()), drawn_case(), 1)


def test_baselines_by_arithmetic() -> None:
    readings = drawn_case().readings
    scores = score_baselines(readings)
    assert scores["union of readers"]["GED_V"] == pytest.approx(0.25)
    assert scores["reader 1 alone"]["GED_V"] == pytest.approx(0.25)
    assert scores["intersection of readers"]["GED_V"] == pytest.approx(0.25)
    assert scores["always empty"]["GED_V"] == pytest.approx(2 - 0.25)
    assert scores["one reader against the others"]["GED_V"] == pytest.approx(2 * 0.5)
    assert scores["50 draws of the image's own readers, expected"]["GED_V"] == pytest.approx(0.25 / 50)
    # Two different readers are 1/2 apart: two readers and sixteen samples of their population.
    population = scores["a model that is the reader population, 16 samples, expected"]["GED_V"]
    assert population == pytest.approx(0.5 * (1 / 2 + 1 / 16))
    assert scores["noise of the readings: any number of the best samples"]["GED_V"] == pytest.approx(0.25)
    alone = score_baselines(readings[:1])
    assert "one reader against the others" not in alone
    assert alone["intersection of readers"]["GED_V"] == 0


def test_marked_or_empty_sees_nothing_of_the_outlines() -> None:
    """Three of four samples mark something, one of two readings does: 2 * 4/8 - 2 * 3/16 - 2 * 1/4."""
    masks, readings = np.zeros((4, 5, 5), bool), np.zeros((2, 5, 5), bool)
    masks[0, 0], masks[1, :, 1], masks[2, 2, 2], readings[0, 4, 4] = True, True, True, True
    assert marked_or_empty(masks, readings).v == pytest.approx(1 - 6 / 16 - 1 / 2)


class Threshold(Package):
    """Latent (a, b): every pixel left of 8 + 4 a is marked; b moves nothing. The readers mark up to 6 and to 10."""

    def __init__(self) -> None:
        self.latent_dimension = 2
        self.directions = principal_directions(np.array([[1.0, 0.0], [0.0, 0.0]]), np.ones(2))

    def encode(self, image: NDArray[np.float32]) -> Encoding:
        return Encoding(image, np.zeros(2, np.float32), np.zeros(2, np.float32))

    def sample(self, features: NDArray[np.float32], z: NDArray[np.float32]) -> NDArray[np.float32]:
        del features
        column = np.arange(16, dtype=np.float32) + 0.5
        return np.broadcast_to((8 + 4 * z[:, :1] - column)[:, None, None, :], (len(z), 1, 16, 16)).astype(np.float32)


def threshold_case() -> Case:
    readings = np.zeros((2, 16, 16), bool)
    readings[0, :, :6] = True
    readings[1, :, :10] = True
    return Case("a", "p", "s", np.zeros((1, 16, 16), np.float32), 0, 0, readings, np.ones((16, 16), bool))


def test_the_parts_of_the_ged_add_up_and_the_model_error_is_without_self_pairs() -> None:
    scores = {k: v for k, v in record_case(Threshold(), threshold_case(), 5).scores.items() if v is not None}
    parts = scores[MODEL_ERROR] + scores["noise of the readings"] + scores["noise of 16 samples"]
    assert parts == pytest.approx(scores[EXPECTED])
    outlines = scores[f"{MODEL_ERROR}, marked or empty"] + scores[f"{MODEL_ERROR}, outlines"]
    assert outlines == pytest.approx(scores[MODEL_ERROR])
    # By its definition, from single pairs: the widths that the noise of seed 5 gives.
    width = np.floor(np.clip(8 + 4 * standard_normals(5, np.arange(100), 2)[:, 0], 0, 16) + 0.5)

    def apart(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
        larger = np.maximum(a[:, None], b[None, :])
        return np.where(larger == 0, 0, 1 - np.minimum(a[:, None], b[None, :]) / np.where(larger == 0, 1, larger))

    between = apart(width, width)[~np.eye(100, dtype=bool)].mean()
    by_hand = 2 * apart(width, np.array([6.0, 10.0])).mean() - between - (1 - 6 / 10)
    assert scores[MODEL_ERROR] == pytest.approx(by_hand, abs=1e-9)


def test_even_draws_take_most_of_the_noise_of_sixteen_samples_away() -> None:
    """One direction matters here, and 16 even samples are nearly the 16 quantiles of it."""
    every = [record_case(Threshold(), threshold_case(), seed).scores for seed in range(8)]
    mean = {name: float(np.mean([scores[name] for scores in every if scores[name] is not None])) for name in every[0]}
    assert mean[f"GED_V@16{EVEN}"] - mean[f"GED_V@100{EVEN}"] < 0.4 * mean["noise of 16 samples"]
    assert mean[f"GED_V@16{EVEN}"] < mean[EXPECTED]
    assert mean[f"HM-IoU@16{EVEN}"] > mean[MATCHED]
    assert blocks_of(100, 16)[-1] == slice(80, 96)
    assert blocks_of(1, 16) == [slice(0, 1)]
