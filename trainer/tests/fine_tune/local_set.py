"""A frozen set of phantom crops, written as the program writes one: what tests of fine-tuning and of the gate read."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from margin_trainer.config import load_config
from margin_trainer.data.phantom import PhantomSet
from margin_trainer.fine_tune.candidate import model_name

Mask = NDArray[np.bool_]


@dataclasses.dataclass(frozen=True)
class Tuned:
    """A job that has ended: its first message, all that it said, its package."""

    start: dict[str, Any]
    messages: list[dict[str, Any]]
    package: Path


def _raw(folder: Path, name: str, values: NDArray[Any]) -> dict[str, str]:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(values.tobytes())
    return {"file": name, "sha256": hashlib.sha256(values.tobytes()).hexdigest()}


def write_set(
    folder: Path, package: Path, smoke: Path, train: int = 32, held_out: int = 12, readers: int = 2
) -> dict[str, Any]:
    """`train` + `held_out` patients with one crop each, whose readers leave the tail out; returns set.json."""
    config = dataclasses.replace(load_config(smoke).data, cases=train + held_out)
    drawn = PhantomSet(config, seed=9)
    cases, patients = [], []
    for k in range(train + held_out):
        case = f"case-{k:04d}"
        patients.append(
            {"patientId": f"P-{k}", "part": "train", "fold": k % 2}
            if k < train
            else {"patientId": f"P-{k}", "part": "heldOut"}
        )
        mask = drawn.short[k].astype("u1")
        height, width = mask.shape
        cases.append(
            {
                "caseId": case,
                "patientId": f"P-{k}",
                "imageSha256": "c" * 64,
                "words": f"phantom {k}",
                "spacingMm": None,
                "channels": 1,
                "heightPx": height,
                "widthPx": width,
                "contentPx": {"height": height, "width": width},
                "input": _raw(folder, f"{case}/input.raw", drawn.image[k].astype("<f4")),
                "fieldOfView": None,
                "readings": [
                    {
                        "rater": f"R-{r}",
                        "attemptId": f"attempt-{k}-{r}",
                        "revision": 1,
                        "mask": _raw(folder, f"{case}/mask-{r}.raw", mask),
                        "markedPx": int(mask.sum()),
                    }
                    for r in range(readers)
                ],
            }
        )
    value = {
        "formatVersion": 1,
        "setId": "set-1",
        "name": "Phantoms",
        "madeAt": "2026-11-30T10:41:00.000Z",
        "modality": "CT",
        "structure": "lung nodule",
        "readers": "many" if readers > 1 else "one",
        "parent": model_name(package),
        "filter": {"raters": [], "panels": [], "structures": [], "status": "committed", "from": None, "to": None},
        "patients": patients,
        "cases": cases,
    }
    save_set(folder, value)
    return value


def save_set(folder: Path, value: dict[str, Any]) -> None:
    """set.json as it stands now."""
    (folder / "set.json").write_text(json.dumps(value), encoding="utf-8")


def start_message(
    folder: Path, set_folder: Path, package: Path, method: str = "heads", **limits: Any
) -> dict[str, Any]:
    """Of a job in `folder`."""
    return {
        "type": "start",
        "protocol": 1,
        "jobId": "job-1",
        "set": str(set_folder),
        "parent": str(package),
        "folder": str(folder),
        "method": method,
        "seed": 1,
        "limits": {"steps": 2000, "seconds": None, "memoryBytes": None, "threads": 1} | limits,
        "candidate": {"id": "smoke-tuned", "version": "1.0.1"},
    }
