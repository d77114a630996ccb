"""Noise that Python and TypeScript agree on: Philox 4x32-10 (Salmon et al. 2011), Box-Muller, quantised to 2^-20.

Counter (block, sample index, stream, 0), key (low and high word of the seed). Libraries' log, sin and cos differ in
the last bit of a double; after rounding to a multiple of 2^-20 the numbers are equal and exact in float32.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint64]
Float64 = NDArray[np.float64]

STREAM_LATENT, STREAM_BOOTSTRAP, STREAM_PHANTOM, STREAM_AUGMENTATION, STREAM_VALIDATION = range(5)
MAXIMUM_SEED = 2**53 - 1
QUANTUM = 2.0**20

_MASK = np.uint64(0xFFFFFFFF)
_SHIFT = np.uint64(32)
_MULTIPLIERS = (np.uint64(0xD2511F53), np.uint64(0xCD9E8D57))
_WEYL = (0x9E3779B9, 0xBB67AE85)


def philox(counter: Sequence[Words], key: tuple[int, int]) -> tuple[Words, Words, Words, Words]:
    """Ten rounds on four arrays of 32-bit counter words (held in uint64), one key."""
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(10):
        p0, p1 = _MULTIPLIERS[0] * c0, _MULTIPLIERS[1] * c2
        c0, c1, c2, c3 = (
            (p1 >> _SHIFT) ^ c1 ^ np.uint64(k0),
            p1 & _MASK,
            (p0 >> _SHIFT) ^ c3 ^ np.uint64(k1),
            p0 & _MASK,
        )
        k0, k1 = (k0 + _WEYL[0]) & 0xFFFFFFFF, (k1 + _WEYL[1]) & 0xFFFFFFFF
    return c0, c1, c2, c3


def standard_normals(seed: int, indices: NDArray[np.integer], dimension: int, stream: int = STREAM_LATENT) -> Float64:
    """Samples `indices` [N] of `seed` (0 <= seed < 2^53) -> [N, dimension], multiples of 2^-20.

    Row k depends on (seed, indices[k], stream) alone, never on its companions.
    """
    words = random_words(seed, np.asarray(indices, np.uint64), -(-dimension // 4) * 4, stream)
    uniform = (words.astype(np.float64) + 0.5) / 2.0**32
    radius, angle = np.sqrt(-2.0 * np.log(uniform[:, 0::2])), 2.0 * np.pi * uniform[:, 1::2]
    pairs = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=-1)
    return quantised(pairs.reshape(len(words), -1)[:, :dimension])


def random_words(seed: int, indices: Words, count: int, stream: int) -> Words:
    """Samples `indices` [N] of `seed` (0 <= seed < 2^53) -> [N, count] 32-bit words, four a block of the counter."""
    if not 0 <= seed <= MAXIMUM_SEED:
        raise ValueError(f"seed {seed} is not in 0..2^53-1")
    blocks = -(-count // 4)
    index, block = np.meshgrid(indices, np.arange(blocks, dtype=np.uint64), indexing="ij")
    zero = np.zeros_like(block)
    words = philox((block, index, zero + np.uint64(stream), zero), (seed & 0xFFFFFFFF, seed >> 32))
    flat: Words = np.stack(words, axis=-1).reshape(len(index), 4 * blocks)[:, :count]
    return flat


def quantised(values: Float64) -> Float64:
    """The nearest multiple of 2^-20, halves upward."""
    nearest: Float64 = np.floor(values * QUANTUM + 0.5) / QUANTUM
    return nearest


def latent_draws(mean: NDArray[np.float32], log_variance: NDArray[np.float32], noise: Float64) -> NDArray[np.float32]:
    """mean and log variance [L], noise [N, L] -> z [N, L] float32.

    sigma = exp(logVariance / 2) in float64, rounded to float32; mean + sigma * eps in float64, rounded once.
    """
    sigma = np.exp(log_variance.astype(np.float64) / 2).astype(np.float32).astype(np.float64)
    return (mean.astype(np.float64) + sigma * noise).astype(np.float32)
