"""The candidate as a package: the usual two graphs and golden run, and a manifest that says whose child it is."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from margin_trainer.calibration import calibration_of
from margin_trainer.export.card import write_card
from margin_trainer.export.directions import draws_entry
from margin_trainer.export.manifest import save_manifest
from margin_trainer.export.write_package import write_graphs
from margin_trainer.fine_tune.annotated import Annotated
from margin_trainer.fine_tune.parent import Parent
from margin_trainer.networks.segmenter import Segmenter
from margin_trainer.package import FORMAT_VERSION, package_sha256, read_manifest


@dataclass(frozen=True)
class Naming:
    """The package's id and version."""

    package_id: str
    version: str


def model_name(folder: Path) -> dict[str, str]:
    """As the contract names a model."""
    manifest = read_manifest(folder)
    return {"id": manifest["id"], "version": manifest["version"], "sha256": package_sha256(folder)}


def write_candidate(
    parent: Parent,
    model: Segmenter | None,
    folder: Path,
    naming: Naming,
    told: dict[str, Any],
    calibration: dict[str, Any] | None,
    images: Sequence[Annotated],
) -> None:
    """Write the package beside and rename it, so that `folder` is whole or absent.

    `model` None: the parent's graphs as they are. `told` is the manifest's `training.fineTuning` entry; of `images` the
    prior's width is learned, which even draws ask for.
    """
    beside = folder.with_name(folder.name + ".part")
    shutil.rmtree(beside, ignore_errors=True)
    manifest = dict(parent.manifest)
    if model is None:
        shutil.copytree(parent.folder, beside)
    else:
        beside.mkdir(parents=True)
        package, made = write_graphs(model, beside, parent.manifest["input"]["sizePx"])
        cases = [image.case() for image in images]
        manifest |= made | {"draws": draws_entry(package, beside / made["graphs"]["sampler"]["file"], cases)}
    manifest |= {
        "formatVersion": FORMAT_VERSION,
        "id": naming.package_id,
        "version": naming.version,
        "parent": package_sha256(parent.folder),
        "createdAt": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "training": manifest["training"]
        | {"fineTuning": [*manifest["training"].get("fineTuning", []), {"parent": model_name(parent.folder), **told}]},
        "results": [],
    }
    manifest.pop("calibration", None)
    if calibration is not None:
        manifest["calibration"] = calibration
    calibration_of(manifest)
    save_manifest(beside, manifest)
    read_manifest(beside)
    write_card(beside)
    shutil.rmtree(folder, ignore_errors=True)
    beside.replace(folder)
