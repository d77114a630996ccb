"""The frozen set of a job: set.json and its raw files, read and checked before anything is trained."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from margin_trainer.contract import checked
from margin_trainer.failure import TrainerError
from margin_trainer.fine_tune.annotated import Annotated
from margin_trainer.fine_tune.failure import JobError

MAKE_ANEW = "Make the set anew; a set is never changed."


@dataclass(frozen=True)
class LocalSet:
    """Images to learn from with the fold of each, images held out, and what names the set."""

    set_id: str
    name: str
    sha256: str
    modality: str
    structure: str
    parent_sha256: str
    train: list[Annotated]
    fold: NDArray[np.int64]
    held_out: list[Annotated]

    @property
    def train_patients(self) -> int:
        """How many patients are learned from."""
        return len({one.patient for one in self.train})


def read_set(folder: Path) -> LocalSet:
    """Read and check every file. Refused (JobError), naming the case: whatever does not fit what the set says."""
    path = folder / "set.json"
    try:
        content = path.read_bytes()
        told = checked("training-set", json.loads(content))
    except (OSError, ValueError, TrainerError) as error:
        raise JobError(f"{path} cannot be read: {error}.", MAKE_ANEW) from error
    parts = {one["patientId"]: one for one in told["patients"]}
    train, folds, held_out = [], [], []
    for case in told["cases"]:
        patient = parts.get(case["patientId"])
        if patient is None:
            raise JobError(f"{case['caseId']}: its patient is not among those of the set.", MAKE_ANEW)
        if case["channels"] != {"CT": 1, "fundus": 3}[told["modality"]]:
            raise JobError(
                f"{case['caseId']}: has {case['channels']} channels in a set of {told['modality']}.", MAKE_ANEW
            )
        image = read_case(folder, case)
        if patient["part"] == "heldOut":
            held_out.append(image)
        else:
            train.append(image)
            folds.append(patient["fold"])
    return LocalSet(
        set_id=told["setId"],
        name=told["name"],
        sha256=hashlib.sha256(content).hexdigest(),
        modality=told["modality"],
        structure=told["structure"],
        parent_sha256=told["parent"]["sha256"],
        train=train,
        fold=np.array(folds, dtype=np.int64),
        held_out=held_out,
    )


def refuse_untrainable(found: LocalSet) -> None:
    """What cannot be learned from: no annotation, one patient."""
    if not found.train:
        raise JobError(
            "The set holds no annotated image to learn from: all its patients are held out.",
            "Annotate images of further patients and make a new set.",
        )
    if found.train_patients < 2:
        raise JobError(
            "All images to learn from are of one patient: what is learned could be that patient's alone.",
            "Annotate images of at least one other patient and make a new set.",
        )


def read_case(folder: Path, case: dict[str, Any]) -> Annotated:
    """One crop or photograph with its readings."""
    name = case["caseId"]
    height, width = case["heightPx"], case["widthPx"]
    content = case["contentPx"]
    if content["height"] > height or content["width"] > width:
        raise JobError(f"{name}: its content is larger than the image.", MAKE_ANEW)
    image = _numbers(folder, name, case["input"], "<f4", (case["channels"], height, width)).astype(np.float32)
    if not np.isfinite(image).all():
        raise JobError(
            f"{name}: the image holds values that are not numbers ({int((~np.isfinite(image)).sum())} pixels).",
            "Leave this image out, or look at its series: a damaged rescale is the usual cause.",
        )
    inside = np.zeros((height, width), dtype=bool)
    inside[: content["height"], : content["width"]] = True
    if case["fieldOfView"] is not None:
        inside &= _mask(folder, name, case["fieldOfView"], (height, width))
    if not inside.any():
        raise JobError(f"{name}: nothing lies inside the field of view.", "Leave this image out.")
    readings = [_mask(folder, name, one["mask"], (height, width), one["markedPx"]) for one in case["readings"]]
    return Annotated(name, case["patientId"], image, np.stack(readings) & inside, inside)


def _numbers(folder: Path, case: str, raw: dict[str, str], kind: str, shape: tuple[int, ...]) -> NDArray[Any]:
    path = folder / raw["file"]
    try:
        content = path.read_bytes()
    except OSError as error:
        raise JobError(f"{case}: {path} cannot be read: {error}.", MAKE_ANEW) from error
    if hashlib.sha256(content).hexdigest() != raw["sha256"]:
        raise JobError(f"{case}: {raw['file']} is not the file that the set was made with.", MAKE_ANEW)
    expected = int(np.prod(shape)) * np.dtype(kind).itemsize
    if len(content) != expected:
        raise JobError(
            f"{case}: {raw['file']} holds {len(content)} bytes, {' x '.join(map(str, shape))} take {expected}: "
            "it is on another grid than its image.",
            "Draw the reading again on this image, or leave it out, and make the set anew.",
        )
    return np.frombuffer(content, kind).reshape(shape)


def _mask(
    folder: Path, case: str, raw: dict[str, str], shape: tuple[int, int], marked: int | None = None
) -> NDArray[np.bool_]:
    values = _numbers(folder, case, raw, "u1", shape)
    if values.max() > 1:
        raise JobError(f"{case}: {raw['file']} holds values other than 0 and 1.", MAKE_ANEW)
    if marked is not None and int(values.sum()) != marked:
        raise JobError(f"{case}: {raw['file']} marks {int(values.sum())} pixels, the set says {marked}.", MAKE_ANEW)
    return values.astype(bool)
