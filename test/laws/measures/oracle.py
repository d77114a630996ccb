"""Answers of NumPy, SciPy and scikit-image to the questions of measures-python.test.ts: JSON in, JSON out."""

import json
import sys

import numpy as np
from scipy.spatial import ConvexHull
from scipy.spatial.distance import cdist, pdist
from skimage.measure import find_contours


def longest_diameter(field, row_mm, column_mm):
    """Over the closed level-0 outlines of a field, outside mirrored below zero as at the edge of a crop."""
    framed = np.pad(field, 1, mode="edge")
    for edge in (framed[0], framed[-1], framed[:, 0], framed[:, -1]):
        edge[:] = -np.abs(edge)
    rings = find_contours(framed, 0.0)
    scaled = [ring * [row_mm, column_mm] for ring in rings]
    return max(pdist(ring[ConvexHull(ring).vertices]).max() for ring in scaled), len(
        rings
    )


def energy_distance(samples, readers):
    """V-statistic with d = Jaccard distance; SciPy's is 0 for two empty masks."""
    between = cdist(samples, readers, "jaccard").mean()
    within = cdist(samples, samples, "jaccard").mean()
    return 2 * between - within - cdist(readers, readers, "jaccard").mean()


def contour_boxplot(masks):
    """Epsilon inclusion depth over all pairs, Tukey's lower fence on it, the envelope of what lies above the fence."""
    drawn = np.flatnonzero(masks.any(axis=1))
    sets = masks[drawn].astype(float)
    contained = (sets @ sets.T) / sets.sum(axis=1, keepdims=True)
    depths = np.minimum(contained.mean(axis=1), contained.mean(axis=0))
    low, high = np.percentile(depths, [25, 75])
    apart = depths < low - 1.5 * (high - low)
    kept = masks[drawn][~apart]
    return {
        "depths": depths.tolist(),
        "outliers": drawn[apart].tolist(),
        "inner": kept.all(axis=0).astype(int).tolist(),
        "outer": kept.any(axis=0).astype(int).tolist(),
    }


def main():
    asked = json.load(sys.stdin)
    fields = np.array(asked["fields"], dtype=float)
    spacing = asked["spacingMm"]
    samples = np.array(asked["samples"], dtype=bool)
    readers = np.array(asked["readers"], dtype=bool)
    diameters = [
        longest_diameter(field, spacing["row"], spacing["column"]) for field in fields
    ]
    share = samples.mean(axis=0)
    json.dump(
        {
            "longestDiametersMm": [diameter for diameter, _ in diameters],
            "ringCounts": [count for _, count in diameters],
            "quantiles": np.quantile(asked["values"], [0.025, 0.5, 0.975]).tolist(),
            "ged": energy_distance(samples, readers),
            "variance": samples.var(axis=0).tolist(),
            "share": share.tolist(),
            "boxplot": contour_boxplot(np.array(asked["ensemble"], dtype=bool)),
        },
        sys.stdout,
    )


main()
