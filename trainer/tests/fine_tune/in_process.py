"""A worker run within the test: its first line in, all its lines out."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable
from typing import IO, Any

from margin_trainer.contract import checked
from margin_trainer.fine_tune.worker import fine_tune

Message = dict[str, Any]


def in_process(first: Message, *wishes: str, command: Callable[[IO[str], IO[str]], int] = fine_tune) -> list[Message]:
    """All messages; the stream stays open until the end, as a program's does."""
    reading, writing = os.pipe()
    with os.fdopen(reading) as stdin, os.fdopen(writing, "w") as pen:
        for line in [first, *({"type": wish} for wish in wishes)]:
            print(json.dumps(line), file=pen, flush=True)
        out = io.StringIO()
        command(stdin, out)
        return [checked("from-worker", json.loads(line)) for line in out.getvalue().splitlines()]


def kinds(messages: list[Message]) -> list[str]:
    """What the messages are, in order."""
    return [message["type"] for message in messages]
