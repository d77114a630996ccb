"""TensorBoard event files beside the JSON lines: the same numbers, for `tensorboard --logdir build/training`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from margin_trainer.failure import TrainerError

GROUP = {"step": "training", "validation": "validation"}
"""Events that are written, and the group their numbers appear in."""


class EventFiles:
    """One event file a session of a run. Everything is flushed at once: a kill loses nothing that was reported."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._writer: Any = None

    def event(self, name: str, fields: dict[str, Any]) -> None:
        """Numbers of an event at its step; refused, naming the folder: disk full, no permission."""
        try:
            if name == "start":
                self._open(fields["step"])
            if self._writer is None or name not in GROUP:
                return
            for key, value in fields.items():
                if key != "step" and not isinstance(value, bool | str):
                    self._writer.add_scalar(f"{GROUP[name]}/{key}", value, fields["step"])
            self._writer.flush()
        except OSError as error:
            raise TrainerError(f"{self.folder}: event file cannot be written: {error}") from error

    def _open(self, step: int) -> None:
        """A resumed run takes back what it reported after its checkpoint."""
        # Imported here: evaluation and export must not wait for it.
        from torch.utils.tensorboard import SummaryWriter

        self._writer = SummaryWriter(str(self.folder), purge_step=step + 1)

    def close(self) -> None:
        """Flush and close."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None
