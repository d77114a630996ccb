"""Whole lesions of the training shards, and what a package that never saw them draws on each of their slices."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from margin_trainer.config import parse_config
from margin_trainer.data.batch import Case, place
from margin_trainer.data.lidc import lidc_cases, load_heights, load_patches
from margin_trainer.data.open import open_data
from margin_trainer.export.write_package import write_package
from margin_trainer.failure import TrainerError
from margin_trainer.package import Package, open_package
from margin_trainer.reproduce.finished import finished
from margin_trainer.sampling.coupling import correlation
from margin_trainer.sampling.even import even_normals
from margin_trainer.sampling.philox import Float64, latent_draws, standard_normals
from margin_trainer.scoring.score import CHUNK, SAMPLES
from margin_trainer.scoring.whole_lesions import LENGTHS_MM, NONE, WHOLE, DrawnLesion, study
from margin_trainer.train.checkpoint import read_checkpoint

LEAST_SLICES = 3
SHARDS = (0, 1, 2, 3)
LEAST_SHARDS = 2
SEED_STEP = 2**32
"""Between the seeds of two slices of a lesion, above every seed of a lesion."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Lesion:
    """One lesion with a patch on each slice, upwards; volumes of the readings that mark any of it, in pixels."""

    name: str
    patient: str
    shard: int
    seed: int
    slices: tuple[Case, ...]
    places_mm: Floats
    readings: Floats


def whole_lesions(data: Path, shard: int, crop_px: int, most: int | None = None) -> list[Lesion]:
    """Lesions of a training shard with at least 3 slices whose place in z is known; `most` of them, evenly spaced."""
    patches = load_patches(data, "train", (shard,))
    heights = load_heights(data, "train", (shard,))
    keys = patches.patient.astype(np.int64) * 1000 + patches.nodule
    groups = [np.nonzero(keys == key)[0] for key in np.unique(keys)]
    whole = [rows for rows in groups if len(rows) >= LEAST_SLICES and np.isfinite(heights[rows]).all()]
    if most is not None and most < len(whole):
        whole = [whole[k] for k in np.linspace(0, len(whole) - 1, most).round().astype(int)]
    cases = lidc_cases(patches, crop_px)
    found = []
    for rows in whole:
        ordered = rows[np.argsort(heights[rows], kind="stable")]
        slices = tuple(cases[row] for row in ordered)
        volumes = np.stack([case.readings for case in slices]).sum(axis=(0, 2, 3), dtype=np.float64)
        name = slices[0].name.rsplit("/", 1)[0]
        seed = int(keys[rows[0]])
        found.append(Lesion(name, slices[0].patient, shard, seed, slices, heights[ordered], volumes[volumes > 0]))
    return found


def latent_walk(package: Package, lesion: Lesion, samples: int, length_mm: float) -> list[Float64]:
    """Noise [N, L] of each slice: even on the first, then a walk along z; 0: independent, infinite: one draw.

    Steps are independent normals: even draws of two seeds are the same points under two shifts, so that sample k of
    one hangs together with sample k of the other (a correlation of a third was seen).

    Refused (ValueError): a package that cannot draw evenly.
    """
    if package.directions is None:
        raise ValueError("even draws: the package has no directions")
    indices = np.arange(samples)
    noise = [even_normals(lesion.seed, indices, package.directions)]
    for at in range(1, len(lesion.slices)):
        seed = lesion.seed + at * SEED_STEP
        rho = correlation(float(lesion.places_mm[at] - lesion.places_mm[at - 1]), length_mm)
        fresh = standard_normals(seed, indices, package.latent_dimension)
        noise.append(rho * noise[-1] + np.sqrt(1 - rho * rho) * fresh)
    return noise


def drawn_areas(
    package: Package, lesion: Lesion, walks: Sequence[float], samples: int = SAMPLES
) -> dict[float, Floats]:
    """Areas [N, J] in pixels of the samples on each slice, by the length of the walk of their noise."""
    encodings = [package.encode(np.ascontiguousarray(case.image[None])) for case in lesion.slices]
    found = {}
    for length in walks:
        columns = []
        for case, encoding, noise in zip(
            lesion.slices, encodings, latent_walk(package, lesion, samples, length), strict=True
        ):
            z = latent_draws(encoding.mean, encoding.log_variance, noise)
            chunks = [package.sample(encoding.features, z[k : k + CHUNK])[:, 0] for k in range(0, samples, CHUNK)]
            columns.append(place(np.concatenate(chunks), case).sum(axis=(1, 2), dtype=np.float64))
        found[length] = np.stack(columns, axis=1)
    return found


def shards_unseen(run: Path) -> tuple[int, ...]:
    """Training shards that a run did not learn from. Refused by name: unfinished, or one that saw all of them."""
    if not finished(run):
        raise TrainerError(f"{run}: has not come to its end; 'train' goes on with it")
    seen = parse_config(read_checkpoint(run / "last.pt")["config"]).data.shards
    unseen = () if seen is None else tuple(sorted(set(SHARDS) - set(seen)))
    if not unseen:
        raise TrainerError(f"{run}: saw every shard, so that it has no lesion to be held against")
    return unseen


def cross_fitted(
    runs: Sequence[Path], data: Path, most: int | None, threads: int, report: Callable[[str, int, int], None]
) -> dict[str, Any]:
    """The study over the shards that the runs never saw, each drawn by one of them; how many are left out is told.

    Refused: a shard that two of the runs never saw, or fewer than two shards, since one is calibrated by the others.
    """
    unseen = {run: shards_unseen(run) for run in runs}
    counted = sorted(shard for shards in unseen.values() for shard in shards)
    if len(set(counted)) < len(counted) or len(counted) < LEAST_SHARDS:
        raise TrainerError(f"--runs: the shards they never saw are {counted}; two at least, each of them once")
    drawn = []
    told = []
    with tempfile.TemporaryDirectory() as exported:
        for run, shards in unseen.items():
            state = read_checkpoint(run / "last.pt")
            config = parse_config(state["config"])
            folder = Path(exported) / run.name
            write_package(run, folder, "a run of the study", cases=open_data(config, data).validation)
            package, _ = open_package(folder, threads)
            hours = state["position"]["seconds"] / 3600
            told.append(f"{config.name}, seed {config.seed}, {state['position']['step']} steps, {hours:.1f} h")
            lesions = [lesion for shard in shards for lesion in whole_lesions(data, shard, config.data.crop_px, most)]
            for done, lesion in enumerate(lesions):
                areas = drawn_areas(package, lesion, (NONE, WHOLE, *LENGTHS_MM))
                where = (lesion.patient, lesion.shard, lesion.seed, lesion.places_mm, lesion.readings)
                drawn.append(DrawnLesion(*where, areas))
                report(run.name, done + 1, len(lesions))
    try:
        return {"runs": told, "lesionsOfAShard": most, **study(drawn)}
    except ValueError as error:
        raise TrainerError(f"whole-lesions: {error}") from error
