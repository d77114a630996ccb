"""The worklist simulation: its share of disagreement found, by brute force and at its two ends."""

from __future__ import annotations

import numpy as np

from margin_trainer.scoring.worklist import Ranked, share_found, simulate


def test_share_found_equals_a_slow_loop() -> None:
    generator = np.random.default_rng(3)
    order, value = generator.random(40), generator.random(40)
    first = sorted(range(40), key=lambda k: -order[k])[:10]
    assert np.isclose(share_found(order, value, 0.25), sum(value[k] for k in first) / sum(value))


def test_order_by_the_disagreement_itself_is_the_best() -> None:
    generator = np.random.default_rng(4)
    value = generator.random(60)
    best = share_found(value, value, 0.1)
    assert all(share_found(generator.random(60), value, 0.1) <= best for _ in range(200))


def test_random_order_finds_its_share_and_a_telling_one_more() -> None:
    generator = np.random.default_rng(5)
    disagreement = generator.random(3000)
    patient = np.repeat(np.array([f"p{k}" for k in range(300)]), 10)
    blind = simulate(Ranked(generator.random(3000), disagreement, patient))
    telling = simulate(Ranked(disagreement + 0.1 * generator.random(3000), disagreement, patient))
    for row in blind["rows"]:
        assert abs(row["found"] - row["share"]) < 0.05
    for row, random in zip(telling["rows"], blind["rows"], strict=True):
        assert random["interval"][1] < row["interval"][0] <= row["found"] <= row["best"]
    assert abs(blind["spearman"]) < 0.1 < 0.9 < telling["spearman"]
