"""The golden run: a phantom input, four samples, and the logits that every device must repeat within the tolerance."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from margin_trainer.package import Package
from margin_trainer.sampling.philox import STREAM_PHANTOM, Float64, latent_draws, standard_normals

GOLDEN_SEED = 20260101
GOLDEN_SAMPLES = 4
GOLDEN_PHOTOGRAPH_PX = 64
LOGIT_TOLERANCE, GPU_LOGIT_TOLERANCE = 1e-4, 1e-2
LAYOUT = "input float32 LE, then mean [L], logVariance [L], then z [4,L], then logits float32 LE"

Float32 = NDArray[np.float32]


def phantom_input(channels: int, size_px: int) -> Float32:
    """[1, C, S, S], no patient: one channel: a bright disc with a tail in [0, 1]; three: dark lines, standardised."""
    row, column = np.mgrid[:size_px, :size_px].astype(np.float64) / size_px - 0.5
    noise = standard_normals(GOLDEN_SEED, np.arange(size_px), size_px, STREAM_PHANTOM)
    if channels == 1:
        disc = np.hypot(row, column) < 0.11
        tail = (np.abs(row - column) < 0.03) & (row > 0) & (row < 0.2)
        value: Float64 = np.clip(0.1 + 0.5 * disc + 0.2 * (tail & ~disc) + 0.02 * noise, 0, 1)
        return value.astype(np.float32)[None, None]
    lines = np.sin(9 * row + 4 * np.sin(5 * column)) ** 2 < 0.03
    planes = [
        gain * (0.5 * np.cos(3 * row) - 1.6 * lines + 0.2 * noise + offset)
        for gain, offset in ((0.8, 0.1), (1.0, 0.0), (0.7, -0.1))
    ]
    return np.stack(planes).astype(np.float32)[None]


def write_golden(package: Package, folder: Path, size_px: int) -> dict[str, Any]:
    """Run the package once, write golden.bin and golden.json; returns the manifest's `golden` entry."""
    image = phantom_input(package.channels, size_px)
    encoding = package.encode(image)
    noise = standard_normals(GOLDEN_SEED, np.arange(GOLDEN_SAMPLES), package.latent_dimension)
    z = latent_draws(encoding.mean, encoding.log_variance, noise)
    logits = package.sample(encoding.features, z)
    parts = [image, encoding.mean, encoding.log_variance, z, logits]
    content = b"".join(np.ascontiguousarray(p, "<f4").tobytes() for p in parts)
    (folder / "golden.bin").write_bytes(content)
    golden = {
        "seed": GOLDEN_SEED,
        "samples": GOLDEN_SAMPLES,
        "inputShape": list(image.shape),
        "logitsShape": list(logits.shape),
        "latentDimension": package.latent_dimension,
        "layout": LAYOUT,
        "tolerance": {"logitAbs": LOGIT_TOLERANCE, "gpuLogitAbs": GPU_LOGIT_TOLERANCE},
        "logitsSha256": hashlib.sha256(np.ascontiguousarray(logits, "<f4").tobytes()).hexdigest(),
    }
    text = json.dumps(golden, indent=2) + "\n"
    (folder / "golden.json").write_text(text, encoding="utf-8")
    return {
        "file": "golden.json",
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
        "data": "golden.bin",
        "dataSha256": hashlib.sha256(content).hexdigest(),
    }
