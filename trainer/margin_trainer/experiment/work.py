"""Works a queue off: one run after another, each resumed where it stood, its row written when it has ended."""

from __future__ import annotations

import fcntl
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from margin_trainer.data.open import open_data
from margin_trainer.experiment.plan import Plan, Run
from margin_trainer.experiment.score_run import score_run
from margin_trainer.experiment.table import Row, read_rows, write_table
from margin_trainer.failure import TrainerError
from margin_trainer.reproduce.finished import finished
from margin_trainer.train.checkpoint import read_checkpoint
from margin_trainer.train.loop import Trainer
from margin_trainer.train.progress import Progress

LOWEST_PRIORITY = 19


class Queue:
    """A plan in a folder of runs. One process at a time works in it; SIGTERM and Ctrl-C stop after the current step."""

    def __init__(self, plan: Plan, runs: Path, data: Path, threads: int, progress: Progress) -> None:
        self.plan, self.runs, self.data, self.threads, self.progress = plan, runs, data, threads, progress
        self.trainer: Trainer | None = None
        self.stopped = False

    def work(self) -> list[str]:
        """Train and score what has no row yet; returns what failed, in words. What is done is left alone."""
        self.runs.mkdir(parents=True, exist_ok=True)
        os.nice(LOWEST_PRIORITY)
        failures = []
        with alone_in(self.runs), self._stopping():
            rows = self._kept()
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
                    rows.append(row)
                    write_table(self.runs, self.plan, rows)
                    self.progress.event("row", run=run.name, rows=len(rows), of=len(self.plan.runs))
        return failures

    def _kept(self) -> list[Row]:
        """Rows of this plan that stand in the table; refused: one of another configuration of the same name."""
        path = self.runs / f"{self.plan.name}.json"
        digests = {run.name: run.digest for run in self.plan.runs}
        rows = read_rows(path)
        for row in rows:
            if digests.get(row["run"], row["digest"]) != row["digest"]:
                raise TrainerError(f"{path}: {row['run']} was trained by another configuration; name another folder")
        return rows

    def _row(self, run: Run) -> Row | None:
        """The row of a run, trained first where it is not finished; None when asked to stop before its end."""
        folder = self.runs / run.name
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
            "hours": round(position["seconds"] / 3600, 4),
            "scores": {split: one.as_json() for split, one in scores.items()},
        }

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
