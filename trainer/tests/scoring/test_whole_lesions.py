"""Couplings of a lesion's slices: laws of the draws, and a study that finds the coupling its data came from."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from conftest import TRAINER
from scipy import stats

from margin_trainer.measures.crps import crps
from margin_trainer.sampling.coupling import (
    NOT_THERE,
    Booleans,
    chosen_ranks,
    extent_walk,
    lesion_places,
    present_by_share,
    present_by_threshold,
)
from margin_trainer.scoring.whole_lesions import LENGTHS_MM, NONE, WHOLE, DrawnLesion, Floats, study, volumes

VECTORS = json.loads((TRAINER.parent / "test" / "fixtures" / "lesion-coupling-vectors.json").read_text())
PLACES = np.array([0.0, 2.5, 5.0, 7.5, 10.0])


def test_each_samples_place_and_walk_are_what_they_are_said_to_be_of_and_100_are_even() -> None:
    places, starts, walks = [], [], []
    for seed in range(300):
        place, start = lesion_places(seed, np.arange(4))
        places.append(place[3])
        starts.append(start[3])
        walks.append(extent_walk(seed, np.arange(4), start, PLACES, 2, 5.0)[3])
    assert stats.kstest(places, "uniform").pvalue > 1e-3
    assert stats.kstest(starts, "norm").pvalue > 1e-3
    found = np.array(walks)
    assert all(stats.kstest(found[:, at], "norm").pvalue > 1e-3 for at in range(5))
    expected = np.exp(-np.abs(PLACES[:, None] - PLACES[None, :]) / 5.0)
    assert np.abs(np.corrcoef(found.T) - expected).max() < 4 / np.sqrt(300)
    even, _ = lesion_places(7, np.arange(64))
    assert np.array_equal(np.sort((even * 64).astype(int)), np.arange(64))


def test_a_slice_that_comes_later_changes_no_other_and_the_ends_are_one_draw_and_independent_ones() -> None:
    _, start = lesion_places(3, np.arange(20))
    whole = extent_walk(3, np.arange(20), start, PLACES, 2, 6.0)
    part = extent_walk(3, np.arange(20), start, PLACES[1:4], 1, 6.0)
    assert np.array_equal(part, whole[:, 1:4])
    assert np.array_equal(extent_walk(3, np.arange(5), start[:5], PLACES, 2, 6.0), whole[:5])
    tied = extent_walk(3, np.arange(20), start, PLACES, 2, WHOLE)
    assert np.array_equal(tied, np.repeat(start[:, None], 5, axis=1))
    free = extent_walk(3, np.arange(20), start, PLACES, 2, NONE)
    assert np.array_equal(free[:, 2], start)
    assert len(np.unique(free)) == free.size


def test_presence_by_share_is_nested_and_holds_as_many_as_draw() -> None:
    place, _ = lesion_places(11, np.arange(100))
    drawn = np.array([3, 40, 80, 80, 17])
    there = present_by_share(place, drawn)
    assert there[:, 2].all()
    order = np.argsort(drawn)
    assert all((there[:, b] >= there[:, a]).all() for a, b in pairwise(order))
    # Even places: within one of a hundred for each of the two ends of an interval.
    assert np.abs(there.sum(axis=0) - 100 * drawn / 80).max() <= 2
    assert np.array_equal(present_by_threshold(2, drawn, 100, 0.25), np.array([[0, 1, 1, 1, 0]] * 2, dtype=bool))


def test_those_who_are_there_take_the_drawn_samples_evenly_in_the_order_of_their_walk() -> None:
    generator = np.random.default_rng(5)
    for _ in range(50):
        there = generator.random((30, 4)) < 0.6
        walk = generator.normal(size=(30, 4))
        drawn = generator.integers(0, 50, size=4)
        ranks = chosen_ranks(there, walk, drawn)
        for at in range(4):
            who = there[:, at] & (drawn[at] > 0)
            assert np.array_equal(ranks[:, at] != NOT_THERE, who)
            taken = ranks[who, at]
            if len(taken):
                assert taken.min() >= 0
                assert taken.max() < drawn[at]
                assert (np.diff(taken[np.argsort(walk[who, at])]) >= 0).all()
                counts = np.bincount(taken, minlength=drawn[at])
                assert counts.max() - counts.min() <= 1


def test_crps_is_its_double_loop() -> None:
    generator = np.random.default_rng(9)
    for count in (1, 2, 17):
        samples, value = generator.normal(size=count), float(generator.normal())
        loop = np.mean(np.abs(samples - value)) - np.mean(np.abs(samples[:, None] - samples[None, :])) / 2
        assert crps(samples, value) == pytest.approx(loop)


def drawn_lesions(count: int) -> list[DrawnLesion]:
    """Readers who take part once a lesion and whose extents hang together along z; a model that knows each slice."""
    generator = np.random.default_rng(20)
    found = []
    for number in range(count):
        slices = int(generator.integers(4, 9))
        height = 1 - np.abs(np.linspace(-1, 1, slices)) * 0.8
        centres = np.log(60 * height * np.exp(generator.normal(0, 0.8)))
        shares = np.clip(0.95 * height + 0.1, 0.1, 0.98)

        def areas(noise: Floats, seen: Booleans, centres: Floats = centres) -> Floats:
            return np.asarray(np.where(seen, np.exp(centres + 0.4 * noise), 0.0), dtype=np.float64)

        pools = {}
        for length in (NONE, WHOLE, *LENGTHS_MM):
            same = generator.normal(size=(100, 1)) * np.ones((1, slices))
            noise = same if length == WHOLE else generator.normal(size=(100, slices))
            seen = generator.random((100, slices if length != WHOLE else 1)) < shares
            pools[length] = areas(noise, seen)
        place, extent = generator.random(4) * shares.max(), generator.normal(size=(4, 1))
        readings = areas(extent * np.ones((1, slices)), place[:, None] < shares).sum(axis=1)
        found.append(
            DrawnLesion(
                f"p{number // 2}",
                number % 4,
                number,
                np.linspace(0, 2.0 * (slices - 1), slices),
                readings[readings > 0],
                pools,
            )
        )
    return found


def test_the_study_finds_the_coupling_that_its_readers_have_and_adjustment_makes_every_one_cover() -> None:
    outcome = study(drawn_lesions(320))
    rows = {row["coupling"]: row for row in outcome["rows"]}
    right, independent = rows["presence by share, extent tied"], rows["independent"]
    assert right["before"]["80"]["covered"] == pytest.approx(0.8, abs=0.06)
    assert independent["before"]["80"]["covered"] < right["before"]["80"]["covered"] - 0.1
    assert right["crps"]["value"] == min(row["crps"]["value"] for row in rows.values())
    for row in rows.values():
        for percent in (50, 80, 95):
            assert row["after"][str(percent)]["covered"] == pytest.approx(percent / 100, abs=0.06)
    narrow = rows[outcome["chosen"]]["after"]["95"]
    assert 0.93 <= narrow["covered"] <= 0.97
    assert narrow["width"] <= right["after"]["95"]["width"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda one: one["name"])
def test_draws_are_those_of_the_shared_vectors(vector: dict[str, Any]) -> None:
    indices, places = np.arange(vector["samples"]), np.array(vector["placesMm"])
    drawn = np.array(vector["drawn"])
    place, start = lesion_places(vector["seed"], indices)
    length = WHOLE if vector["lengthMm"] is None else vector["lengthMm"]
    walk = extent_walk(vector["seed"], indices, start, places, vector["first"], length)
    ranks = chosen_ranks(present_by_share(place, drawn), walk, drawn)
    assert (walk * 2**20).astype(int).tolist() == vector["walk"]
    assert ranks.tolist() == vector["ranks"]


def test_a_lesion_that_nobody_draws_has_no_volume() -> None:
    areas = {length: np.zeros((100, 3)) for length in (NONE, WHOLE, *LENGTHS_MM)}
    lesion = DrawnLesion("p", 0, 1, np.arange(3.0), np.array([5.0]), areas)
    assert len(volumes(lesion, "as drawn", NONE)) == 0
    assert len(volumes(lesion, "share", WHOLE)) == 0
    assert len(volumes(lesion, "0.25", 4.0)) == 0
