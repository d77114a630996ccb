"""Works a queue off: one run after another, each resumed where it stood, its result kept when it has ended."""

from __future__ import annotations

import fcntl
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from margin_trainer.config import parse_config
from margin_trainer.data.open import open_data
from margin_trainer.experiment.kept import Row, keep, read_kept
from margin_trainer.experiment.plan import Plan, Run, digest_of
from margin_trainer.experiment.score_run import score_run
from margin_trainer.experiment.table import write_table
from margin_trainer.failure import TrainerError
from margin_trainer.reproduce.finished import finished
from margin_trainer.train.checkpoint import read_checkpoint
from margin_trainer.train.loop import Trainer
from margin_trainer.train.progress import Progress

LOWEST_PRIORITY = 19


class Queue:
    """A plan in a folder of runs, its results in another. One process at a time works in the folder of runs.

    SIGTERM and Ctrl-C stop after the current step.
    """

    def __init__(self, plan: Plan, runs: Path, results: Path, data: Path, threads: int, progress: Progress) -> None:
        self.plan, self.runs, self.results, self.data = plan, runs, results, data
        self.threads, self.progress = threads, progress
        self.trainer: Trainer | None = None
        self.stopped = False

    def work(self) -> list[str]:
        """Train and score what has no kept result yet; returns what failed, in words. What is done is left alone."""
        self.runs.mkdir(parents=True, exist_ok=True)
        os.nice(LOWEST_PRIORITY)
        failures = []
        with alone_in(self.runs), self._stopping():
            rows = read_kept(self.results, self.plan)
            write_table(self.runs, self.plan, rows)
            for run in self.plan.runs:
                if self.stopped:
                    break
                if any(row["run"] == run.name for row in rows):
                    continue
                try:
                    row = self._row(run)
                except TrainerError as failure:
                    self.progress.event("failed", run=run.name, why=str(failure))
                    failures.append(str(failure))
                    continue
                if row is not None:
                    keep(self.results, row)
                    rows = read_kept(self.results, self.plan)
                    write_table(self.runs, self.plan, rows)
                    self.progress.event("row", run=run.name, rows=len(rows), of=len(self.plan.runs))
        return failures

    def _row(self, run: Run) -> Row | None:
        """The row of a run, trained first where it is not finished; None when asked to stop before its end."""
        folder = self.runs / run.name
        self._check(run, folder)
        if not finished(folder):
            self._train(run, folder)
        if self.stopped or not finished(folder):
            return None
        position = read_checkpoint(folder / "last.pt")["position"]
        kind = run.config.data.kind
        layout = kind if kind == "folder" or kind == "drive" else None
        scores = score_run(folder, self.data, layout, self.threads)
        return {
            "run": run.name,
            "configuration": run.configuration,
            "seed": run.config.seed,
            "digest": run.digest,
            "steps": position["step"],
            "images": position["images"],
            "bfloat16_steps": position.get("bfloat16_steps"),
            "hours": round(position["seconds"] / 3600, 4),
            "scores": {split: one.as_json() for split, one in scores.items()},
        }

    def _check(self, run: Run, folder: Path) -> None:
        """Refused by name: a folder that another configuration of the same name was trained in."""
        if (folder / "last.pt").exists():
            written = parse_config(read_checkpoint(folder / "last.pt")["config"])
            if digest_of(written) != run.digest:
                raise TrainerError(
                    f"{folder}: was trained by another configuration; move it away, or name other --runs"
                )

    def _train(self, run: Run, folder: Path) -> None:
        opened = open_data(run.config, self.data)
        self.trainer = Trainer(run.config, opened.training, opened.validation, folder, self.progress)
        if (folder / "last.pt").exists():
            self.trainer.resume()
        self.trainer.run()
        self.trainer = None

    @contextmanager
    def _stopping(self) -> Iterator[None]:
        """Within: a request to stop reaches the run at hand and ends the queue after it."""

        def request_stop(number: int, frame: FrameType | None) -> None:
            del number, frame
            self.stopped = True
            if self.trainer is not None:
                self.trainer.stop_requested = True

        before = {number: signal.signal(number, request_stop) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Within: no other queue works in `folder`; the lock goes with the process, however that ends."""
    with (folder / "queue.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise TrainerError(f"{folder}: another queue is at work here") from error
        yield
