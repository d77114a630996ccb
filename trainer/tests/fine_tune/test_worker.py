"""The worker as the program runs it: a process, lines in and out, killed and started again."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from conftest import SMOKE, TRAINER
from in_process import in_process, kinds
from local_set import Tuned, save_set, start_message, write_set

from margin_trainer.contract import checked
from margin_trainer.failure import TrainerError
from margin_trainer.fine_tune.job import Job, gather
from margin_trainer.fine_tune.learners import HeadLearner
from margin_trainer.fine_tune.lines import Lines, Wishes
from margin_trainer.fine_tune.worker import fine_tune
from margin_trainer.package import open_package, read_manifest

FIXTURES = TRAINER.parent / "test" / "fixtures" / "training"
FEW = 15


@pytest.mark.parametrize("name", ["from-worker", "gate-report", "training-set", "to-worker"])
def test_both_languages_judge_values_alike(name: Any) -> None:
    fixtures = json.loads((FIXTURES / f"{name}.json").read_text())
    for one in fixtures["accepted"]:
        assert checked(name, one["value"]) == one["value"]
    for one in fixtures["refused"]:
        with pytest.raises(TrainerError):
            checked(name, one["value"])


def test_a_job_ends_in_a_package_that_draws_what_the_readers_mark(smoke_package: Path, tuned: Tuned) -> None:
    assert kinds(tuned.messages)[0] == "hello"
    assert "estimate" in kinds(tuned.messages)
    done = tuned.messages[-1]
    assert done["type"] == "done", done
    assert done["sha256"] == hashlib.sha256((tuned.package / "manifest.json").read_bytes()).hexdigest()
    package, manifest = open_package(tuned.package, threads=1)
    parent = read_manifest(smoke_package)
    assert manifest["training"]["fineTuning"][0]["parent"]["id"] == parent["id"]
    assert manifest["parent"] == manifest["training"]["fineTuning"][0]["parent"]["sha256"]
    assert "Fine-tuned" in (tuned.package / "card.md").read_text()
    validations = [m["validation"]["ged"] for m in tuned.messages if m["type"] == "progress" and m["validation"]]
    assert validations[-1] < 0.8 * validations[0], validations
    # Every refit begins with what the parent does on the patients that it leaves out.
    trained = [m for m in tuned.messages if m["type"] == "progress" and m["refit"] is not None]
    numbers = [m["refit"]["number"] for m in trained]
    assert numbers == sorted(numbers)
    for number in range(1, trained[-1]["refit"]["of"] + 1):
        own = [m for m in trained if m["refit"]["number"] == number]
        steps = [m["step"] for m in own]
        assert steps == sorted(steps)
        assert own[0]["loss"] is None
        assert None not in (own[0]["validation"], own[-1]["validation"])
        assert all(m["steps"] == done["steps"] for m in own)
    previews = [m for m in tuned.messages if m["type"] == "preview"]
    assert (tuned.package.parent / previews[0]["after"]["file"]).stat().st_size == 16 * 16
    assert package.directions is not None
    # Started again in the same folder it is done at once, with the same weights.
    again = in_process(tuned.start)[-1]
    assert again["type"] == "done"
    assert read_manifest(tuned.package)["graphs"] == manifest["graphs"]


def test_killed_at_any_moment_it_goes_on_to_the_same_weights(
    phantom_package: Path, phantom_set: Path, tmp_path: Path
) -> None:
    start = start_message(tmp_path / "whole", phantom_set, phantom_package, steps=FEW)
    whole = in_process(start)[-1]
    broken = start_message(tmp_path / "broken", phantom_set, phantom_package, steps=FEW)
    command = [sys.executable, "-m", "margin_trainer", "fine-tune"]
    environment = os.environ | {"PYTHONPATH": str(TRAINER), "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    print(json.dumps(broken), file=process.stdin, flush=True)
    # Paused, it has saved; killed then, what it has is on the disk.
    trained = next(line for line in process.stdout if '"Train"' in line or '"type": "estimate"' in line)
    assert trained
    print('{"type": "pause"}', file=process.stdin, flush=True)
    paused = json.loads(next(line for line in process.stdout if '"paused"' in line))
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdin.close()
    process.stdout.close()
    assert 0 < paused["step"] < FEW
    (tmp_path / "broken" / "checkpoint.pt.part").write_bytes(b"half a file")
    resumed = in_process(broken)
    assert resumed[-1]["type"] == whole["type"] == "done"
    graphs = [read_manifest(tmp_path / name / whole["package"])["graphs"] for name in ("whole", "broken")]
    assert graphs[0] == graphs[1]


def test_a_program_that_is_gone_leaves_a_job_to_go_on_from(
    phantom_package: Path, phantom_set: Path, tmp_path: Path
) -> None:
    start = start_message(tmp_path, phantom_set, phantom_package, steps=FEW)
    out = io.StringIO()
    assert fine_tune(io.StringIO(json.dumps(start) + "\n"), out) == 0
    assert '"done"' not in out.getvalue()
    assert in_process(start)[-1]["type"] == "done"


def test_pause_resume_and_cancel(phantom_package: Path, phantom_set: Path, tmp_path: Path) -> None:
    start = start_message(tmp_path, phantom_set, phantom_package, steps=FEW)
    said = kinds(in_process(start, "pause", "resume", "cancel"))
    assert [one for one in said if one in ("paused", "resumed", "cancelled", "done")] == [
        "paused",
        "resumed",
        "cancelled",
    ]
    assert not (tmp_path / "smoke-tuned").exists()


def test_below_thirty_crops_the_graphs_stay(smoke_package: Path, tmp_path: Path) -> None:
    write_set(tmp_path / "set", smoke_package, SMOKE, train=10, held_out=4)
    done = in_process(start_message(tmp_path / "job", tmp_path / "set", smoke_package))[-1]
    assert done["type"] == "done"
    assert any("only the width" in note for note in done["notes"])
    child, parent = read_manifest(tmp_path / "job" / "smoke-tuned"), read_manifest(smoke_package)
    assert child["graphs"] == parent["graphs"]
    assert child["id"] == "smoke-tuned"


@pytest.mark.parametrize("method", ["adapter", "full"])
def test_other_methods_end_in_a_package(method: str, smoke_package: Path, tmp_path: Path) -> None:
    write_set(tmp_path / "set", smoke_package, SMOKE)
    done = in_process(start_message(tmp_path, tmp_path / "set", smoke_package, method, steps=6))[-1]
    assert done["type"] == "done", done
    open_package(tmp_path / done["package"], threads=1)


def test_memory_that_runs_out_halves_the_batch_and_is_told(
    phantom_package: Path, phantom_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = start_message(tmp_path, phantom_set, phantom_package, steps=10)
    reading, writing = os.pipe()
    out = io.StringIO()
    job = Job(gather(start), Lines(out), Wishes(os.fdopen(reading)))
    whole = HeadLearner.loss

    def hungry(self: HeadLearner, local: Any, replay: Any, noise: Any, generator: Any) -> torch.Tensor:
        if len(local) + len(replay) > 4:
            raise RuntimeError(
                "[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"
            )
        return whole(self, local, replay, noise, generator)

    monkeypatch.setattr(HeadLearner, "loss", hungry)
    recipe = job.m.plan.recipe
    assert recipe is not None
    assert len(job.train(recipe)) == recipe.refits
    os.close(writing)
    assert [note for note in job.notes if "reference" not in note] == [
        "Shortened from 320 steps to at most 10, as was asked.",
        "Batch lowered from 32 to 16: memory ran out.",
        "Batch lowered from 16 to 8: memory ran out.",
        "Batch lowered from 8 to 4: memory ran out.",
    ]
    told = [json.loads(line) for line in out.getvalue().splitlines()]
    assert any(one["type"] == "estimate" and one["notes"] == job.notes for one in told)


def changed(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    value = json.loads((folder / "set.json").read_text())
    change(value)
    save_set(folder, value)


def put(folder: Path, case: dict[str, Any], raw: dict[str, str], values: Any) -> None:
    (folder / raw["file"]).write_bytes(values.tobytes())
    raw["sha256"] = hashlib.sha256(values.tobytes()).hexdigest()
    del case


def test_bad_sets_fail_with_a_reason_and_a_next_step(smoke_package: Path, tmp_path: Path) -> None:
    folder = tmp_path / "set"

    def nothing_to_learn(value: dict[str, Any]) -> None:
        value["patients"] = [{"patientId": one["patientId"], "part": "heldOut"} for one in value["patients"]]

    def one_patient(value: dict[str, Any]) -> None:
        for case in value["cases"]:
            case["patientId"] = "P-0"

    def nan(value: dict[str, Any]) -> None:
        case = value["cases"][3]
        put(folder, case, case["input"], np.full((1, 16, 16), np.nan, "<f4"))

    def other_grid(value: dict[str, Any]) -> None:
        case = value["cases"][1]
        put(folder, case, case["readings"][1]["mask"], np.ones((8, 16), "u1"))

    def two_sizes(value: dict[str, Any]) -> None:
        value["cases"][2]["heightPx"] = 8

    def unread(value: dict[str, Any]) -> None:
        value["cases"][0]["readings"] = []

    def tampered(value: dict[str, Any]) -> None:
        path = folder / value["cases"][0]["input"]["file"]
        path.write_bytes(path.read_bytes()[::-1])

    def other_model(value: dict[str, Any]) -> None:
        value["parent"]["sha256"] = "0" * 64

    words = {
        nothing_to_learn: "no annotated image",
        one_patient: "of one patient",
        nan: "case-0003.*not numbers",
        other_grid: "case-0001.*another grid",
        two_sizes: "case-0002",
        unread: "readings",
        tampered: "case-0000.*not the file",
        other_model: "another model",
    }
    for change, expected in words.items():
        write_set(folder, smoke_package, SMOKE, train=6, held_out=2)
        changed(folder, change)
        messages = in_process(start_message(tmp_path / "job", folder, smoke_package))
        assert messages[-1]["type"] == "failed", (change, messages[-1])
        assert re.search(expected, messages[-1]["reason"]), messages[-1]
        assert messages[-1]["nextStep"]


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (OSError(28, "No space left on device"), "disk"),
        (MemoryError(), "fewer images"),
        (ZeroDivisionError("odd"), "log"),
    ],
)
def test_whatever_goes_wrong_is_told(
    error: Exception,
    word: str,
    phantom_package: Path,
    phantom_set: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(*_: object) -> None:
        raise error

    monkeypatch.setattr(Job, "train", fails)
    last = in_process(start_message(tmp_path, phantom_set, phantom_package))[-1]
    assert (last["type"], word in last["nextStep"]) == ("failed", True), last
    assert not list(tmp_path.glob("smoke-tuned*"))
