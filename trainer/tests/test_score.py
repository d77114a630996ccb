"""Scores of one case: a deterministic network's one mask, its independent pixels, and baselines by arithmetic."""

from __future__ import annotations

import math
from typing import cast

import numpy as np
import pytest
from numpy.typing import NDArray

from margin_trainer.data.batch import Case
from margin_trainer.package import Encoding, Package
from margin_trainer.score import INDEPENDENT, marked_or_empty, record_case, score_baselines

PROBABILITY = 0.75


class OneAnswer:
    """A network without a latent: the image itself is the map of logits."""

    latent_dimension = 0

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
    assert scores["50 draws of the readers, expected"]["GED_V"] == pytest.approx(0.25 / 50)
    alone = score_baselines(readings[:1])
    assert "one reader against the others" not in alone
    assert alone["intersection of readers"]["GED_V"] == 0


def test_marked_or_empty_sees_nothing_of_the_outlines() -> None:
    """Three of four samples mark something, one of two readings does: 2 * 4/8 - 2 * 3/16 - 2 * 1/4."""
    masks, readings = np.zeros((4, 5, 5), bool), np.zeros((2, 5, 5), bool)
    masks[0, 0], masks[1, :, 1], masks[2, 2, 2], readings[0, 4, 4] = True, True, True, True
    assert marked_or_empty(masks, readings).v == pytest.approx(1 - 6 / 16 - 1 / 2)
