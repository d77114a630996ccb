"""The directions of even draws: how far each moves the recombination's first layer, at the prior's usual width."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from margin_trainer.data.batch import Case
from margin_trainer.export.card import write_card
from margin_trainer.export.manifest import save_manifest
from margin_trainer.failure import TrainerError
from margin_trainer.package import FORMAT_VERSION, Package, read_manifest
from margin_trainer.sampling.even import principal_directions
from margin_trainer.sampling.philox import Float64
from margin_trainer.sampling.sobol import MAXIMUM_DIMENSION

INDEPENDENT = {"kind": "independent"}


def latent_weights(sampler: Path) -> NDArray[np.float32]:
    """W_z [F, L] of a sampler graph: what z is multiplied with. Refused by name: a graph without one such product."""
    graph = onnx.load(str(sampler)).graph
    weights = {tensor.name: tensor for tensor in graph.initializer}
    products = [node for node in graph.node if node.op_type == "MatMul" and node.input[0] == "z"]
    if len(products) != 1 or products[0].input[1] not in weights:
        raise TrainerError(f"{sampler}: not one product of z with weights of the graph")
    found: NDArray[np.float32] = numpy_helper.to_array(weights[products[0].input[1]]).T
    return found


def usual_sigma(package: Package, cases: Sequence[Case]) -> Float64:
    """exp of the mean log sigma of the prior over cases, [L]."""
    every = [package.encode(np.ascontiguousarray(case.image[None])).log_variance for case in cases]
    sigma: Float64 = np.exp(np.mean(np.stack(every).astype(np.float64), axis=0) / 2)
    return sigma


def draws_entry(package: Package, sampler: Path, cases: Sequence[Case]) -> dict[str, Any]:
    """Manifest entry `draws`: even where the latent allows it and there are cases to learn the prior's width from."""
    if not 1 <= package.latent_dimension <= MAXIMUM_DIMENSION or not cases:
        return INDEPENDENT
    directions = principal_directions(latent_weights(sampler), usual_sigma(package, cases))
    return {"kind": "even", "directions": directions.tolist()}


def add_directions(folder: Path, cases: Sequence[Case]) -> dict[str, Any]:
    """Write `draws` into the manifest of a package and its format version with it; graphs and golden run stay."""
    manifest = read_manifest(folder)
    package = Package(folder / manifest["graphs"]["encoder"]["file"], folder / manifest["graphs"]["sampler"]["file"])
    draws = draws_entry(package, folder / manifest["graphs"]["sampler"]["file"], cases)
    # Beside the prior that they are drawn of, for whoever reads the file.
    kept = [(key, value) for key, value in manifest.items() if key != "draws"]
    after = next(k for k, (key, _) in enumerate(kept) if key == "prior") + 1
    changed = dict([*kept[:after], ("draws", draws), *kept[after:]]) | {"formatVersion": FORMAT_VERSION}
    save_manifest(folder, changed)
    write_card(folder)
    return draws
