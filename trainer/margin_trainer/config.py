"""Training configuration: TOML parsed once into frozen records; an unknown option is an error that names it."""

from __future__ import annotations

import dataclasses
import types
import typing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Union

from margin_trainer.bases import read_with_bases
from margin_trainer.failure import TrainerError

Modality = Literal["CT", "fundus"]
Divergence = Literal["kl", "released_kl", "latent_sinkhorn"]
Jitter = Literal["uniform", "peaked", "mixed"]


MODALITIES: dict[str, Modality] = {"lidc": "CT", "phantom": "CT", "fundus": "fundus", "drive": "fundus"}
"""Of the kinds of data that have one of their own."""
CHANNELS: dict[Modality, int] = {"CT": 1, "fundus": 3}


@dataclass(frozen=True)
class DataConfig:
    """Which data, and the augmentation of its training part; gamma and shift act on values in [0, 1].

    `modality` is asked for with `kind = "folder"`, whose images may be patches of a scan or photographs; the other
    kinds have one of their own.

    `jitter_px` bounds how far a crop's centre is moved along each axis; `jitter = "peaked"` scales that bound by a
    uniform number a crop, so that most crops lie near the centre, as most clicks do; "mixed" does either, by the toss
    of a coin a crop. `readings = "one"` shows one reading an image, the same in every epoch (single-rater setting).
    `shards` are the training shards of LIDC that are learned from, by number; without it all of them. The others are
    patients that the model never saw.
    """

    kind: Literal["lidc", "fundus", "phantom", "drive", "folder"]
    modality: Modality | None = None
    readings: Literal["all", "one"] = "all"
    jitter_px: int = 0
    jitter: Jitter = "uniform"
    gamma: tuple[float, float] = (1.0, 1.0)
    intensity_shift: float = 0.0
    turns: bool = True
    height_px: int = 512
    crop_px: int = 96
    cases: int = 64
    shards: tuple[int, ...] | None = None


@dataclass(frozen=True)
class NetworkConfig:
    """Widths of the networks; `flow_steps` is K, `latent_dimension` L; L = 0 is the deterministic U-Net.

    `flow` is the posterior's. `prior_flow` puts one of its own, conditioned on the image, between every latent draw
    and the recombination. `shared_prior` reads the prior off the U-Net's own contracting path.
    """

    channels: int = 1
    filters: tuple[int, ...] = (32, 64, 128, 256)
    fusion_width: int = 32
    latent_dimension: int = 6
    flow: Literal["planar", "glow", "none"] = "planar"
    flow_steps: int = 4
    prior_flow: Literal["planar", "glow", "none"] = "none"
    shared_prior: bool = False


@dataclass(frozen=True)
class PhaseConfig:
    """One stretch of training with its own objective and a cosine rate; its length is `steps` or `minutes` of wall.

    `scored_samples` N makes the energy objective the expected GED_V of N samples, whose self-pairs count as no
    distance; without it the unbiased energy distance is trained. The deterministic U-Net has no ELBO: it is trained
    by `likelihood`, and by `energy` with its one answer as the only draw. `divergence` is what the ELBO holds posterior
    and prior together with: the KL, an ablation with the released code's estimate of it, or a Sinkhorn divergence.
    `jitter` replaces that of the data; `warp` turns crops by up to 10 degrees and scales them by 0.9 to 1.1 (patches of
    photographs always are).
    """

    objective: Literal["elbo", "energy", "likelihood"]
    rate: float
    batch: int
    steps: int | None = None
    minutes: float | None = None
    rate_end: float = 1e-6
    rate_warmup: float = 0.02
    divergence: Divergence = "kl"
    beta: float = 1.0
    beta_warmup: float = 0.0
    draws: int = 8
    scored_samples: int | None = None
    prior_kl: float = 0.002
    crop_px: int | None = None
    jitter: Jitter | None = None
    warp: bool = False
    freeze_norm: bool = False
    clip_norm: float | None = None


@dataclass(frozen=True)
class OptimiserConfig:
    """AdamW, and an exponential moving average of the weights."""

    weight_decay: float = 1e-5
    ema: float = 0.999
    bfloat16: bool = False
    channels_last: bool = False


@dataclass(frozen=True)
class ValidationConfig:
    """Validation GED with fixed noise, every `minutes` of wall or every `steps`; 0 switches a trigger off.

    The GED is that of `samples` samples; with more `draws` it is what so many of them are expected to score, which is
    the same number with less noise. `patience` ends a phase early after so many validations in a row without a
    better GED; 0: never.
    """

    samples: int = 16
    draws: int | None = None
    minutes: float = 0.0
    steps: int = 0
    seed: int = 2026
    patience: int = 0


@dataclass(frozen=True)
class CheckpointConfig:
    """How often the state is written, in minutes of wall and in steps; 0 switches a trigger off."""

    minutes: float = 3.0
    steps: int = 0


@dataclass(frozen=True)
class TrainingConfig:
    """Everything that defines a run, apart from the data folder and the output folder.

    `report_seconds` is the wall time between two reports of the loss; 0 reports every step.
    """

    name: str
    seed: int
    data: DataConfig
    network: NetworkConfig
    phase: tuple[PhaseConfig, ...]
    optimiser: OptimiserConfig = OptimiserConfig()
    validation: ValidationConfig = ValidationConfig()
    checkpoint: CheckpointConfig = CheckpointConfig()
    report_seconds: float = 10.0

    @property
    def modality(self) -> Modality:
        """What the images are: as said, by the kind of data, or (checkpoints from before it was asked) by channels."""
        if self.data.modality is not None:
            return self.data.modality
        if self.data.kind == "folder":
            return "CT" if self.network.channels == 1 else "fundus"
        return MODALITIES[self.data.kind]


def load_config(path: Path) -> TrainingConfig:
    """Read and check a TOML file; refused with its name: unreadable, unknown option, wrong type, impossible value.

    `base = "OTHER.toml"`, beside the file, is what it changes: tables are merged, all else (lists too) is replaced.
    """
    raw = read_with_bases(path)
    try:
        config = parse_config(raw)
        if config.data.kind == "folder" and config.data.modality is None:
            raise TrainerError("data.modality: say whether the folder holds 'CT' patches or 'fundus' photographs")
        return config
    except TrainerError as failure:
        raise TrainerError(f"{path}: {failure}") from failure


def parse_config(raw: dict[str, Any]) -> TrainingConfig:
    """Nested dictionaries as TOML or a checkpoint give them -> configuration."""
    config = typing.cast(TrainingConfig, _convert(TrainingConfig, raw, ""))
    _check(config)
    return config


def config_as_dict(config: TrainingConfig) -> dict[str, Any]:
    """Plain nested dictionaries that `parse_config` reads back to an equal configuration."""
    return dataclasses.asdict(config)


def options_told(record: Any) -> Any:
    """Nested options without those at their default: the same when a new option comes, until somebody uses it."""
    if isinstance(record, tuple):
        return [options_told(one) for one in record]
    if not dataclasses.is_dataclass(record):
        return record
    values = [(field, getattr(record, field.name)) for field in dataclasses.fields(record)]
    return {field.name: options_told(value) for field, value in values if value != field.default}


def _check(config: TrainingConfig) -> None:
    """Rules between options."""
    draws, samples = config.validation.draws, config.validation.samples
    if draws is not None and draws < samples:
        raise TrainerError(f"validation.draws {draws}: at least the {samples} of validation.samples")
    if not config.phase:
        raise TrainerError("needs at least one [[phase]]")
    _check_network(config.network)
    if config.data.shards is not None and (config.data.kind != "lidc" or not config.data.shards):
        raise TrainerError("data.shards: at least one number of a training shard, with kind 'lidc'")
    if MODALITIES.get(config.data.kind, config.modality) != config.modality:
        raise TrainerError(f"data.modality: {config.data.kind} data is {MODALITIES[config.data.kind]}")
    if config.network.channels != CHANNELS[config.modality]:
        wanted = f"{config.modality} images have {CHANNELS[config.modality]}"
        raise TrainerError(f"network.channels: {wanted}, not {config.network.channels}")
    for index, phase in enumerate(config.phase):
        if (phase.steps is None) == (phase.minutes is None):
            raise TrainerError(f"phase[{index}]: give exactly one of steps and minutes")
        if phase.batch < 1 or phase.rate <= 0:
            raise TrainerError(f"phase[{index}]: batch and rate must be positive")
        _check_objective(f"phase[{index}]", phase, config.network)
        if phase.scored_samples is not None and phase.scored_samples < 2:
            raise TrainerError(f"phase[{index}]: scored_samples must be at least 2")


def _check_network(network: NetworkConfig) -> None:
    """Rules between the options of the networks."""
    if len(network.filters) < 2 or min(network.filters) < 1:
        raise TrainerError("network.filters: at least two positive widths")
    if "glow" in (network.flow, network.prior_flow) and network.latent_dimension < 2:
        raise TrainerError("network.latent_dimension: the Glow coupling needs at least 2")
    if network.latent_dimension == 0 and (network.prior_flow != "none" or network.shared_prior):
        raise TrainerError("network: the deterministic U-Net (latent_dimension = 0) has no prior_flow or shared_prior")
    if network.latent_dimension == 0 and network.flow != "none":
        raise TrainerError("network.flow: the deterministic U-Net (latent_dimension = 0) needs flow = 'none'")
    if network.latent_dimension < 0 or network.flow_steps < 1:
        raise TrainerError(
            "network: latent_dimension must not be negative and flow_steps must be positive; no flow is flow = 'none'"
        )


def _check_objective(where: str, phase: PhaseConfig, network: NetworkConfig) -> None:
    """Which objectives fit which networks."""
    deterministic = network.latent_dimension == 0
    if phase.divergence != "kl" and phase.objective != "elbo":
        raise TrainerError(f"{where}: divergence belongs to objective = 'elbo'")
    if deterministic and phase.objective == "elbo":
        raise TrainerError(f"{where}: the deterministic U-Net has no ELBO; use objective = 'likelihood'")
    if not deterministic and phase.objective == "likelihood":
        raise TrainerError(f"{where}: objective 'likelihood' is for the deterministic U-Net (latent_dimension = 0)")
    if phase.objective == "energy" and deterministic and phase.draws != 1:
        raise TrainerError(f"{where}: the deterministic U-Net has one answer; use draws = 1")
    if phase.objective == "energy" and not deterministic and phase.draws < 2:
        raise TrainerError(f"{where}: the energy objective needs at least 2 draws")


def _convert(target: Any, value: Any, where: str) -> Any:
    """Convert `value` to the annotated type `target`, or fail naming the option `where`."""
    if dataclasses.is_dataclass(target) and isinstance(target, type):
        return _convert_record(target, value, where)
    origin, arguments = typing.get_origin(target), typing.get_args(target)
    if origin is Literal:
        if value not in arguments:
            raise TrainerError(f"{where}: {value!r} is not one of {', '.join(map(repr, arguments))}")
        return value
    if origin in (Union, types.UnionType):
        inner = [a for a in arguments if a is not type(None)]
        return None if value is None else _convert(inner[0], value, where)
    if origin is tuple:
        if not isinstance(value, list | tuple):
            raise TrainerError(f"{where}: a list is needed, not {value!r}")
        if arguments[-1] is not Ellipsis and len(value) != len(arguments):
            raise TrainerError(f"{where}: {len(arguments)} values are needed, not {len(value)}")
        return tuple(_convert(arguments[0], v, f"{where}[{i}]") for i, v in enumerate(value))
    if target is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, target) or (isinstance(value, bool) and target is not bool):
        raise TrainerError(f"{where}: {target.__name__} is needed, not {value!r}")
    return value


def _convert_record(target: Any, value: Any, where: str) -> Any:
    """A table of options to its frozen record; missing options take the default, unknown ones are refused."""
    if not isinstance(value, dict):
        raise TrainerError(f"{where}: a table is needed, not {value!r}")
    hints = typing.get_type_hints(target)
    prefix = f"{where}." if where else ""
    for key in value:
        if key not in hints:
            raise TrainerError(f"unknown option {prefix}{key}; known: {', '.join(sorted(hints))}")
    for field in dataclasses.fields(target):
        if field.name not in value and field.default is dataclasses.MISSING:
            raise TrainerError(f"option {prefix}{field.name} is missing")
    return target(**{key: _convert(hints[key], item, prefix + key) for key, item in value.items()})
