"""The evaluate command on a drawn shard: from ONNX alone, recorded in manifest and card, baselines by arithmetic."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_data import shard_arrays, write_shard

from margin_trainer.__main__ import main
from margin_trainer.data.lidc import load_patches
from margin_trainer.scoring.score import score_baselines


def drawn_shard(folder: Path) -> None:
    """Three patches of two patients; two readings mark 16 px, one of them 8 px more, two are empty."""
    arrays = shard_arrays()
    arrays["masks"][:] = 0
    arrays["masks"][:, 0, 60:62, 7] = 255
    arrays["masks"][:, 1, 60:63, 7] = 255
    arrays["patient"] = np.array([1, 1, 2], np.uint16)
    arrays["image_delta"][:, 64, 64] = 200
    write_shard(folder, arrays)


def evaluate(
    package: Path, folder: Path, capsys: pytest.CaptureFixture[str], *more: str, split: str = "validation"
) -> dict[str, Any]:
    status = main(
        ["evaluate", "--model", str(package), "--data", str(folder), "--split", split, "--threads", "1", *more]
    )
    assert status == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def value(outcome: dict[str, Any], measure: str, baseline: str | bool = False) -> float:
    (entry,) = [r for r in outcome["results"] if r["measure"] == measure and r["baseline"] == baseline]
    return float(entry["value"])


def test_prints_and_records_the_same_numbers(
    own_package: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    drawn_shard(tmp_path)
    outcome = evaluate(own_package, tmp_path, capsys, "--record")
    assert outcome["images"] == 3
    assert outcome["patients"] == 2
    # d of the two marks is 1 - 16/24; each against an empty one is 1. Ordered pairs: 2 of 1/3, 8 of 1, 6 of 0.
    d_yy = (2 / 3 + 8) / 16
    assert value(outcome, "D_yy") == pytest.approx(d_yy, abs=1e-5)
    assert value(outcome, "GED_V", "always empty") == pytest.approx(2 * 0.5 - d_yy, abs=1e-5)
    union = 2 * (1 / 3 + 0 + 1 + 1) / 4 - d_yy
    assert value(outcome, "GED_V", "union of readers") == pytest.approx(union, abs=1e-5)
    assert value(outcome, "GED_V", "16 draws of the image's own readers, expected") == pytest.approx(
        d_yy / 16, abs=1e-5
    )
    ged_u = value(outcome, "GED_V@100") - value(outcome, "D_ss@100") / 99
    assert value(outcome, "GED_U(samples)@100") == pytest.approx(ged_u, abs=2e-5)
    manifest = json.loads((own_package / "manifest.json").read_text())
    (kept,) = manifest["results"]
    assert kept["value"] == value(outcome, "GED_V@16")
    assert f"{kept['value']:.3f}" in (own_package / "card.md").read_text()
    # A test run keeps every measure beside the check, and repeating either replaces it.
    (tmp_path / "lidc" / "val-0.npz").rename(tmp_path / "lidc" / "test-0.npz")
    whole = evaluate(own_package, tmp_path, capsys, "--record", split="test")
    again = evaluate(own_package, tmp_path, capsys, "--record", split="test")
    assert again == whole
    manifest = json.loads((own_package / "manifest.json").read_text())
    assert manifest["results"] == [kept, *whole["results"]]


def test_baselines_are_those_published_with_the_data(data: Path) -> None:
    """The figures of lidc/README.md for the test part, computed there by other code."""
    readings = load_patches(data, "test").readings(np.arange(466)).astype(bool)
    scored = [score_baselines(one) for one in readings]
    published = {
        "always empty": 0.9104,
        "majority, at least 2 of 4 readers": 0.2586,
        "majority, at least 3 of 4 readers": 0.2473,
        "union of readers": 0.6111,
        "one reader against the others": 0.6647,
    }
    for name, expected in published.items():
        assert np.mean([one[name]["GED_V"] for one in scored]) == pytest.approx(expected, abs=6e-5)


def test_disturbances_are_said_in_the_protocol(
    smoke_package: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    drawn_shard(tmp_path)
    outcome = evaluate(smoke_package, tmp_path, capsys, "--shift-px", "8", "--gamma", "1.25")
    assert "crop shifted by 8 px" in outcome["results"][0]["protocol"]
    assert "raised to 1.25" in outcome["results"][0]["protocol"]


def test_missing_data_is_one_line_and_status_two(
    smoke_package: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = main(["evaluate", "--model", str(smoke_package), "--data", str(tmp_path), "--split", "test"])
    assert status == 2
    assert "test-0.npz" in capsys.readouterr().err
