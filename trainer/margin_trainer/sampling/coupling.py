"""How the samples of a lesion's slices hang together: presence drawn once a lesion, extent slice by slice.

Sample k of a lesion has one place in (0, 1) that says on which slices it is there, and a walk along z that says how
large it is on each among the samples that draw there. Both are functions of (seed, k) and of how far a slice lies
from the first one, so that a slice that is added later changes no other.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from margin_trainer.sampling.normal_quantile import normal_quantile
from margin_trainer.sampling.philox import QUANTUM, Float64, quantised, random_words, standard_normals
from margin_trainer.sampling.sobol import sobol_words

STREAM_LESION, STREAM_EXTENT = 7, 8
"""Third counter word: the shift of a lesion's two even coordinates, the steps of the walk."""
NOT_THERE = -1

Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]


def lesion_places(seed: int, indices: NDArray[np.integer]) -> tuple[Float64, Float64]:
    """Samples `indices` [N] of `seed` -> place of presence in (0, 1) and where the walk starts, both [N], even."""
    shift = random_words(seed, np.zeros(1, np.uint64), 2, STREAM_LESION)
    uniform = ((sobol_words(indices, 2) ^ shift).astype(np.float64) + 0.5) / 2.0**32
    return uniform[:, 0], quantised(normal_quantile(uniform[:, 1]))


def correlation(gap_mm: float, length_mm: float) -> float:
    """exp(-gap / length), a multiple of 2^-20; length 0: none, infinite: whole."""
    if length_mm == 0:
        return 0.0
    return float(np.floor(np.exp(-gap_mm / length_mm) * QUANTUM + 0.5) / QUANTUM)


def extent_walk(
    seed: int, indices: NDArray[np.integer], start: Float64, places_mm: Float64, first: int, length_mm: float
) -> Float64:
    """Standard normal walk [N, J] along the slices' places [J], `start` [N] on slice `first`, outwards from there.

    The m-th slice above it takes step 2 m - 2 of the sample's noise, the m-th below step 2 m - 1.
    """
    count = len(places_mm)
    steps = standard_normals(seed, indices, max(2 * max(first, count - 1 - first), 1), STREAM_EXTENT)
    walk = np.empty((len(indices), count))
    walk[:, first] = start
    for direction, parity in ((1, 0), (-1, 1)):
        for m in range(1, count):
            at = first + direction * m
            if not 0 <= at < count:
                break
            rho = correlation(float(abs(places_mm[at] - places_mm[at - direction])), length_mm)
            rest = float(quantised(np.sqrt(np.array(1 - rho * rho))))
            walk[:, at] = quantised(rho * walk[:, at - direction] + rest * steps[:, 2 * m - 2 + parity])
    return walk


def present_by_share(place: Float64, drawn: Integers) -> Booleans:
    """place [N], samples that draw on each slice [J] -> who is there [N, J]: on each slice in proportion, nested.

    Given that the lesion is marked at all: the slice where most draw holds every sample.
    """
    most = max(int(drawn.max()), 1)
    there: Booleans = place[:, None] * most < drawn[None, :]
    return there


def present_by_threshold(count: int, drawn: Integers, samples: int, share: float) -> Booleans:
    """Everybody is there where at least `share` of `samples` draw, nobody elsewhere."""
    return np.repeat((drawn >= share * samples)[None, :], count, axis=0)


def chosen_ranks(there: Booleans, walk: Float64, drawn: Integers) -> Integers:
    """Which of a slice's drawn samples, from the smallest (0) on, each sample of the lesion takes; -1: not there.

    Those who are there stand in the order of their walk (of two equal ones the earlier sample first); their places are
    spread over the drawn samples.
    """
    ranks = np.full(there.shape, NOT_THERE, dtype=np.int64)
    for at in range(there.shape[1]):
        who = np.nonzero(there[:, at])[0]
        if len(who) == 0 or drawn[at] == 0:
            continue
        order = np.argsort(walk[who, at], kind="stable")
        ranks[who[order], at] = (2 * np.arange(len(who)) + 1) * int(drawn[at]) // (2 * len(who))
    return ranks
