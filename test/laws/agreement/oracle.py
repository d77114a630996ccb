"""Answers of SciPy and NumPy to the questions of agreement-python.test.ts: JSON in, JSON out."""

import json
import sys
from itertools import permutations

import numpy as np
from scipy import ndimage, stats


def distances(case):
    sites = np.array(case["sites"], dtype=bool).reshape(case["shape"])
    return ndimage.distance_transform_edt(~sites, sampling=case["spacing"]).ravel().tolist()


def quantiles(asked):
    return {
        "normal": stats.norm.ppf(asked["shares"]).tolist(),
        "f": [stats.f.ppf(share, a, b) for share, a, b in asked["f"]],
        "student": [stats.t.ppf(0.975, df) for df in asked["student"]],
        "chiSquare": [stats.chi2.ppf(share, df) for share, df in asked["chiSquare"]],
    }


class GivenDraws(np.random.Generator):
    """Gives resamples that were drawn elsewhere."""

    def __init__(self, draws):
        super().__init__(np.random.PCG64())
        self.draws = draws

    def integers(self, *_args, **_keywords):
        return self.draws


def interval(asked, values):
    draws = np.array([np.repeat(np.arange(len(times)), times) for times in asked["times"]])
    found = stats.bootstrap(
        (np.array(values),),
        np.mean,
        n_resamples=len(draws),
        method="BCa",
        rng=GivenDraws(draws),
        vectorized=True,
    )
    return [found.confidence_interval.low, found.confidence_interval.high]


def alpha(ratings, level):
    """By the table of coincidences, pair by pair, as Krippendorff (2011) writes it down."""
    units = [[value for value in row if value is not None] for row in ratings]
    units = [row for row in units if len(row) > 1]
    values = sorted({value for row in units for value in row})
    table = np.zeros((len(values), len(values)))
    for row in units:
        for a, b in permutations(row, 2):
            table[values.index(a), values.index(b)] += 1 / (len(row) - 1)
    totals = table.sum(axis=0)
    count = totals.sum()

    def difference(c, k):
        if level == "nominal":
            return float(c != k)
        if level == "interval":
            return (values[c] - values[k]) ** 2
        low, high = min(c, k), max(c, k)
        return (totals[low : high + 1].sum() - (totals[c] + totals[k]) / 2) ** 2

    pairs = [(c, k, difference(c, k)) for c in range(len(values)) for k in range(len(values))]
    observed = sum(table[c, k] * apart for c, k, apart in pairs) / count
    expected = sum(totals[c] * totals[k] * apart for c, k, apart in pairs) / (count * (count - 1))
    return 1 - observed / expected


def pieces(case):
    """Areas of the pieces of either kind, connected by sides or corners, largest first."""
    first, second = (np.array(case[name], dtype=bool).reshape(case["shape"]) for name in ("first", "second"))
    areas = []
    for only in (first & ~second, second & ~first):
        labels, count = ndimage.label(only, structure=np.ones((3, 3)))
        areas += ndimage.sum_labels(only, labels, range(1, count + 1)).tolist()
    return sorted(areas, reverse=True)


def main():
    asked = json.load(sys.stdin)
    levels = ("nominal", "ordinal", "interval")
    json.dump(
        {
            "distances": [distances(case) for case in asked["transforms"]],
            "quantiles": quantiles(asked["quantiles"]),
            "intervals": [interval(asked["bootstrap"], values) for values in asked["bootstrap"]["values"]],
            "alphas": [[alpha(ratings, level) for level in levels] for ratings in asked["ratings"]],
            "pieces": [pieces(case) for case in asked["differences"]],
        },
        sys.stdout,
    )


main()
