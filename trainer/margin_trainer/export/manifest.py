"""manifest.json of a package: what a program needs to run it and a reader to judge it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch

import margin_trainer
from margin_trainer.config import TrainingConfig
from margin_trainer.data.batch import Contents
from margin_trainer.export import encoder
from margin_trainer.export.graph import OPSET
from margin_trainer.failure import TrainerError
from margin_trainer.networks.latent_encoder import LOG_SIGMA_RANGE
from margin_trainer.package import FORMAT_VERSION, sha256_of

FIRST_VERSION = "1.0.0"


@dataclass(frozen=True)
class RunRecord:
    """What was run: read from the checkpoints of a run."""

    config: TrainingConfig
    steps: int
    images: int
    wall_seconds: float
    chosen_step: int
    validation: dict[str, float]
    data_sha256: str
    hardware: str
    contents: Contents | None = None
    version: str = FIRST_VERSION


PATCH_INTENSITY = {"kind": "cropMinMax", "contextPx": 128}
PHOTOGRAPH_INTENSITY = {"kind": "channelStats", "inside": "fieldOfView"}


def _input(
    channels: int, resampling: str, padding: str, intensity: dict[str, Any], **sides: int | None
) -> dict[str, Any]:
    """`input` of the manifest: a side that is not given follows the image."""
    unsaid = {"sizePx": None, "spacingMm": None, "heightPx": None}
    return {
        "channels": channels,
        "multipleOf": encoder.MULTIPLE,
        **unsaid,
        **sides,
        "resampling": resampling,
        "padding": padding,
        "intensity": intensity,
    }


def _subject(modality: str, body_part: str, structure: str, label: str) -> dict[str, Any]:
    return {"modality": modality, "bodyPart": body_part, "structure": structure, "classes": [label]}


def _scope(warnings: list[str], **measured: Any) -> dict[str, Any]:
    """`scope` of the manifest: what is not said has no bound."""
    return {"spacingMm": None, "sliceThicknessMm": None, "minDiameterMm": None} | measured | {"warnings": warnings}


def lidc_description(config: TrainingConfig) -> dict[str, Any]:
    """Fields of the manifest that follow from the LIDC data."""
    return {
        **_subject("CT", "CHEST", "lung nodule", "nodule"),
        "input": _input(1, "native", "none", PATCH_INTENSITY, sizePx=config.data.crop_px),
        "scope": _scope(
            [
                "Research use only; not a medical device.",
                "Trained on axial slices centred on a lesion of 3 mm or more, "
                f"up to {config.data.jitter_px} px off centre: "
                "a crop further off the lesion, or without one, is outside what it was measured on.",
                "The crop is scaled by its own minimum and maximum: metal or the edge of the scan circle changes it.",
                *spread_warnings(config, "four"),
            ],
            spacingMm=[0.46, 0.98],
            minDiameterMm=3,
        ),
    }


def spread_warnings(config: TrainingConfig, readers: str) -> list[str]:
    """What the spread of the samples is; a network without a latent has none."""
    if config.network.latent_dimension == 0:
        return ["It draws one outline: it has no uncertainty."]
    return [f"Spread is the spread of {readers} readers, not the probability that an outline is right."]


def fundus_description(config: TrainingConfig) -> dict[str, Any]:
    """Fields of the manifest that follow from the retina data."""
    return {
        **_subject("fundus", "EYE", "retinal vessels", "vessel"),
        "input": _input(3, "area", "reflect", PHOTOGRAPH_INTENSITY, heightPx=config.data.height_px),
        "scope": _scope(
            [
                "Research use only; not a medical device.",
                "Trained on 24 photographs of two cameras (30 and 35 degrees); other cameras are unmeasured.",
                *(
                    ["It draws one outline: it has no uncertainty."]
                    if config.network.latent_dimension == 0
                    else ["Two readers only: the spread between samples is learned from pairs of tracings."]
                ),
                "Whole photographs in which the field of view is visible; a crop changes the pooled statistics.",
            ]
        ),
    }


def takes_photographs(config: TrainingConfig) -> bool:
    """Whole colour photographs, or patches of a scan."""
    return config.modality == "fundus"


def own_description(config: TrainingConfig) -> dict[str, Any]:
    """Fields of the manifest of a model that was trained on somebody's own images, of which nothing is known here."""
    base = fundus_description(config) if takes_photographs(config) else lidc_description(config)
    found = "photographs" if takes_photographs(config) else "patches that are centred on a lesion"
    return base | {
        "bodyPart": "",
        "structure": "what the readers marked",
        "classes": ["marked"],
        "scope": {
            "spacingMm": None,
            "sliceThicknessMm": None,
            "minDiameterMm": None,
            "warnings": [
                "Research use only; not a medical device.",
                f"Trained on {found} of one folder: other sources are unmeasured.",
                *spread_warnings(config, "the folder's"),
            ],
        },
    }


def drive_description(config: TrainingConfig) -> dict[str, Any]:
    """Fields of the manifest that follow from DRIVE; its training part has one reader."""
    fundus = fundus_description(config)
    own = own_description(config)
    return fundus | {"scope": own["scope"]}


def describe(config: TrainingConfig) -> dict[str, Any]:
    """Fields of the manifest that follow from the data."""
    if config.data.kind == "folder":
        return own_description(config)
    if config.data.kind == "drive":
        return drive_description(config)
    return fundus_description(config) if takes_photographs(config) else lidc_description(config)


TRAINING_DATA: dict[str, dict[str, Any]] = {
    "lidc": {
        "name": "LIDC-IDRI, 128x128 patches of lesions of 3 mm and more",
        "licence": "CC BY 3.0",
        "cases": 446,
        "images": 7961,
        "split": "by patient, as shipped: 446 train, 165 validation, 156 test",
        "emptyShare": 0.3858,
        "raters": 4,
    },
    "fundus": {
        "name": "CHASE_DB1 and STARE, photographs with two readers",
        "licence": "CHASE_DB1: CC BY 4.0; STARE: published for research",
        "cases": 12,
        "images": 24,
        "split": "by patient, as shipped: 12 train, 5 validation, 5 test",
        "emptyShare": 0.0,
        "raters": 2,
    },
    "phantom": {"name": "drawn phantom", "licence": "CC0", "cases": 64, "images": 64, "raters": 4},
    "drive": {
        "name": "DRIVE, its published training part: photographs with one reader",
        "licence": "published for research; may not be passed on",
        "split": "by image: four fifths of the published training part to train, the rest to validate",
    },
    "folder": {
        "name": "own images, a folder of PNG files",
        "licence": "the owner's",
        "split": "by patient, as the folder says or by hash of the patient",
    },
}
"""What a card says of the data; counts stand here for the data sets whose parts are shipped."""


def training_data(run: RunRecord) -> dict[str, Any]:
    """Manifest entry `training.data`: words by kind, counts as the run saw them."""
    told = TRAINING_DATA[run.config.data.kind]
    if "cases" not in told:
        if run.contents is None:
            raise TrainerError("the checkpoint says nothing about its data: train one step more with this version")
        told = told | {
            "cases": run.contents.patients,
            "images": run.contents.images,
            "raters": run.contents.raters,
            "emptyShare": round(run.contents.empty_share, 4),
        }
    return told | ({"raters": 1} if run.config.data.readings == "one" else {}) | {"trainSha256": run.data_sha256}


def training_entry(run: RunRecord) -> dict[str, Any]:
    """Manifest entry `training`."""
    config = run.config
    return {
        "codeVersion": margin_trainer.__version__,
        "torch": torch.__version__.split("+")[0],
        "data": training_data(run),
        "seed": config.seed,
        "beta": config.phase[0].beta if config.phase[0].objective == "elbo" else None,
        "switches": {
            "filters": list(config.network.filters),
            "fusionWidth": config.network.fusion_width,
            "sharedPrior": config.network.shared_prior,
            "phases": [{k: v for k, v in asdict(p).items() if v is not None} for p in config.phase],
            "augmentation": {
                "jitterPx": config.data.jitter_px,
                "jitter": config.data.jitter,
                "gamma": list(config.data.gamma),
                "intensityShift": config.data.intensity_shift,
            },
            "averageDecay": config.optimiser.ema,
            "bfloat16Convolutions": config.optimiser.bfloat16,
        },
        "hardware": run.hardware,
        "wallSeconds": round(run.wall_seconds),
        "steps": run.steps,
        "images": run.images,
        "chosenStep": run.chosen_step,
        "chosenBy": "lowest GED_V@16 of the weight average on the validation part",
        "validation": {k: round(v, 4) for k, v in run.validation.items()},
    }


def write_manifest(
    folder: Path,
    package_id: str,
    run: RunRecord,
    draws: dict[str, Any],
    made: dict[str, Any],
) -> None:
    """Write manifest.json; `made` are the entries of graphs, checkpoint and golden run that lie in `folder`."""
    config = run.config
    flow = config.network.flow
    low, high = LOG_SIGMA_RANGE
    manifest = {
        "formatVersion": FORMAT_VERSION,
        "id": package_id,
        "version": run.version,
        "parent": None,
        "kind": package_kind(config),
        "createdAt": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "licence": "Apache-2.0",
        **describe(config),
        "latent": {"dimension": config.network.latent_dimension, "logVarianceRange": [2 * low, 2 * high]},
        "flow": {
            "where": "none" if flow == "none" else "posterior",
            "kind": flow,
            "steps": 0 if flow == "none" else config.network.flow_steps,
        },
        "prior": {"kind": "diagonal"},
        "draws": draws,
        "features": {"channels": config.network.fusion_width},
        "graphs": made["graphs"],
        "checkpoint": made["checkpoint"],
        "thresholdLogit": 0,
        "samplerHint": {"chunk": 8, "stripRows": 32 if takes_photographs(config) else None},
        "training": training_entry(run),
        "results": [],
        "golden": made["golden"],
    }
    save_manifest(folder, manifest)


def package_kind(config: TrainingConfig) -> str:
    """Name of the model family."""
    if config.network.latent_dimension == 0:
        return "unet"
    return "probunet" if config.network.flow == "none" else f"cflow-{config.network.flow}"


def graph_entry(folder: Path, name: str, inputs: list[str], outputs: list[str]) -> dict[str, Any]:
    """Manifest entry of one graph."""
    return {"file": name, "sha256": sha256_of(folder / name), "opset": OPSET, "inputs": inputs, "outputs": outputs}


def save_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    """Write manifest.json, two-space indented."""
    text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
    (folder / "manifest.json").write_text(text, encoding="utf-8")
