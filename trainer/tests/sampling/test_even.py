"""Even draws: the points are Sobol's, the quantile is the normal's, each sample keeps the prior, the set is even."""

from __future__ import annotations

import json
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from conftest import TRAINER
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats
from scipy.stats import qmc

from margin_trainer.sampling.even import STREAM_SHIFT, even_normals, principal_directions
from margin_trainer.sampling.normal_quantile import normal_quantile
from margin_trainer.sampling.philox import MAXIMUM_SEED, QUANTUM, random_words, standard_normals
from margin_trainer.sampling.sobol import MAXIMUM_DIMENSION, sobol_words

SEEDS = st.integers(0, MAXIMUM_SEED)


VECTORS = json.loads((TRAINER.parent / "test" / "fixtures" / "even-draws-vectors.json").read_text())
"""The TypeScript side is held to the same numbers."""


@pytest.mark.parametrize("vector", VECTORS["draws"], ids=lambda v: f"seed {v['seed']}, sample {v['sample']}")
def test_shared_draws(vector: dict[str, Any]) -> None:
    drawn = even_normals(vector["seed"], np.array([vector["sample"]]), np.array(VECTORS["directions"]))[0]
    assert (drawn * QUANTUM).tolist() == vector["multiples"]


@pytest.mark.parametrize("point", VECTORS["points"], ids=lambda p: str(p["index"]))
def test_shared_points(point: dict[str, Any]) -> None:
    assert sobol_words(np.array([point["index"]]), MAXIMUM_DIMENSION)[0].tolist() == point["words"]


def turned(dimension: int, seed: int = 0) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Directions of a random matrix."""
    generator = np.random.default_rng(seed)
    return principal_directions(generator.normal(size=(16, dimension)), generator.uniform(0.2, 2, dimension))


def test_points_are_those_of_scipy_without_scrambling() -> None:
    with pytest.warns(UserWarning, match="power of 2"):
        expected = qmc.Sobol(MAXIMUM_DIMENSION, scramble=False, bits=32).random(3000)
    found = sobol_words(np.arange(3000), MAXIMUM_DIMENSION) / 2.0**32
    assert np.array_equal(found, expected)


def test_a_point_does_not_depend_on_its_companions() -> None:
    far = np.array([2**32 - 1, 5, 12345678])
    together = sobol_words(far, 6)
    assert all(np.array_equal(sobol_words(far[k : k + 1], 6)[0], together[k]) for k in range(3))
    assert np.array_equal(sobol_words(far, 3), together[:, :3])
    with pytest.raises(ValueError, match="17 dimensions: the table has 1 to 16"):
        sobol_words(far, MAXIMUM_DIMENSION + 1)


def test_quantile_is_that_of_other_programs() -> None:
    share = np.concatenate([(np.arange(0, 2**32, 999_983) + 0.5) / 2.0**32, [1 - 0.5 / 2**32, 0.075, 0.5, 0.925]])
    found = normal_quantile(share)
    assert np.abs(found - special.ndtri(share)).max() < 1e-14
    assert found.tolist() == pytest.approx([NormalDist().inv_cdf(p) for p in share], abs=1e-15, rel=1e-15)
    assert np.all(np.diff(normal_quantile(np.sort(share))) > 0)
    for outside in (0.0, 1.0, np.nan, -0.1):
        with pytest.raises(ValueError, match="share outside"):
            normal_quantile(np.array([outside]))


@given(SEEDS, st.integers(0, 900), st.integers(1, 40), st.integers(1, 16))
def test_sample_k_is_the_same_alone_in_any_chunk_and_among_more(seed: int, first: int, count: int, dim: int) -> None:
    directions = turned(dim)
    more = even_normals(seed, np.arange(first + count + 7), directions)
    assert np.array_equal(even_normals(seed, np.arange(first, first + count), directions), more[first : first + count])
    assert np.array_equal(even_normals(seed, np.array([first]), directions)[0], more[first])
    assert np.array_equal(more * QUANTUM, np.rint(more * QUANTUM))


def test_directions_are_orthonormal_columns_strongest_first() -> None:
    generator = np.random.default_rng(4)
    weights, sigma = generator.normal(size=(16, 6)), generator.uniform(0.2, 2, 6)
    directions = principal_directions(weights, sigma)
    assert np.abs(directions.T @ directions - np.eye(6)).max() < 1e-5
    strength = np.linalg.norm(weights * sigma @ directions, axis=0)
    assert np.all(np.diff(strength) < 0)
    assert strength == pytest.approx(np.linalg.svd(weights * sigma, compute_uv=False), abs=1e-4)
    assert principal_directions(weights[:3], sigma).shape == (6, 6)
    assert np.array_equal(principal_directions(-weights, sigma), directions)


def test_each_sample_keeps_the_prior_in_every_direction() -> None:
    """Kolmogorov-Smirnov over 4,000 seeds: samples 0, 1, 15 and 99 along the axes and along oblique directions."""
    directions = turned(6)
    drawn = np.stack([even_normals(seed, np.array([0, 1, 15, 99]), directions) for seed in range(4000)])
    oblique = np.random.default_rng(1).normal(size=(6, 3))
    across = np.concatenate([np.eye(6), oblique / np.linalg.norm(oblique, axis=0)], axis=1)
    p_values = [stats.kstest(column, "norm").pvalue for k in range(4) for column in (drawn[:, k] @ across).T]
    # 36 tests: under the normal the smallest is below 1e-4 once in three hundred.
    assert min(p_values) > 1e-4
    assert np.abs(np.corrcoef(drawn[:, 2].T) - np.eye(6)).max() < 4.5 / np.sqrt(4000)


@pytest.mark.parametrize("count", [16, 50, 100, 1000])
def test_the_set_is_more_even_than_independent_draws(count: int) -> None:
    """Centred discrepancy of the first four directions, mean over seeds; a mean of a smooth function likewise."""
    directions, seeds = turned(6), range(20 if count < 1000 else 4)

    def uniform(noise: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> float:
        return float(qmc.discrepancy(special.ndtr(noise @ directions)[:, :4], method="CD"))

    even = [uniform(even_normals(seed, np.arange(count), directions)) for seed in seeds]
    independent = [uniform(standard_normals(seed, np.arange(count), 6)) for seed in seeds]
    assert np.mean(even) < 0.5 * np.mean(independent)


def test_seeds_differ_also_beyond_32_bits_and_one_sample_is_a_draw() -> None:
    directions = turned(6)
    seeds = [0, 1, 2**32, 2**32 + 1, MAXIMUM_SEED]
    first = [even_normals(seed, np.arange(1), directions)[0] for seed in seeds]
    assert len({tuple(one) for one in first}) == len(seeds)
    assert even_normals(3, np.arange(0), directions).shape == (0, 6)
    with pytest.raises(ValueError, match=r"not in 0\.\.2\^53-1"):
        even_normals(2**53, np.arange(1), directions)
    shift = random_words(9, np.zeros(1, np.uint64), 6, STREAM_SHIFT)[0]
    assert len(set(shift.tolist())) == 6
