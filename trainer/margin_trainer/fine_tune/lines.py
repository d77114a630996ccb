"""The worker's two streams: messages in by a thread of their own, one JSON object a line out, a heartbeat beside."""

from __future__ import annotations

import json
import queue
import sys
import threading
from collections.abc import Callable
from typing import IO, Any, Literal

from margin_trainer.contract import checked
from margin_trainer.failure import TrainerError

HEARTBEAT_SECONDS = 5.0
Wish = Literal["pause", "resume", "cancel", "gone"]


def peak_memory_bytes() -> int:
    """The most that this process held so far; 0 where the system does not say."""
    try:
        import resource
    except ImportError:
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak if sys.platform == "darwin" else peak * 1024)


class Lines:
    """Writes checked messages, whole lines only, from any thread."""

    def __init__(self, out: IO[str]) -> None:
        self._out, self._lock = out, threading.Lock()

    def say(self, kind: str, /, **fields: Any) -> None:
        """One message. A reader that is gone is no failure of the job."""
        text = json.dumps(checked("from-worker", {"type": kind, **fields}), allow_nan=False)
        with self._lock:
            try:
                print(text, file=self._out, flush=True)
            except (BrokenPipeError, ValueError):
                return


class Heartbeat:
    """Says every few seconds that the process lives and where it stands."""

    def __init__(self, lines: Lines, step: Callable[[], int], seconds: float = HEARTBEAT_SECONDS) -> None:
        self._lines, self._step, self._seconds = lines, step, seconds
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> Heartbeat:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._ended.wait(self._seconds):
            self._lines.say("heartbeat", step=self._step(), memoryBytes=peak_memory_bytes())


def read_first(stream: IO[str], kind: Literal["start", "judge"]) -> dict[str, Any]:
    """The first message. Refused: none, or another than is asked for."""
    line = stream.readline()
    if not line:
        raise TrainerError(f"stdin: ended before a {kind!r} message came")
    try:
        value = json.loads(line)
    except ValueError as error:
        raise TrainerError(f"stdin: the first line is no JSON: {error}") from error
    message: dict[str, Any] = checked("to-worker", value)
    if message["type"] != kind:
        raise TrainerError(f"stdin: {kind!r} comes first, not {message['type']!r}")
    return message


class CancelledError(Exception):
    """Asked for; nothing comes of the job."""


class ProgramGoneError(Exception):
    """The stream of messages ended: what can be gone on from is saved."""


class Wishes:
    """What is asked for while the job runs. The end of the stream means that the program is gone."""

    def __init__(self, stream: IO[str]) -> None:
        self._queue: queue.SimpleQueue[Wish] = queue.SimpleQueue()
        threading.Thread(target=self._read, args=[stream], daemon=True).start()

    def _read(self, stream: IO[str]) -> None:
        for line in stream:
            try:
                kind = checked("to-worker", json.loads(line))["type"]
            except (ValueError, TrainerError) as error:
                print(f"margin_trainer: left out: {error}", file=sys.stderr)
                continue
            if kind in ("pause", "resume", "cancel"):
                self._queue.put(kind)
        self._queue.put("gone")

    def next(self, wait: bool) -> Wish | None:
        """The oldest wish; `wait` until there is one."""
        try:
            return self._queue.get(block=wait)
        except queue.Empty:
            return None

    def heed(self, lines: Lines, step: int, save: Callable[[], None] = lambda: None) -> None:
        """Pause until told to go on, or end by CancelledError or ProgramGoneError; `save` comes first."""
        wish = self.next(wait=False)
        if wish == "pause":
            save()
            lines.say("paused", step=step)
            while wish not in ("resume", "cancel", "gone"):
                wish = self.next(wait=True)
            if wish == "resume":
                lines.say("resumed", step=step)
        if wish == "cancel":
            raise CancelledError
        if wish == "gone":
            save()
            raise ProgramGoneError
