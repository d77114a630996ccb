"""Even draws: standard normal noise whose samples spread evenly over the prior, and each of which is a draw of it.

Sample k of seed s: the k-th Sobol point, every coordinate shifted (XOR) by 32 bits of Philox that s alone decides,
through the normal quantile, quantised as the independent noise is, turned by a package's directions. The first
coordinates of Sobol points are the most even ones, and the first directions move the logits most.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from margin_trainer.sampling.normal_quantile import normal_quantile
from margin_trainer.sampling.philox import QUANTUM, Float64, quantised, random_words
from margin_trainer.sampling.sobol import sobol_words

STREAM_SHIFT = 6
"""Third counter word of the shift: draws of other streams do not meet it."""


def even_normals(seed: int, indices: NDArray[np.integer], directions: Float64) -> Float64:
    """Samples `indices` [N] of `seed`, directions [L, L] (columns) -> [N, L], multiples of 2^-20."""
    dimension = len(directions)
    shift = random_words(seed, np.zeros(1, np.uint64), dimension, STREAM_SHIFT)
    words = sobol_words(indices, dimension) ^ shift
    normals = quantised(normal_quantile((words.astype(np.float64) + 0.5) / 2.0**32))
    # Directions and normals are multiples of 2^-20 and small: products and their sums are exact in any order.
    return quantised(normals @ directions.T)


def principal_directions(from_latent: NDArray[np.floating], sigma: NDArray[np.floating]) -> Float64:
    """W_z [F, L] and sigma [L] -> columns [L, L]: right singular vectors of W_z diag(sigma), strongest first.

    Multiples of 2^-20; of each the entry of largest size is positive, since a decomposition leaves the sign open.
    """
    scaled = np.asarray(from_latent, np.float64) * np.asarray(sigma, np.float64)[None, :]
    _, _, transposed = np.linalg.svd(scaled, full_matrices=True)
    largest = np.abs(transposed).argmax(axis=1)
    signs = np.sign(transposed[np.arange(len(transposed)), largest])
    directions: Float64 = np.floor(transposed.T * signs * QUANTUM + 0.5) / QUANTUM
    return directions
