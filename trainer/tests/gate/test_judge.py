"""The gate's process on real packages: an improvement is seen, the parent itself is none, a broken model is refused."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from in_process import in_process
from local_set import Tuned

from margin_trainer.export.manifest import save_manifest
from margin_trainer.export.write_package import write_graphs
from margin_trainer.fine_tune.parent import load_parent
from margin_trainer.gate.judge import gate
from margin_trainer.package import read_manifest


def judge_message(folder: Path, set_folder: Path, parent: Path, candidate: Path, **more: Any) -> dict[str, Any]:
    return {
        "type": "judge",
        "protocol": 1,
        "jobId": "job-1",
        "set": str(set_folder),
        "parent": str(parent),
        "folder": str(folder),
        "candidate": str(candidate),
        "seed": 1,
        "samples": 96,
        "judgedBefore": 0,
        "threads": 1,
    } | more


def test_what_was_learned_is_seen_on_patients_held_out(
    phantom_package: Path, phantom_set: Path, tuned: Tuned, tmp_path: Path
) -> None:
    last = in_process(judge_message(tmp_path, phantom_set, phantom_package, tuned.package), command=gate)[-1]
    report = last["report"]
    ged = next(one for one in report["measures"] if one["measure"] == "expectedGed")
    assert ged["change"]["high"] < -0.05, report["words"]
    assert report["verdict"] == "improves", report["words"]
    assert report["reference"] is None
    assert len(report["worst"]) == 10
    assert (tmp_path / report["worst"][0]["after"]["file"]).stat().st_size == 16 * 16
    worse = [one["candidateGed"] - one["parentGed"] for one in report["worst"]]
    assert worse == sorted(worse, reverse=True)


def test_the_parent_itself_does_no_harm_and_is_no_improvement(
    smoke_package: Path, phantom_set: Path, tmp_path: Path
) -> None:
    report = in_process(judge_message(tmp_path, phantom_set, smoke_package, smoke_package), command=gate)[-1]["report"]
    assert report["verdict"] == "no-harm"
    assert all(one["change"]["value"] == 0 for one in report["measures"])


@pytest.mark.parametrize("how", ["empty", "alike"])
def test_a_collapsed_package_is_refused(
    how: str, smoke_package: Path, phantom_package: Path, phantom_set: Path, tmp_path: Path
) -> None:
    # One with a reference set, one without.
    whole = smoke_package if how == "empty" else phantom_package
    parent = load_parent(whole)
    with torch.no_grad():
        weights = dict(parent.model.recombination.named_parameters())
        if how == "empty":
            weights["last.bias"].sub_(100.0)
        else:
            weights["from_latent.weight"].zero_()
    broken = Path(shutil.copytree(whole, tmp_path / "broken"))
    _, made = write_graphs(parent.model, broken, 16)
    save_manifest(broken, read_manifest(broken) | made)
    last = in_process(judge_message(tmp_path, phantom_set, whole, broken), command=gate)[-1]
    assert last["report"]["verdict"] == "worse"
    assert "Collapsed" in last["report"]["words"]
    reference = last["report"]["reference"]
    assert (
        (reference is None) if how == "alike" else (reference["cases"] == 64 and reference["expectedGed"]["value"] > 0)
    )


def test_a_tampered_package_and_a_cancelled_judge_end_in_words(
    smoke_package: Path, phantom_set: Path, own_package: Path, tmp_path: Path
) -> None:
    (own_package / "sampler.onnx").write_bytes(b"other weights")
    last = in_process(judge_message(tmp_path, phantom_set, smoke_package, own_package), command=gate)[-1]
    assert (last["type"], "sampler.onnx" in last["reason"]) == ("failed", True)
    message = judge_message(tmp_path, phantom_set, smoke_package, smoke_package)
    assert in_process(message, "cancel", command=gate)[-1]["type"] == "cancelled"
