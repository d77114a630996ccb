"""Writes a whole package from the checkpoints of a run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from margin_trainer.config import parse_config
from margin_trainer.data.batch import Case, Contents
from margin_trainer.export import encoder, sampler
from margin_trainer.export.card import write_card
from margin_trainer.export.directions import draws_entry
from margin_trainer.export.encoder import export_encoder
from margin_trainer.export.golden import GOLDEN_PHOTOGRAPH_PX, write_golden
from margin_trainer.export.manifest import (
    FIRST_VERSION,
    RunRecord,
    graph_entry,
    save_manifest,
    takes_photographs,
    write_manifest,
)
from margin_trainer.export.sampler import export_sampler
from margin_trainer.export.weights import write_weights
from margin_trainer.failure import TrainerError
from margin_trainer.networks.segmenter import Segmenter
from margin_trainer.package import Package, read_manifest
from margin_trainer.train.checkpoint import read_checkpoint


def write_package(
    run_folder: Path, package_folder: Path, hardware: str, version: str = FIRST_VERSION, cases: Sequence[Case] = ()
) -> None:
    """Export the best average of a run (the last, where none was validated yet) to `package_folder`.

    `version` rises with every change of the graphs, so that a result names what it came from. Of `cases` (validation)
    the prior's usual width is learned, which even draws ask for; without them the package draws independently.
    """
    last = read_checkpoint(run_folder / "last.pt")
    best_path = run_folder / "best.pt"
    chosen: dict[str, Any] = read_checkpoint(best_path) if best_path.exists() else last
    config = parse_config(chosen["config"])
    if config.network.prior_flow != "none":
        raise TrainerError(
            f"{run_folder}: network.prior_flow = '{config.network.prior_flow}' cannot be exported: "
            "a package draws from a diagonal Gaussian"
        )
    model = Segmenter(config.network)
    model.load_state_dict(chosen["weights"])
    model.eval()
    package_folder.mkdir(parents=True, exist_ok=True)
    package, made = write_graphs(model, package_folder, None if takes_photographs(config) else config.data.crop_px)
    run = RunRecord(
        config=config,
        steps=last["position"]["step"],
        images=last["position"]["images"],
        wall_seconds=last["position"]["seconds"],
        chosen_step=chosen["position"]["step"],
        validation=chosen.get("score", {}),
        data_sha256=chosen["data"],
        contents=Contents(**chosen["contents"]) if "contents" in chosen else None,
        hardware=hardware,
        version=version,
    )
    draws = draws_entry(package, package_folder / "sampler.onnx", cases)
    write_manifest(package_folder, package_folder.name, run, draws, made)
    write_card(package_folder)


def write_graphs(model: Segmenter, folder: Path, size_px: int | None) -> tuple[Package, dict[str, Any]]:
    """Both graphs, the golden run (on `size_px`, None: a part of a photograph) and every weight, into `folder`.

    Returns the package that they are and the manifest's `graphs`, `checkpoint` and `golden`.
    """
    export_encoder(model, folder / "encoder.onnx")
    export_sampler(model, folder / "sampler.onnx")
    package = Package(folder / "encoder.onnx", folder / "sampler.onnx", threads=1)
    return package, {
        "graphs": {
            "encoder": graph_entry(folder, "encoder.onnx", encoder.INPUTS, encoder.OUTPUTS),
            "sampler": graph_entry(folder, "sampler.onnx", sampler.INPUTS, sampler.OUTPUTS),
        },
        "checkpoint": write_weights(model, folder),
        "golden": write_golden(package, folder, GOLDEN_PHOTOGRAPH_PX if size_px is None else size_px),
    }


HEADLINE = "GED_V@16"


def record_results(package_folder: Path, results: list[dict[str, Any]], whole: bool) -> None:
    """Put results into manifest.json, in place of earlier ones of the same protocol and data; write the card anew.

    `whole` False keeps the headline measure of the model alone: enough for a robustness check.
    """
    kept = [r for r in results if whole or (r["measure"] == HEADLINE and not r["baseline"])]
    replaced = {(r["protocol"], r["data"]) for r in results}
    manifest = read_manifest(package_folder)
    others = [r for r in manifest["results"] if (r["protocol"], r["data"]) not in replaced]
    manifest["results"] = others + kept
    save_manifest(package_folder, manifest)
    write_card(package_folder)
