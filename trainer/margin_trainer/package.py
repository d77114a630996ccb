"""A model package run from its ONNX graphs alone, as the product runs it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

from margin_trainer.calibration import calibration_of
from margin_trainer.export.graph import check_graph
from margin_trainer.failure import TrainerError
from margin_trainer.sampling.even import even_normals
from margin_trainer.sampling.philox import QUANTUM, Float64, latent_draws, standard_normals
from margin_trainer.sampling.sobol import MAXIMUM_DIMENSION

FORMAT_VERSION = 2
"""Written. Version 1, which has neither even draws nor a calibration, is read too."""
READ_VERSIONS = (1, FORMAT_VERSION)
Float32 = NDArray[np.float32]
Draws = Literal["even", "independent"]


@dataclass(frozen=True)
class Encoding:
    """features [1, F, H, W]; mean and log variance of the prior [L]."""

    features: Float32
    mean: Float32
    log_variance: Float32


class Package:
    """Two sessions. Arithmetic is float32 on the CPU. Without `directions` it draws independently only."""

    def __init__(self, encoder: Path, sampler: Path, threads: int = 0, directions: Float64 | None = None) -> None:
        self.directions = directions
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self._encoder = onnxruntime.InferenceSession(str(encoder), options, providers=["CPUExecutionProvider"])
        self._sampler = onnxruntime.InferenceSession(str(sampler), options, providers=["CPUExecutionProvider"])
        self.channels: int = self._encoder.get_inputs()[0].shape[1]
        self.latent_dimension: int = self._sampler.get_inputs()[1].shape[1]

    def encode(self, image: Float32) -> Encoding:
        """image [1, C, H, W], normalised, H and W multiples of 8."""
        features, mean, log_variance = self._encoder.run(["features", "mean", "logVariance"], {"image": image})
        return Encoding(features, mean[0], log_variance[0])

    def latents(self, encoding: Encoding, seed: int, indices: NDArray[np.integer], draws: Draws) -> Float32:
        """Samples `indices` [N] of `seed` -> z [N, L]. Refused (ValueError): even draws without directions."""
        if draws == "independent":
            noise = standard_normals(seed, indices, self.latent_dimension)
        elif self.directions is None:
            raise ValueError("even draws: the package has no directions")
        else:
            noise = even_normals(seed, indices, self.directions)
        return latent_draws(encoding.mean, encoding.log_variance, noise)

    def sample(self, features: Float32, z: Float32) -> Float32:
        """features [1, F, H, W], z [N, L] -> logits [N, 1, H, W]."""
        (logits,) = self._sampler.run(["logits"], {"features": features, "z": z})
        result: Float32 = logits
        return result


def sha256_of(path: Path) -> str:
    """Hex digest of a file; refused, naming it, when it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise TrainerError(f"{path}: cannot be read: {error}") from error


def package_sha256(folder: Path) -> str:
    """Names a package in all that it says and computes: of manifest.json, which names every other file by its hash."""
    return sha256_of(folder / "manifest.json")


def read_manifest(folder: Path) -> dict[str, Any]:
    """The package's manifest.

    Refused by name: unreadable, of another format version, draws or a calibration that it cannot mean.
    """
    path = folder / "manifest.json"
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TrainerError(f"{path}: cannot be read: {error}") from error
    if not isinstance(manifest, dict) or manifest.get("formatVersion") not in READ_VERSIONS:
        raise TrainerError(f"{path}: formatVersion is not {' or '.join(map(str, READ_VERSIONS))}")
    try:
        directions_of(manifest)
        calibration_of(manifest)
    except TrainerError as failure:
        raise TrainerError(f"{path}: {failure}") from failure
    return manifest


ORTHONORMAL_WITHIN = 1e-4


def directions_of(manifest: dict[str, Any]) -> Float64 | None:
    """Directions [L, L] of even draws, or None; refused: `draws` that do not fit the format version or the latent."""
    if manifest["formatVersion"] == 1:
        if "draws" in manifest:
            raise TrainerError("draws: format version 1 has none; even draws need version 2")
        return None
    told = manifest.get("draws")
    draws: dict[str, Any] = told if isinstance(told, dict) else {}
    if draws == {"kind": "independent"}:
        return None
    if draws.get("kind") != "even" or set(draws) != {"kind", "directions"}:
        raise TrainerError("draws: kind 'even' with directions, or kind 'independent'")
    dimension = manifest["latent"]["dimension"]
    if not 1 <= dimension <= MAXIMUM_DIMENSION:
        raise TrainerError(f"draws: even ones need a latent of 1 to {MAXIMUM_DIMENSION} dimensions, not {dimension}")
    try:
        directions = np.array(draws["directions"], dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise TrainerError(f"draws.directions: not a table of numbers: {error}") from error
    if directions.shape != (dimension, dimension):
        raise TrainerError(f"draws.directions: {directions.shape} numbers for a latent of {dimension} dimensions")
    if not np.array_equal(np.rint(directions * QUANTUM), directions * QUANTUM):
        raise TrainerError("draws.directions: not multiples of 2^-20")
    if np.abs(directions.T @ directions - np.eye(dimension)).max() > ORTHONORMAL_WITHIN:
        raise TrainerError("draws.directions: columns that are not orthonormal would change the prior")
    return directions


def open_package(folder: Path, threads: int = 0) -> tuple[Package, dict[str, Any]]:
    """Verify a package against its manifest and open it.

    Refused by name: a sha256, inputs, outputs or opset that differ from the manifest; a weight that is not finite.
    """
    manifest = read_manifest(folder)
    paths = []
    for role in ("encoder", "sampler"):
        entry = manifest["graphs"][role]
        path = folder / entry["file"]
        if sha256_of(path) != entry["sha256"]:
            raise TrainerError(f"{path}: sha256 differs from the manifest")
        check_graph(path)
        graph = onnx.load(str(path))
        found = {
            "inputs": [i.name for i in graph.graph.input],
            "outputs": [o.name for o in graph.graph.output],
            "opset": graph.opset_import[0].version,
        }
        for key, value in found.items():
            if value != entry[key]:
                raise TrainerError(f"{path}: {key} are {value}, the manifest says {entry[key]}")
        paths.append(path)
    return Package(paths[0], paths[1], threads, directions_of(manifest)), manifest
