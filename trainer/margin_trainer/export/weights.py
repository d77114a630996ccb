"""checkpoint.safetensors of a package: every weight, the posterior's too, for training that starts from the package."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from margin_trainer.failure import TrainerError
from margin_trainer.networks.segmenter import Segmenter
from margin_trainer.package import read_manifest, sha256_of

FILE = "checkpoint.safetensors"


def stored(value: Tensor) -> Tensor:
    """Matrices and kernels in float16, half the size; biases and normalisation, which are few, as they are."""
    return value.half() if value.is_floating_point() and value.dim() >= 2 else value


def write_weights(model: Segmenter, folder: Path) -> dict[str, str]:
    """Write the file; returns the manifest's `checkpoint` entry. Refused: a weight beyond float16."""
    state = {name: stored(value).contiguous() for name, value in model.state_dict().items()}
    for name, value in state.items():
        if value.is_floating_point() and not bool(torch.isfinite(value).all()):
            raise TrainerError(f"{folder / FILE}: {name} does not fit float16")
    save_file(state, folder / FILE)
    return {"file": FILE, "sha256": sha256_of(folder / FILE)}


def read_weights(folder: Path) -> dict[str, Any]:
    """State of a Segmenter in float32; refused by name: no checkpoint in the package, another sha256, damaged."""
    entry = read_manifest(folder).get("checkpoint")
    if entry is None:
        raise TrainerError(f"{folder}: the package has no checkpoint to start from")
    path = folder / entry["file"]
    if sha256_of(path) != entry["sha256"]:
        raise TrainerError(f"{path}: sha256 differs from the manifest")
    try:
        state = load_file(path)
    except (OSError, SafetensorError) as error:
        raise TrainerError(f"{path}: damaged checkpoint: {error}") from error
    return {name: value.float() if value.is_floating_point() else value for name, value in state.items()}
