"""A shipped package as a network again: what fine-tuning starts from and is held against.

`checkpoint.safetensors` keeps kernels and matrices in float16 and the sampler's graph keeps its own in float32, so the
two differ by that rounding: by about a hundredth of the logits' spread (tests/fine_tune/test_parent.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from margin_trainer.config import NetworkConfig
from margin_trainer.export.directions import latent_weights
from margin_trainer.export.weights import read_weights
from margin_trainer.failure import TrainerError
from margin_trainer.networks.segmenter import Segmenter
from margin_trainer.package import directions_of, open_package
from margin_trainer.sampling.even import principal_directions
from margin_trainer.sampling.philox import Float64


@dataclass(frozen=True)
class Parent:
    """The network in evaluation mode, without gradients; `directions` [L, L] of even draws."""

    folder: Path
    manifest: dict[str, Any]
    model: Segmenter
    directions: Float64


def network_of(manifest: dict[str, Any]) -> NetworkConfig:
    """Widths and flow of a package. Refused: a manifest that does not say them."""
    try:
        told, flow = manifest["training"]["switches"], manifest["flow"]
        return NetworkConfig(
            channels=manifest["input"]["channels"],
            filters=tuple(told["filters"]),
            fusion_width=told["fusionWidth"],
            latent_dimension=manifest["latent"]["dimension"],
            flow=flow["kind"],
            flow_steps=flow["steps"] or NetworkConfig.flow_steps,
            shared_prior=told["sharedPrior"],
        )
    except (KeyError, TypeError) as error:
        raise TrainerError(f"manifest: the widths of the network are not said: {error}") from error


def load_parent(folder: Path) -> Parent:
    """Verify the package and load its weights.

    Refused by name: a hash that differs, a package without a checkpoint or without a latent (it draws one outline, and
    nothing of it varies), weights that do not fit the network that the manifest tells.
    """
    _, manifest = open_package(folder, threads=1)
    config = network_of(manifest)
    if config.latent_dimension == 0:
        raise TrainerError(f"{folder}: draws one outline; choose a model whose samples vary")
    model = Segmenter(config)
    try:
        model.load_state_dict(read_weights(folder))
    except RuntimeError as error:
        raise TrainerError(f"{folder}: the checkpoint does not fit the manifest's network: {error}") from error
    directions = directions_of(manifest)
    if directions is None:
        weights = latent_weights(folder / manifest["graphs"]["sampler"]["file"])
        directions = principal_directions(weights, np.ones(config.latent_dimension))
    return Parent(folder, manifest, model.eval().requires_grad_(False), directions)


def load_model(parent: Parent, state: dict[str, torch.Tensor]) -> Segmenter:
    """Another network of the parent's shape with weights of its own, in evaluation mode."""
    model = Segmenter(parent.model.config)
    model.load_state_dict(state)
    return model.eval().requires_grad_(False)
