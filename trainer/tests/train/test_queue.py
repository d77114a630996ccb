"""The queue of trainings: killed with SIGKILL it goes on where it stood; its rule is held against simulation."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from conftest import SMALL_NETWORK, TRAINER
from test_layouts import patch_folder

from margin_trainer.experiment.kept import read_kept, take
from margin_trainer.experiment.plan import Comparison, Plan, read_plan
from margin_trainer.experiment.score_run import COMPARED, score_run
from margin_trainer.experiment.table import as_markdown, compare_rows
from margin_trainer.failure import TrainerError
from margin_trainer.measures.crossed import crossed_mean
from margin_trainer.reproduce.kept import kept_sections, refresh
from margin_trainer.train.checkpoint import read_checkpoint

ENVIRONMENT = os.environ | {"PYTHONPATH": str(TRAINER), "OMP_NUM_THREADS": "1"}

BASE = (
    """
name = "none"
seed = 9
report_seconds = 0
[data]
kind = "folder"
modality = "CT"
crop_px = 32
"""
    + SMALL_NETWORK
    + """
[[phase]]
objective = "elbo"
steps = 12
batch = 2
rate = 1e-3
[checkpoint]
minutes = 0
steps = 5
"""
)
QUEUE = """
name = "small"
seeds = [1, 2]
configs = ["none.toml", "planar.toml"]
[[comparison]]
first = "planar"
second = "none"
"""


@pytest.fixture
def queue_file(tmp_path: Path) -> Path:
    patch_folder(tmp_path / "data")
    (tmp_path / "none.toml").write_text(BASE)
    (tmp_path / "planar.toml").write_text('base = "none.toml"\nname = "planar"\n[network]\nflow = "planar"\n')
    (tmp_path / "queue.toml").write_text(QUEUE)
    return tmp_path / "queue.toml"


def command(queue_file: Path, runs: Path) -> list[str]:
    words = ["queue", str(queue_file), "--runs", str(runs), "--data", str(queue_file.parent / "data")]
    return [sys.executable, "-m", "margin_trainer", *words, "--results", str(runs / "results")]


def events(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines() if line.startswith('{"event"')]


def without_time(table: Path) -> Any:
    told = json.loads(table.read_text())
    for row in told["rows"]:
        assert row.pop("hours") >= 0
    return told


def test_killed_in_the_second_run_it_goes_on_there_and_ends_in_the_same_table(queue_file: Path, tmp_path: Path) -> None:
    whole = subprocess.run(command(queue_file, tmp_path / "whole"), capture_output=True, text=True, env=ENVIRONMENT)
    assert whole.returncode == 0, whole.stderr
    runs, text = tmp_path / "runs", ""
    with subprocess.Popen(command(queue_file, runs), stdout=subprocess.PIPE, text=True, env=ENVIRONMENT) as process:
        assert process.stdout is not None
        for line in process.stdout:
            text += line
            steps = [e for e in events(text) if e["event"] == "step"]
            # The second run of 12 steps, past its checkpoint of step 5.
            if len(steps) == 12 + 8:
                assert os.getpriority(os.PRIO_PROCESS, process.pid) == 19
                process.send_signal(signal.SIGKILL)
                break
        assert process.wait() == -signal.SIGKILL
    table = json.loads((runs / "small.json").read_text())
    assert [row["run"] for row in table["rows"]] == ["none-seed-1"]
    assert "1 of 4 runs ended" in (runs / "small.md").read_text()
    assert sorted(path.name for path in (runs / "results").iterdir()) == ["none-seed-1.json"]
    again = subprocess.run(command(queue_file, runs), capture_output=True, text=True, env=ENVIRONMENT)
    assert again.returncode == 0, again.stderr
    begun = [(e["run"], e["step"]) for e in events(again.stdout) if e["event"] == "start"]
    assert begun[0][0] == "planar-seed-1"
    assert begun[0][1] >= 5
    assert begun[1:] == [("none-seed-2", 0), ("planar-seed-2", 0)]
    assert without_time(runs / "small.json") == without_time(tmp_path / "whole" / "small.json")
    last = [read_checkpoint(folder / "planar-seed-1" / "last.pt")["model"] for folder in (runs, tmp_path / "whole")]
    assert all(torch.equal(last[0][name], last[1][name]) for name in last[1])
    idle = subprocess.run(command(queue_file, runs), capture_output=True, text=True, env=ENVIRONMENT)
    assert (idle.returncode, events(idle.stdout)) == (0, [])
    # A kept result is what scoring the run anew gives, and is all that a machine without the runs needs.
    plan = read_plan(queue_file)
    kept = read_kept(runs / "results", plan)
    assert kept == json.loads((runs / "small.json").read_text())["rows"]
    scored = score_run(runs / "none-seed-1", queue_file.parent / "data", "folder", threads=1)
    assert kept[0]["scores"] == {split: one.as_json() for split, one in scored.items()}
    shutil.rmtree(runs / "none-seed-1")
    shutil.rmtree(runs / "planar-seed-1")
    elsewhere = subprocess.run(command(queue_file, runs), capture_output=True, text=True, env=ENVIRONMENT)
    assert (elsewhere.returncode, events(elsewhere.stdout)) == (0, [])
    # The rows of another checkout's table are taken once, and only this plan's.
    assert take(tmp_path / "taken", plan, [kept[1], kept[0] | {"digest": "0" * 16}]) == ["planar-seed-1"]
    assert read_kept(tmp_path / "taken", plan) == [kept[1]]
    assert take(tmp_path / "taken", plan, kept) == ["none-seed-1", "none-seed-2", "planar-seed-2"]


def test_two_queues_do_not_share_a_folder_and_a_failed_run_does_not_hold_up_the_others(
    queue_file: Path, tmp_path: Path
) -> None:
    runs = tmp_path / "runs"
    (runs / "none-seed-1").mkdir(parents=True)
    (runs / "none-seed-1" / "last.pt").write_bytes(b"damaged")
    with subprocess.Popen(command(queue_file, runs), stdout=subprocess.PIPE, text=True, env=ENVIRONMENT) as process:
        assert process.stdout is not None
        first = json.loads(process.stdout.readline())
        assert (first["event"], first["run"]) == ("failed", "none-seed-1")
        # Held still, so that it has not finished by the time the other one has started.
        process.send_signal(signal.SIGSTOP)
        other = subprocess.run(command(queue_file, runs), capture_output=True, text=True, env=ENVIRONMENT)
        process.send_signal(signal.SIGCONT)
        assert other.returncode == 2
        assert "another queue is at work here" in other.stderr
        assert process.stdout.read().count('"event": "row"') == 3
        assert process.wait() == 2
    rows = json.loads((runs / "small.json").read_text())["rows"]
    assert [row["run"] for row in rows] == ["planar-seed-1", "none-seed-2", "planar-seed-2"]
    changed = (queue_file.parent / "none.toml").read_text().replace("rate = 1e-3", "rate = 2e-3")
    (queue_file.parent / "none.toml").write_text(changed)
    assert read_kept(runs / "results", read_plan(queue_file)) == []
    refused = subprocess.run(command(queue_file, runs), capture_output=True, text=True, env=ENVIRONMENT)
    assert refused.returncode == 2
    assert "planar-seed-1: was trained by another configuration" in refused.stderr
    for name in ("none-seed-1", "none-seed-2", "planar-seed-1", "planar-seed-2"):
        shutil.rmtree(runs / name)
    again = subprocess.run(command(queue_file, runs), capture_output=True, text=True, env=ENVIRONMENT)
    assert again.returncode == 0
    begun = [(e["run"], e["step"]) for e in events(again.stdout) if e["event"] == "start"]
    assert begun == [("none-seed-1", 0), ("planar-seed-1", 0), ("none-seed-2", 0), ("planar-seed-2", 0)]
    after = read_kept(runs / "results", read_plan(queue_file))
    assert {row["digest"] for row in rows}.isdisjoint(row["digest"] for row in after)
    (runs / "results" / "none-seed-1.json").write_text("{")
    with pytest.raises(TrainerError, match=r"none-seed-1\.json: damaged result"):
        read_kept(runs / "results", read_plan(queue_file))


def test_the_results_page_says_what_is_kept_and_is_written_again_from_there_alone(tmp_path: Path) -> None:
    page = TRAINER.parent / "docs" / "results.md"
    made = kept_sections(TRAINER / "queues", TRAINER.parent / "docs" / "results")
    copy = tmp_path / "results.md"
    copy.write_text(page.read_text())
    refresh(copy, made)
    assert copy.read_text() == page.read_text(), "write it with: python -m margin_trainer results"
    refresh(copy, {name: f"<!-- kept: {name} -->\nold of {name}\n<!-- end: {name} -->" for name in made})
    assert all(f"old of {name}" in copy.read_text() for name in made)
    refresh(copy, made)
    assert copy.read_text() == page.read_text()
    copy.write_text("nothing")
    with pytest.raises(TrainerError, match="has not one place for 'flow by the elbo'"):
        refresh(copy, made)


MISTAKES = [
    ('name = "small"', 'name = "a/b"', "name: words that can name a file"),
    ("seeds = [1, 2]", "seeds = [1, true]", "seeds: a list of whole numbers"),
    ("seeds = [1, 2]", "seeds = [1, 1]", "seeds: one of them stands there twice"),
    ('"planar.toml"]', '"absent.toml"]', r"absent\.toml: cannot be read"),
    ('second = "none"', 'second = "glow"', "'glow' is not among the configurations"),
    ('second = "none"', "", "tables of first and second"),
    ('name = "small"', 'name = "small"\nthreads = 2', "unknown option threads"),
]


@pytest.mark.parametrize(("right", "wrong", "words"), MISTAKES)
def test_mistakes_in_a_queue_are_named(right: str, wrong: str, words: str, queue_file: Path) -> None:
    assert right in QUEUE
    queue_file.write_text(QUEUE.replace(right, wrong, 1))
    with pytest.raises(TrainerError, match=words):
        read_plan(queue_file)


def test_the_shipped_queue_trains_what_is_compared_one_after_another_and_differs_in_the_flow_alone() -> None:
    plan = read_plan(TRAINER / "queues" / "flow-by-the-elbo.toml")
    assert len(plan.runs) == len({run.name for run in plan.runs}) == 48
    assert [run.config.seed for run in plan.runs] == [seed for seed in range(1, 9) for _ in range(6)]
    for run in plan.runs:
        (phase,) = run.config.phase
        assert (phase.objective, phase.steps, run.config.validation.minutes) == ("elbo", 2500, 0.0)
    assert {run.config.network.flow for run in plan.runs} == {"none", "planar", "glow"}


def rows_of(values: dict[str, list[list[float]]]) -> list[dict[str, Any]]:
    """{configuration: [seed][patient]} as rows of a table."""
    return [
        {
            "configuration": name,
            "seed": seed,
            "steps": 1,
            "hours": 0.5,
            "scores": {
                split: {
                    "means": {COMPARED: 0.3, "model error": 0.1, "HM-IoU@16": 0.5},
                    "patients": {COMPARED: {f"p{k}": value for k, value in enumerate(one)}},
                }
                for split in ("test", "validation")
            },
        }
        for name, of in values.items()
        for seed, one in enumerate(of, start=1)
    ]


def test_the_rule_concludes_nothing_before_every_seed_is_there() -> None:
    comparison = Comparison("planar", "none")
    plan = Plan("small", (1, 2, 3), (), (comparison,))
    values = {"planar": [[0.2, 0.3], [0.21, 0.29], [0.2, 0.3]], "none": [[0.3, 0.4], [0.31, 0.39], [0.3, 0.4]]}
    part = compare_rows(rows_of({name: of[:2] for name, of in values.items()}), plan, comparison, "test")
    assert part["by seed"] == pytest.approx([-0.1, -0.1])
    assert not part.keys() & {"interval", "value", "excludes 0"}
    assert "not yet" in as_markdown(plan, rows_of({name: of[:2] for name, of in values.items()}))
    whole = compare_rows(rows_of(values), plan, comparison, "test")
    assert (whole["value"], whole["excludes 0"]) == (pytest.approx(-0.1), True)


def test_the_interval_over_seeds_and_patients_covers_what_it_says() -> None:
    """Simulated with the sizes that were measured: seeds 0.01, patients 0.03, rest 0.03; and with seeds that agree."""
    generator = np.random.default_rng(20260726)
    for sd_seeds, lowest in ((0.01, 0.93), (0.0, 0.95)):
        rounds, covered, narrow = 1500, 0, 0
        for _ in range(rounds):
            seeds = generator.normal(0, sd_seeds, (8, 1)) if sd_seeds else np.zeros((8, 1))
            patients = generator.normal(0, 0.03, (1, 150))
            found = crossed_mean(0.005 + seeds + patients + generator.normal(0, 0.03, (8, 150)))
            covered += found.low <= 0.005 <= found.high
            # What an interval over patients alone would say: seeds left out of it.
            half = 1.96 * found.sd_patients / np.sqrt(150)
            narrow += abs(found.value - 0.005) <= half
        assert lowest <= covered / rounds <= 0.985
        if sd_seeds:
            assert narrow / rounds < 0.85


def test_equal_values_have_an_interval_of_no_width_and_too_few_are_refused() -> None:
    found = crossed_mean(np.full((3, 4), 0.25))
    assert (found.value, found.low, found.high) == (0.25, 0.25, 0.25)
    with pytest.raises(ValueError, match="two of each"):
        crossed_mean(np.zeros((1, 9)))
