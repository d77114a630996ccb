"""Noise: published vectors, moments, and independence of a sample from its companions."""

from __future__ import annotations

import numpy as np
import pytest

from margin_trainer.sampling.philox import QUANTUM, STREAM_VALIDATION, latent_draws, philox, standard_normals

# Random123, kat_vectors, philox 4x32 with 10 rounds.
KNOWN_ANSWERS = [
    ("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
]

# Multiples of 2^-20 for L = 6, stream 0; the TypeScript side is held to the same numbers.
SHARED_DRAWS = [
    (1, 0, [398879, -310670, -261340, -1052600, 657402, -664780]),
    (1, 1, [805972, 905274, 2010818, 567129, -68013, -251628]),
    (42, 7, [-626663, 420825, -536441, -587087, 241790, 520218]),
    (3735928559, 99, [2049645, 1918243, 940410, 577639, -544945, -820282]),
    (9007199254740991, 1000000, [-156465, -1231366, 1457662, 1460894, -843226, 636721]),
]


@pytest.mark.parametrize(("counter", "key", "expected"), KNOWN_ANSWERS)
def test_known_answers(counter: str, key: str, expected: str) -> None:
    words = [np.array([int(w, 16)], np.uint64) for w in counter.split()]
    first, second = (int(w, 16) for w in key.split())
    assert " ".join(f"{int(w[0]):08x}" for w in philox(words, (first, second))) == expected


@pytest.mark.parametrize(("seed", "index", "expected"), SHARED_DRAWS)
def test_shared_draws(seed: int, index: int, expected: list[int]) -> None:
    assert (standard_normals(seed, np.array([index]), 6)[0] * QUANTUM).tolist() == expected


def test_a_sample_does_not_depend_on_its_companions() -> None:
    together = standard_normals(7, np.arange(50), 6)
    assert np.array_equal(together[13:14], standard_normals(7, np.array([13]), 6))
    assert np.array_equal(together[:, :3], standard_normals(7, np.arange(50), 3))
    assert not np.array_equal(together, standard_normals(7, np.arange(50), 6, STREAM_VALIDATION))


def test_moments_and_correlations() -> None:
    count = 100_000
    draws = standard_normals(11, np.arange(count), 6)
    error = 1 / np.sqrt(draws.size)
    assert abs(draws.mean()) < 4 * error
    assert abs((draws**2).mean() - 1) < 4 * np.sqrt(2) * error
    assert abs((draws**4).mean() - 3) < 4 * np.sqrt(96) * error
    between = np.corrcoef(draws.T) - np.eye(6)
    neighbours = np.corrcoef(draws[:-1, 0], draws[1:, 0])[0, 1]
    seeds = np.corrcoef(draws[:, 0], standard_normals(12, np.arange(count), 6)[:, 0])[0, 1]
    # Four standard errors of a correlation of 10^5 pairs are 0.0126.
    assert max(np.abs(between).max(), abs(neighbours), abs(seeds)) < 4 / np.sqrt(count)


def test_latent_has_the_prior_s_mean_and_variance() -> None:
    mean, log_variance = np.array([0.5, -2.0], np.float32), np.array([-1.0, 0.6], np.float32)
    count = 100_000
    z = latent_draws(mean, log_variance, standard_normals(3, np.arange(count), 2)).astype(np.float64)
    sigma = np.exp(log_variance / 2)
    assert (np.abs(z.mean(axis=0) - mean) < 4 * sigma / np.sqrt(count)).all()
    assert (np.abs(z.var(axis=0) / sigma**2 - 1) < 4 * np.sqrt(2 / count)).all()


@pytest.mark.parametrize("seed", [-1, 2**53])
def test_seed_out_of_range_is_refused(seed: int) -> None:
    with pytest.raises(ValueError, match="seed"):
        standard_normals(seed, np.arange(2), 6)
