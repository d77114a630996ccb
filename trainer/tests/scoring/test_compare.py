"""The compare command and the store behind it: the same numbers as evaluate, never a stale one."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper
from test_data import write_shard
from test_evaluate import drawn_shard, evaluate

from margin_trainer.__main__ import main
from margin_trainer.data.lidc import Disturbance
from margin_trainer.package import sha256_of
from margin_trainer.scoring.evaluate import Protocol
from margin_trainer.scoring.scored import ScoreStore

PROTOCOL = Protocol(split="validation", seed=1, disturbance=Disturbance())


def changed_copy(package: Path, folder: Path) -> Path:
    """The package with its last bias raised: other graphs, another id, an honest manifest."""
    shutil.copytree(package, folder)
    path = folder / "sampler.onnx"
    graph = onnx.load(str(path))
    last = next(t for t in graph.graph.initializer if t.name == graph.graph.node[-1].input[-1])
    last.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(last) + np.float32(1.5), last.name))
    onnx.save(graph, str(path))
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["id"] = folder.name
    manifest["graphs"]["sampler"]["sha256"] = sha256_of(path)
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def last_bias_is_an_initializer(package: Path) -> bool:
    graph = onnx.load(str(package / "sampler.onnx")).graph
    return any(t.name == graph.node[-1].input[-1] for t in graph.initializer)


def test_differences_are_those_of_the_printed_means(
    smoke_package: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert last_bias_is_an_initializer(smoke_package)
    drawn_shard(tmp_path)
    other = changed_copy(smoke_package, tmp_path / "other")
    status = main(["compare", "--models", str(smoke_package), str(other), "--data", str(tmp_path), "--threads", "1"])
    assert status == 0
    found = json.loads(capsys.readouterr().out)
    assert found["models"] == ["smoke", "other"]
    assert (found["images"], found["patients"], found["partial"]) == (3, 2, False)
    store = ScoreStore(tmp_path, None, threads=1)
    for row in found["differences"]:
        # Patient 1 has two images, patient 2 has one: each patient counts once.
        means = []
        for package in (smoke_package, other):
            a, b, c = (r.scores[row["measure"]] for r in store.score(package, PROTOCOL).records)
            assert a is not None
            assert b is not None
            assert c is not None
            means.append(((a + b) / 2 + c) / 2)
        assert row["value"] == pytest.approx(means[0] - means[1], abs=1e-12)
    assert any(row["value"] != 0 for row in found["differences"])


def test_kept_scores_are_what_evaluate_prints(
    smoke_package: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    drawn_shard(tmp_path)
    printed = evaluate(smoke_package, tmp_path, capsys)
    assert not printed["partial"]
    for _ in range(2):
        scored = ScoreStore(tmp_path, tmp_path / "kept", threads=1).score(smoke_package, PROTOCOL)
        assert scored.outcome() == printed
    (kept,) = (tmp_path / "kept").glob("*.json")
    kept.write_text(kept.read_text()[:-40])
    assert ScoreStore(tmp_path, tmp_path / "kept", threads=1).score(smoke_package, PROTOCOL).outcome() == printed


def test_nothing_that_matters_is_answered_from_the_store(smoke_package: Path, tmp_path: Path) -> None:
    """Other graphs, data, seed, disturbance, limit: each is scored anew; only the same again is not."""
    drawn_shard(tmp_path)
    counted: list[str] = []

    def score(package: Path, protocol: Protocol = PROTOCOL, anew: bool = False) -> bool:
        """Whether anything was computed."""
        counted.clear()
        store = ScoreStore(tmp_path, tmp_path / "kept", 1, lambda what, _done, _total: counted.append(what))
        store.score(package, protocol, anew)
        return bool(counted)

    assert score(smoke_package)
    assert not score(smoke_package)
    assert score(changed_copy(smoke_package, tmp_path / "other"))
    assert score(smoke_package, replace(PROTOCOL, seed=2))
    assert score(smoke_package, replace(PROTOCOL, disturbance=Disturbance(gamma=0.8)))
    assert score(smoke_package, replace(PROTOCOL, limit=2))
    assert score(smoke_package, anew=True)
    with np.load(tmp_path / "lidc" / "val-0.npz") as shard:
        arrays = dict(shard)
    arrays["masks"][2, 3, 60, 7] = 1
    write_shard(tmp_path, arrays)
    assert score(smoke_package)
    assert not score(smoke_package)
    manifest = json.loads((smoke_package / "manifest.json").read_text())
    renamed = tmp_path / "renamed"
    shutil.copytree(smoke_package, renamed)
    (renamed / "manifest.json").write_text(json.dumps(manifest | {"id": "renamed"}))
    assert not score(renamed)
