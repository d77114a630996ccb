"""Checkpoints that survive a kill at any moment: written beside, synced, renamed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import torch

from margin_trainer.failure import TrainerError

FORMAT = 1


def write_atomically(path: Path, state: dict[str, Any]) -> None:
    """Save `state`; `path` is always either the old or the new file. Refused by name: disk full, no permission."""
    beside = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with beside.open("wb") as file:
            torch.save({"format": FORMAT, **state}, file)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except (OSError, RuntimeError) as error:
        beside.unlink(missing_ok=True)
        kept = f"; the last good checkpoint is still {path}" if path.exists() else ""
        raise TrainerError(f"{path}: checkpoint cannot be written: {error}{kept}") from error


def read_checkpoint(path: Path) -> dict[str, Any]:
    """The saved state on the CPU; refused, naming the file: missing, damaged, of another format."""
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise TrainerError(f"{path}: no such checkpoint") from error
    except Exception as error:
        raise TrainerError(f"{path}: damaged checkpoint: {error}") from error
    if not isinstance(state, dict) or state.get("format") != FORMAT:
        raise TrainerError(f"{path}: not a checkpoint of format {FORMAT}")
    return state
