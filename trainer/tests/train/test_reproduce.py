"""The results page: numbers as `evaluate` prints them, nothing stale, nothing guessed, hand-written text kept."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import TRAINER, SmokeRun
from test_compare import changed_copy
from test_data import write_shard
from test_evaluate import drawn_shard, evaluate, value

from margin_trainer.data.lidc import Disturbance
from margin_trainer.failure import TrainerError
from margin_trainer.reproduce.command import Reproduction, config_of, reproduce
from margin_trainer.reproduce.gather import Gathered
from margin_trainer.reproduce.kept import kept_sections
from margin_trainer.reproduce.page import compose, sections
from margin_trainer.reproduce.table_one import PAPER, ROWS
from margin_trainer.scoring.evaluate import Protocol
from margin_trainer.scoring.scored import ScoreStore

TEMPLATE = TRAINER.parent / "docs" / "results.template.md"
TEST = Protocol(split="test", seed=1, disturbance=Disturbance())


def prepared(package: Path, folder: Path) -> Reproduction:
    """Two packages of the table, the repository's template, a drawn test part."""
    drawn_shard(folder)
    (folder / "lidc" / "val-0.npz").rename(folder / "lidc" / "test-0.npz")
    (folder / "docs").mkdir()
    shutil.copy(TEMPLATE, folder / "docs")
    changed_copy(package, folder / "models" / "lidc-probunet")
    shutil.copytree(package, folder / "models" / "lidc-cflow-planar")
    manifest = folder / "models" / "lidc-cflow-planar" / "manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"id": "lidc-cflow-planar"}))
    return Reproduction(
        models=folder / "models",
        runs=folder / "runs",
        docs=folder / "docs",
        configs=folder / "configs",
        page=folder / "docs" / "results.md",
        hardware="a test",
        queues=TRAINER / "queues",
    )


def write(plan: Reproduction, folder: Path) -> tuple[str, list[str]]:
    """The page, and the packages that were scored for it."""
    scored: list[str] = []
    store = ScoreStore(folder, folder / "kept", 1, lambda what, _done, _total: scored.append(what))
    reproduce(plan, store, None, None)
    return plan.page.read_text(encoding="utf-8"), scored


def test_the_page_says_what_evaluate_prints_and_is_quick_again(
    smoke_package: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = prepared(smoke_package, tmp_path)
    page, scored = write(plan, tmp_path)
    assert set(scored) == {"lidc-cflow-planar", "lidc-probunet"}
    lungs = page[: page.index("## Retinal vessels")]
    for name, words in (("lidc-probunet", "Probabilistic U-Net (K = 0)"), ("lidc-cflow-planar", "cFlow Net, planar")):
        printed = evaluate(plan.models / name, tmp_path, capsys, split="test")
        (line,) = [row for row in lungs.splitlines() if row.startswith(f"| {words} | all")]
        for measure in ("GED_V@16, expected", "GED_V@100", "model error", "HM-IoU@16, expected", "Dice(a)@100"):
            assert f"{value(printed, measure):.3f} (" in line
        assert f"{value(printed, '-CLL@100'):.1f} (" in line
        assert f"| union of readers | {value(printed, 'GED_V', 'union of readers'):.3f}" in page
    (empty,) = [row for row in page.splitlines() if row.startswith("| cFlow Net, Glow | all | 0.302")]
    assert empty == "| cFlow Net, Glow | all | 0.302 |  |  |  |  | 0.704 |  | 49.2 |  |  |"
    assert "lidc-cflow-planar less lidc-probunet, 2 patients" in page
    assert "crop shifted by 16 px both ways" in page
    assert (plan.page.parent / "pictures" / "results-lidc.png").exists()
    again, scored = write(plan, tmp_path)
    assert (again, scored) == (page, [])
    shutil.rmtree(plan.models / "lidc-probunet")
    without, scored = write(plan, tmp_path)
    assert scored == []
    assert "lidc-cflow-planar less lidc-probunet" not in without


def test_runs_that_are_not_shipped_are_recorded_for_their_data_alone(
    smoke_package: Path, smoke_run: SmokeRun, tmp_path: Path
) -> None:
    plan = prepared(smoke_package, tmp_path)
    shutil.rmtree(plan.models / "lidc-probunet")
    name = "lidc-cflow-planar-one-reading"
    shutil.copytree(smoke_run.folder, plan.runs / name)
    shutil.copytree(smoke_run.folder, plan.runs / f"{name}-seed-2")
    (plan.runs / "lidc-cflow-glow").mkdir()
    shutil.copy(smoke_run.folder / "best.pt", plan.runs / "lidc-cflow-glow")
    page, scored = write(plan, tmp_path)
    # Its graphs are those of the package beside it, which was scored just before: only its posterior is new.
    assert set(scored) == {"lidc-cflow-planar", f"{name}, -CLL"}
    (row,) = [line for line in page.splitlines() if line.startswith("| cFlow Net, planar ¹ | one")]
    (seeds,) = [line for line in page.splitlines() if line.startswith("| lidc: cflow-planar, one reading ¹ | 1, 2 |")]
    # An unfinished run is no result.
    assert "| cFlow Net, Glow | all | 0.302 |  |  |" in page
    shutil.rmtree(plan.runs)
    page, scored = write(plan, tmp_path)
    assert row.replace("¹", "²") in page.splitlines()
    assert seeds.replace("¹", "²") in page.splitlines()
    assert scored == []
    assert f"| {name} |" in page
    with_other_data = dict(_arrays(tmp_path))
    with_other_data["masks"][0, 3, 61, 7] = 1
    write_shard(tmp_path, with_other_data)
    (tmp_path / "lidc" / "val-0.npz").replace(tmp_path / "lidc" / "test-0.npz")
    page, _ = write(plan, tmp_path)
    assert "²" not in page
    assert f"Left out: {name} was recorded on other data" in page


def test_another_seed_is_averaged_and_recorded(
    smoke_package: Path, smoke_run: SmokeRun, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The other seed's run is the smoke run itself, whose package stands beside it changed: two values, mean and sd."""
    plan = prepared(smoke_package, tmp_path)
    shutil.copytree(smoke_run.folder, plan.runs / "lidc-probunet-seed-2")
    page, _ = write(plan, tmp_path)
    values = [
        value(evaluate(plan.models / name, tmp_path, capsys, split="test"), "GED_V@100")
        for name in ("lidc-probunet", "lidc-cflow-planar")
    ]
    (row,) = [line for line in page.splitlines() if line.startswith("| lidc: probunet | 1, 2 |")]
    assert f"| {np.mean(values):.3f} ± {np.std(values, ddof=1):.3f} |" in row
    shutil.rmtree(plan.runs)
    again, _ = write(plan, tmp_path)
    assert row in again.splitlines()


def _arrays(folder: Path) -> dict[str, Any]:
    with np.load(folder / "lidc" / "test-0.npz") as shard:
        return dict(shard)


def test_a_partial_result_does_not_replace_the_page(smoke_package: Path, tmp_path: Path) -> None:
    plan = prepared(smoke_package, tmp_path)
    store = ScoreStore(tmp_path, None, threads=1)
    with pytest.raises(TrainerError, match="a partial result does not replace"):
        reproduce(plan, store, 2, None)
    elsewhere = Reproduction(**{**plan.__dict__, "page": tmp_path / "other" / "partial.md"})
    reproduce(elsewhere, store, 2, None)
    assert "Partial: 2 images" in elsewhere.page.read_text(encoding="utf-8")
    assert not plan.page.exists()
    assert not (plan.docs / "results").exists()


def test_training_fills_only_what_is_missing(smoke_package: Path, smoke_run: SmokeRun, tmp_path: Path) -> None:
    plan = prepared(smoke_package, tmp_path)
    (plan.configs / "lidc").mkdir(parents=True)
    names = ("lidc-cflow-planar", "lidc-cflow-glow", "lidc-probunet-one-reading")
    for name in names:
        config_of(plan.configs, name).write_text("")
    trained = []

    def train(config: Path) -> None:
        trained.append(config.stem)
        shutil.copytree(smoke_run.folder, plan.runs / config.stem)

    elsewhere = Reproduction(**{**plan.__dict__, "page": tmp_path / "other.md"})
    reproduce(elsewhere, ScoreStore(tmp_path, None, threads=1), 1, train)
    assert trained == ["lidc-cflow-glow", "lidc-probunet-one-reading"]
    assert (plan.models / "lidc-cflow-glow" / "manifest.json").exists()
    assert not (plan.models / "lidc-probunet-one-reading").exists()


def test_the_template_has_a_place_for_every_section_and_keeps_its_text(tmp_path: Path) -> None:
    made = sections(Gathered(), TEST, [], {}) | kept_sections(TRAINER / "queues", TRAINER.parent / "docs" / "results")
    page = compose(TEMPLATE, made)
    assert "<!-- generated:" not in page
    text = TEMPLATE.read_text(encoding="utf-8")
    kept = [line for line in text.splitlines() if line and not line.startswith("<!-- generated:")]
    # All of it, in its order: what is generated may hold the same line, as the rule of a table is.
    lines = iter(page.splitlines())
    assert [line for line in kept if line not in lines] == []
    other = tmp_path / "template.md"
    other.write_text(text.replace("<!-- generated: training -->", "<!-- generated: trainings -->"))
    with pytest.raises(TrainerError, match="no generated section is called 'trainings'"):
        compose(other, made)
    other.write_text(text.replace("<!-- generated: training -->", ""))
    with pytest.raises(TrainerError, match="has no place for 'training'"):
        compose(other, made)


def test_the_paper_is_quoted_for_rows_of_the_table_only() -> None:
    rows = {(row.data_set, row.kind, row.one_reading) for row in ROWS}
    assert set(PAPER) <= rows
    assert len(rows) == len(ROWS) == 16
