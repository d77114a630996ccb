"""Progress: one JSON object a line on stdout for programs, a bar on stderr for people."""

from __future__ import annotations

import json
import sys
from typing import IO, Any

from margin_trainer.train.event_files import EventFiles

BAR_WIDTH = 30


class Progress:
    """Writes events; the bar is drawn in place only when stderr is a terminal."""

    def __init__(
        self, lines: IO[str] | None = None, screen: IO[str] | None = None, board: EventFiles | None = None
    ) -> None:
        self._lines = lines or sys.stdout
        self._screen = screen or sys.stderr
        self._board = board

    def event(self, name: str, /, **fields: Any) -> None:
        """One line {"event": name, ...}; floats keep six significant digits."""
        rounded = {k: float(f"{v:.6g}") if isinstance(v, float) else v for k, v in fields.items()}
        print(json.dumps({"event": name, **rounded}), file=self._lines, flush=True)
        if self._board is not None:
            self._board.event(name, fields)

    def bar(self, fraction: float, text: str) -> None:
        """A bar of the whole run with a few words behind it."""
        if not self._screen.isatty():
            return
        filled = round(BAR_WIDTH * min(1.0, max(0.0, fraction)))
        line = f"\r[{'#' * filled}{'.' * (BAR_WIDTH - filled)}] {100 * fraction:5.1f} % {text}"
        print(line, end="\n" if fraction >= 1 else "", file=self._screen, flush=True)


class Silence(Progress):
    """What a process that does not lead its team reports: nothing."""

    def event(self, name: str, /, **fields: Any) -> None:
        """Nothing."""

    def bar(self, fraction: float, text: str) -> None:
        """Nothing."""
