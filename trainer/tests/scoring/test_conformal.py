"""Calibrated intervals of sizes: the guarantee by simulation, the product's numbers, tables that are refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import TRAINER
from test_evaluate import drawn_shard

from margin_trainer.__main__ import main
from margin_trainer.calibration import calibration_of, scope_of
from margin_trainer.failure import TrainerError
from margin_trainer.measures.conformal import adjusted_level, interval_at, score_of
from margin_trainer.package import read_manifest
from margin_trainer.scoring.conformal import record

REPOSITORY = TRAINER.parent
FIXTURE = json.loads((REPOSITORY / "test" / "fixtures" / "calibration.json").read_text())


def test_a_reading_lies_inside_exactly_from_its_score_on() -> None:
    generator = np.random.default_rng(88)
    for _ in range(400):
        sizes = generator.integers(1, 40, size=int(generator.integers(1, 30))).astype(np.float64)
        reading = float(generator.integers(1, 60))
        score = score_of(sizes, reading)
        for level in (score - 1e-7, score, score + 1e-7):
            low, high = interval_at(sizes, max(level, 0.0))
            if level < 0:
                continue
            inside = low * (1 - 1e-9) <= reading <= high * (1 + 1e-9)
            assert inside == (level >= score), (sizes.tolist(), reading, level)


def test_level_0_is_the_median_1_the_range_and_beyond_it_grows_in_the_logarithm() -> None:
    sizes = np.array([3.0, 1.0, 4.0, 10.0])
    assert interval_at(sizes, 0.0) == (3.5, 3.5)
    assert interval_at(sizes, 1.0) == (1.0, 10.0)
    assert interval_at(sizes, 1.5) == pytest.approx((np.exp(-0.5), 10 * np.exp(0.5)))
    assert score_of(sizes, 20.0) == pytest.approx(1 + np.log(2))


def test_a_further_patients_reading_is_covered_as_often_as_said_whatever_the_model() -> None:
    """Samples far too narrow, readers of a patient who agree with each other, patients with 1 to 8 readings."""
    generator = np.random.default_rng(3)
    rounds, share = 1500, 0.8
    hits = []
    for _ in range(rounds):
        scores, patients = [], []
        for patient in range(31):
            shift = generator.normal(0, 0.5)
            for _ in range(int(generator.integers(1, 9))):
                samples = np.exp(generator.normal(0, 0.1, 20))
                scores.append(score_of(samples, float(np.exp(shift + generator.normal(0, 0.2)))))
                patients.append(f"{patient:02d}")
        held = [k for k, patient in enumerate(patients) if patient == "30"]
        level = adjusted_level(scores[: held[0]], patients[: held[0]], share)
        assert level is not None
        hits.append(np.mean([scores[k] <= level for k in held]))
    # At least the share, and at most one patient in 31 more; four standard errors of the simulation.
    error = 4 * np.std(hits) / np.sqrt(rounds)
    assert share - error <= np.mean(hits) <= share + 1 / 31 + error


def test_few_patients_cannot_say_95_percent() -> None:
    names = [f"{k}" for k in range(18)]
    assert adjusted_level([0.5] * 18, names, 0.95) is None
    assert adjusted_level([0.5] * 19, [*names, "18"], 0.95) == 0.5
    # Many readings of one patient are still one patient.
    assert adjusted_level([0.5] * 400, ["one"] * 400, 0.5) is not None
    assert adjusted_level([0.5] * 400, ["one"] * 400, 0.95) is None


@pytest.mark.parametrize("one", FIXTURE["intervals"])
def test_intervals_are_those_of_the_shared_vectors(one: dict[str, Any]) -> None:
    found = interval_at(np.array(one["sizes"], dtype=np.float64), one["level"])
    assert found == pytest.approx((one["low"], one["high"]), rel=1e-12)


def with_table(manifest: dict[str, Any]) -> dict[str, Any]:
    """A manifest of format version 2 with the fixture's table, within its own scope."""
    return manifest | {"formatVersion": 2, "calibration": FIXTURE["table"] | {"scope": scope_of(manifest)}}


@pytest.mark.parametrize("wrong", FIXTURE["refused"], ids=lambda one: one["why"])
def test_a_table_that_a_package_cannot_mean_is_refused(wrong: dict[str, Any], smoke_package: Path) -> None:
    manifest = json.loads(json.dumps(with_table(read_manifest(smoke_package))))
    assert calibration_of(manifest) is not None
    at = manifest
    for key in wrong["at"][:-1]:
        at = at[key]
    if "value" in wrong:
        at[wrong["at"][-1]] = wrong["value"]
    else:
        del at[wrong["at"][-1]]
    with pytest.raises(TrainerError, match="calibration"):
        calibration_of(manifest)


def test_a_table_is_written_beside_the_draws_and_read_again_and_too_few_patients_are_told(
    own_package: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    drawn_shard(tmp_path)
    assert main(["directions", "--models", str(own_package), "--data", str(tmp_path)]) == 0
    before = read_manifest(own_package)
    shutil.copy(tmp_path / "lidc" / "val-0.npz", tmp_path / "lidc" / "test-0.npz")
    assert main(["conformal", "--models", str(own_package), "--data", str(tmp_path), "--record"]) == 2
    assert "patients are too few to calibrate 95 %: 20 are needed" in capsys.readouterr().err
    assert read_manifest(own_package) == before
    record(own_package, with_table(before)["calibration"])
    after = read_manifest(own_package)
    assert calibration_of(after) == FIXTURE["table"] | {"scope": scope_of(before)}
    assert {key: value for key, value in after.items() if key != "calibration"} == before
    assert "## Calibrated intervals of sizes" in (own_package / "card.md").read_text()


def test_shipped_tables_are_those_that_were_measured_on_these_graphs() -> None:
    kept = json.loads((REPOSITORY / "docs" / "results" / "calibrated-sizes.json").read_text())
    assert {"lidc-cflow-planar", "lidc-probunet", "lidc-cflow-glow"} <= set(kept)
    for name, outcome in kept.items():
        manifest = read_manifest(REPOSITORY / "models" / name)
        table = calibration_of(manifest)
        assert table is not None
        assert outcome["graphs"] == [manifest["graphs"][role]["sha256"] for role in ("encoder", "sampler")]
        for row in outcome["rows"]:
            told = table["sizes"][row["size"]][str(row["percent"])]
            assert (told["level"], told["covered"]) == (row["level"], row["after"]["covered"])
