"""A model package run from its ONNX graphs alone, as the product runs it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

from margin_trainer.export.graph import check_graph
from margin_trainer.failure import TrainerError

FORMAT_VERSION = 1
Float32 = NDArray[np.float32]


@dataclass(frozen=True)
class Encoding:
    """features [1, F, H, W]; mean and log variance of the prior [L]."""

    features: Float32
    mean: Float32
    log_variance: Float32


class Package:
    """Two sessions. Arithmetic is float32 on the CPU."""

    def __init__(self, encoder: Path, sampler: Path, threads: int = 0) -> None:
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


def read_manifest(folder: Path) -> dict[str, Any]:
    """The package's manifest; refused by name: unreadable, of another format version."""
    path = folder / "manifest.json"
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TrainerError(f"{path}: cannot be read: {error}") from error
    if not isinstance(manifest, dict) or manifest.get("formatVersion") != FORMAT_VERSION:
        raise TrainerError(f"{path}: formatVersion is not {FORMAT_VERSION}")
    return manifest


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
    return Package(paths[0], paths[1], threads), manifest
