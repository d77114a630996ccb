"""A checkpoint is whole or the old one; a bad one is named."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import pytest
import torch

from margin_trainer.failure import TrainerError
from margin_trainer.train.checkpoint import read_checkpoint, write_atomically


def test_what_was_written_is_read(tmp_path: Path) -> None:
    write_atomically(tmp_path / "last.pt", {"weights": torch.arange(3), "step": 7})
    state = read_checkpoint(tmp_path / "last.pt")
    assert state["step"] == 7
    assert torch.equal(state["weights"], torch.arange(3))
    assert [p.name for p in tmp_path.iterdir()] == ["last.pt"]


def test_full_disk_keeps_the_last_good_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "last.pt"
    write_atomically(path, {"step": 1})

    def fail(_state: Any, file: Any) -> None:
        file.write(b"half of it")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(torch, "save", fail)
    with pytest.raises(TrainerError, match=r"last\.pt: checkpoint cannot be written.*No space left.*last good"):
        write_atomically(path, {"step": 2})
    assert read_checkpoint(path)["step"] == 1
    assert [p.name for p in tmp_path.iterdir()] == ["last.pt"]


def test_cut_off_and_foreign_files_are_named(tmp_path: Path) -> None:
    path = tmp_path / "last.pt"
    write_atomically(path, {"weights": torch.zeros(1000)})
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(TrainerError, match=r"last\.pt: damaged checkpoint"):
        read_checkpoint(path)
    torch.save({"other": 1}, path)
    with pytest.raises(TrainerError, match=r"last\.pt: not a checkpoint of format"):
        read_checkpoint(path)
    with pytest.raises(TrainerError, match=r"absent\.pt: no such checkpoint"):
        read_checkpoint(tmp_path / "absent.pt")
