"""Even draws of a package: directions from its own graph, written into the manifest alone; bad ones are refused."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import SmokeRun
from test_evaluate import drawn_shard, evaluate, value

from margin_trainer.__main__ import main
from margin_trainer.data.open import open_data
from margin_trainer.export.directions import add_directions, latent_weights, usual_sigma
from margin_trainer.export.write_package import write_package
from margin_trainer.failure import TrainerError
from margin_trainer.package import open_package, read_manifest
from margin_trainer.sampling.even import even_normals, principal_directions

Manifest = dict[str, Any]


@pytest.fixture
def even_package(smoke_package: Path, smoke_run: SmokeRun, tmp_path: Path) -> Path:
    folder = tmp_path / "smoke"
    shutil.copytree(smoke_package, folder)
    add_directions(folder, open_data(smoke_run.config, Path("unused")).validation)
    return folder


def test_only_manifest_and_card_change_and_export_writes_the_same(
    even_package: Path, smoke_package: Path, smoke_run: SmokeRun, tmp_path: Path
) -> None:
    differing = {p.name for p in even_package.iterdir() if p.read_bytes() != (smoke_package / p.name).read_bytes()}
    assert differing == {"manifest.json", "card.md"}
    before, after = read_manifest(smoke_package), read_manifest(even_package)
    assert (before["draws"], after["draws"]["kind"]) == ({"kind": "independent"}, "even")
    assert {k: v for k, v in before.items() if k != "draws"} == {k: v for k, v in after.items() if k != "draws"}
    assert "spread evenly unless asked otherwise" in (even_package / "card.md").read_text()
    cases = open_data(smoke_run.config, Path("unused")).validation
    write_package(smoke_run.folder, tmp_path / "exported", "a test", cases=cases)
    assert read_manifest(tmp_path / "exported")["draws"] == after["draws"]
    # A package of format version 1, as was shipped before, becomes one of version 2.
    old = {k: v for k, v in before.items() if k != "draws"} | {"formatVersion": 1}
    shutil.copytree(smoke_package, tmp_path / "old")
    (tmp_path / "old" / "manifest.json").write_text(json.dumps(old))
    assert open_package(tmp_path / "old")[0].directions is None
    add_directions(tmp_path / "old", cases)
    assert read_manifest(tmp_path / "old") == after


def test_directions_are_those_of_the_recombination_at_the_usual_width(even_package: Path, smoke_run: SmokeRun) -> None:
    package, manifest = open_package(even_package)
    model = smoke_run.trainer.average.shadow
    assert model.recombination.from_latent is not None
    weights = model.recombination.from_latent.weight.detach().numpy()
    found = latent_weights(even_package / "sampler.onnx")
    assert np.abs(found - weights).max() < 1e-6
    sigma = usual_sigma(package, open_data(smoke_run.config, Path("unused")).validation)
    assert sigma.shape == (manifest["latent"]["dimension"],)
    assert package.directions is not None
    assert np.array_equal(package.directions, principal_directions(found, sigma))
    encoding = package.encode(np.zeros((1, 1, 16, 16), np.float32))
    drawn = package.latents(encoding, 3, np.arange(5), "even")
    noise = even_normals(3, np.arange(5), package.directions)
    assert np.abs(drawn - (encoding.mean + np.exp(encoding.log_variance / 2) * noise)).max() < 1e-6


def test_the_command_learns_on_validation_and_evaluate_prints_both(
    own_package: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    drawn_shard(tmp_path)
    before = evaluate(own_package, tmp_path, capsys)
    assert not [r for r in before["results"] if r["measure"].endswith("even")]
    assert main(["directions", "--models", str(own_package), "--data", str(tmp_path)]) == 0
    assert json.loads(capsys.readouterr().out) == {"package": str(own_package), "draws": "even", "cases": 3}
    after = evaluate(own_package, tmp_path, capsys)
    for measure in ("GED_V@16, expected", "GED_V@100", "model error"):
        assert value(after, measure) == value(before, measure)
    for measure in ("GED_V@16, even", "GED_V@100, even", "HM-IoU@16, even", "Dice(a)@100, even"):
        assert 0 <= value(after, measure) < 2


def version_one(manifest: Manifest) -> str:
    manifest["formatVersion"] = 1
    return "format version 1 has none; even draws need version 2"


def version_three(manifest: Manifest) -> str:
    manifest["formatVersion"] = 3
    return "formatVersion is not 1 or 2"


def missing(manifest: Manifest) -> str:
    del manifest["draws"]
    return "kind 'even' with directions, or kind 'independent'"


def without_directions(manifest: Manifest) -> str:
    del manifest["draws"]["directions"]
    return "kind 'even' with directions"


def another_latent(manifest: Manifest) -> str:
    manifest["draws"]["directions"] = np.eye(5).tolist()
    return r"\(5, 5\) numbers for a latent of 6 dimensions"


def ragged(manifest: Manifest) -> str:
    manifest["draws"]["directions"][2].pop()
    return "not a table of numbers"


def uneven(manifest: Manifest) -> str:
    manifest["draws"]["directions"][0][0] += 2.0**-30
    return r"not multiples of 2\^-20"


def stretched(manifest: Manifest) -> str:
    manifest["draws"]["directions"] = (2 * np.eye(6)).tolist()
    return "not orthonormal"


def too_many(manifest: Manifest) -> str:
    manifest["latent"]["dimension"] = 17
    manifest["draws"]["directions"] = np.eye(17).tolist()
    return "a latent of 1 to 16 dimensions, not 17"


SPOILT = [version_one, version_three, missing, without_directions, another_latent, ragged, uneven, stretched, too_many]


@pytest.mark.parametrize("spoil", SPOILT)
def test_draws_that_a_package_cannot_mean_are_refused(spoil: Callable[[Manifest], str], even_package: Path) -> None:
    path = even_package / "manifest.json"
    manifest = json.loads(path.read_text())
    words = spoil(manifest)
    path.write_text(json.dumps(manifest))
    with pytest.raises(TrainerError, match=words):
        open_package(even_package)


def test_even_draws_without_directions_are_refused(smoke_package: Path) -> None:
    package, _ = open_package(smoke_package)
    encoding = package.encode(np.zeros((1, 1, 16, 16), np.float32))
    with pytest.raises(ValueError, match="the package has no directions"):
        package.latents(encoding, 1, np.arange(2), "even")
