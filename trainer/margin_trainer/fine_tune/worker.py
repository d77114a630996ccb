"""`python -m margin_trainer fine-tune`: the child process that trains, spoken to in JSON lines."""

from __future__ import annotations

import os
import platform
import sys
import traceback
from typing import IO

import torch

import margin_trainer
from margin_trainer.failure import TrainerError
from margin_trainer.fine_tune.failure import JobError
from margin_trainer.fine_tune.job import Job, gather, is_out_of_memory
from margin_trainer.fine_tune.lines import CancelledError, Heartbeat, Lines, ProgramGoneError, Wishes, read_first

NICENESS = 10
"""Browsing beside it stays smooth."""
LOOK_AT_LOG = "Look at the program's log; started again, the job goes on from its last checkpoint."


def step_back() -> None:
    """Give way to whoever works at the page."""
    if hasattr(os, "nice"):
        os.nice(NICENESS)


def say_hello(lines: Lines) -> None:
    """The first message."""
    lines.say(
        "hello",
        protocol=1,
        trainer=margin_trainer.__version__,
        python=platform.python_version(),
        torch=torch.__version__.split("+")[0],
        device="cpu",
        pid=os.getpid(),
    )


def fine_tune(stdin: IO[str], stdout: IO[str]) -> int:
    """Exit status 0: done, cancelled, or saved because the program is gone; 2: failed, and said so."""
    lines = Lines(stdout)
    say_hello(lines)
    job: Job | None = None
    try:
        start = read_first(stdin, "start")
        with Heartbeat(lines, lambda: 0 if job is None else job.step):
            job = Job(gather(start), lines, Wishes(stdin))
            job.run()
        return 0
    except CancelledError:
        lines.say("cancelled", step=0 if job is None else job.step)
        return 0
    except ProgramGoneError:
        print("margin_trainer: the program is gone; the job is saved", file=sys.stderr)
        return 0
    except Exception as error:
        tell_failure(lines, error)
    return 2


def tell_failure(lines: Lines, error: Exception) -> None:
    """The last message, whatever went wrong: what it was, and what helps."""
    if isinstance(error, JobError):
        reason, next_step = error.reason, error.next_step
    elif is_out_of_memory(error):
        reason, next_step = "Memory ran out.", "Close other programs, or choose fewer images."
    elif isinstance(error, OSError):
        reason, next_step = f"A file could not be read or written: {error}.", "Free space on the disk, and start again."
    elif isinstance(error, TrainerError):
        reason, next_step = str(error), LOOK_AT_LOG
    else:
        traceback.print_exc()
        reason, next_step = f"{type(error).__name__}: {error}", LOOK_AT_LOG
    lines.say("failed", reason=reason, nextStep=next_step)
