"""Folding and export: the same numbers in Torch and ONNX Runtime, in any chunk; a damaged package is refused."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from conftest import SmokeRun
from torch import nn

from margin_trainer.config import NetworkConfig
from margin_trainer.data.phantom import PhantomSet
from margin_trainer.export.encoder import EncoderGraph, export_encoder
from margin_trainer.export.fold import folded
from margin_trainer.export.half import rounded
from margin_trainer.export.sampler import SamplerGraph, export_sampler
from margin_trainer.export.weights import read_weights
from margin_trainer.failure import TrainerError
from margin_trainer.networks.segmenter import Segmenter
from margin_trainer.package import Package, open_package
from margin_trainer.sampling.philox import latent_draws, standard_normals
from margin_trainer.train.validation import validate

TINY = NetworkConfig(filters=(4, 8, 8, 16), fusion_width=8, latent_dimension=6)


def lived_in(config: NetworkConfig = TINY, seed: int = 1) -> Segmenter:
    """A model whose normalisations have statistics and scales of their own, as after training."""
    torch.manual_seed(seed)
    model = Segmenter(config).eval()
    with torch.no_grad():
        for module in model.modules():
            if isinstance(module, nn.BatchNorm2d):
                assert module.running_mean is not None
                assert module.running_var is not None
                module.running_mean.normal_(0, 0.3)
                module.running_var.uniform_(0.3, 3)
                module.weight.uniform_(0.5, 1.5)
                module.bias.normal_(0, 0.3)
    return model


def exported(model: Segmenter, folder: Path) -> Package:
    export_encoder(model, folder / "encoder.onnx")
    export_sampler(model, folder / "sampler.onnx")
    return Package(folder / "encoder.onnx", folder / "sampler.onnx", threads=1)


@pytest.mark.parametrize("channels", [1, 3])
def test_folded_is_the_naive_graph(channels: int) -> None:
    model = lived_in(replace(TINY, channels=channels))
    graph = EncoderGraph(model).eval()
    assert not any(isinstance(m, nn.BatchNorm2d) for m in graph.modules())
    for height, width in ((8, 24), (40, 56)):
        image = torch.rand(1, channels, height, width)
        with torch.no_grad():
            features, mean, log_variance = graph(image)
            part, prior = model.encode(image)
        assert (features - part).abs().max() <= 1e-5 * part.abs().max()
        assert (mean - prior.mean).abs().max() < 1e-5
        assert (log_variance - 2 * prior.log_sigma).abs().max() < 1e-5


def test_folding_a_shifted_normalisation_is_exact_at_the_border() -> None:
    """Convolution then normalisation folds with its shift; the zero padding lies before both."""
    torch.manual_seed(3)
    pair = nn.Sequential(nn.Conv2d(2, 3, 3, padding=1), nn.BatchNorm2d(3)).eval().double()
    assert isinstance(pair[1], nn.BatchNorm2d)
    assert pair[1].running_mean is not None
    pair[1].running_mean.fill_(5.0)
    image = torch.randn(1, 2, 6, 6, dtype=torch.float64)
    with torch.no_grad():
        assert (folded(pair)(image) - pair(image)).abs().max() < 1e-12


@pytest.mark.parametrize("channels", [1, 3])
def test_torch_equals_onnx_runtime(channels: int, tmp_path: Path) -> None:
    model = lived_in(replace(TINY, channels=channels))
    package = exported(model, tmp_path)
    graph = rounded(EncoderGraph(model)).eval()
    generator = np.random.default_rng(4)
    for _ in range(20):
        height, width = 8 * generator.integers(1, 8, size=2)
        image = generator.random((1, channels, height, width), dtype=np.float32)
        z = generator.standard_normal((3, 6), dtype=np.float32)
        encoding = package.encode(image)
        with torch.no_grad():
            features, _, log_variance = graph(torch.from_numpy(image))
            same_kernels = SamplerGraph(model)(features, torch.from_numpy(z)).numpy()
            part, prior = model.encode(torch.from_numpy(image))
            logits = model.decode(part, torch.from_numpy(z)[None])[0].numpy()
        drawn = package.sample(encoding.features, z)
        assert np.abs(encoding.log_variance - log_variance[0].numpy()).max() < 1e-5
        assert np.abs(drawn - same_kernels).max() < 1e-4
        # Against the network as it was trained: what rounding kernels to 11 bits does, and nothing else.
        assert np.abs(encoding.log_variance - 2 * prior.log_sigma[0].numpy()).max() < 1e-3
        assert np.abs(drawn[:, 0] - logits).max() < 2e-3 * np.abs(logits).max()


def test_kernels_lie_in_float16_and_the_rest_does_not(tmp_path: Path) -> None:
    """Rounding to 11 bits moves a logit by about a thousandth of its size; biases and the sampler are whole."""
    model = lived_in(replace(TINY, filters=(8, 16, 24, 32)))
    package = exported(model, tmp_path)
    stored = onnx.load(str(tmp_path / "encoder.onnx")).graph.initializer
    kinds = {tensor.name: tensor.data_type for tensor in stored}
    assert onnx.TensorProto.FLOAT16 in kinds.values()
    assert all(kind == onnx.TensorProto.FLOAT for name, kind in kinds.items() if "bias" in name)
    assert all(
        t.data_type != onnx.TensorProto.FLOAT16 for t in onnx.load(str(tmp_path / "sampler.onnx")).graph.initializer
    )
    image = np.random.default_rng(6).random((1, 1, 32, 32), dtype=np.float32)
    with torch.no_grad():
        part = model.encode(torch.from_numpy(image))[0].numpy()
    assert 0 < np.abs(package.encode(image).features - part).max() < 2e-3 * np.abs(part).max()


def test_a_weight_beyond_float16_is_refused(tmp_path: Path) -> None:
    model = lived_in(replace(TINY, filters=(8, 16, 24, 32)))
    with torch.no_grad():
        model.get_parameter("unet.down.blocks.3.0.weight")[0, 0, 0, 0] = 1e9
    with pytest.raises(TrainerError, match="does not fit float16"):
        export_encoder(model, tmp_path / "encoder.onnx")


def test_chunks_and_strips_are_bit_equal(tmp_path: Path) -> None:
    package = exported(lived_in(), tmp_path)
    generator = np.random.default_rng(5)
    features = generator.standard_normal((1, 8, 48, 40), dtype=np.float32)
    z = generator.standard_normal((16, 6), dtype=np.float32)
    whole = package.sample(features, z)
    for chunk in (1, 2, 8):
        parts = [package.sample(features, z[k : k + chunk]) for k in range(0, 16, chunk)]
        assert np.array_equal(np.concatenate(parts), whole)
    for rows in (16, 20):
        strips = [package.sample(np.ascontiguousarray(features[:, :, r : r + rows]), z) for r in range(0, 48, rows)]
        assert np.array_equal(np.concatenate(strips, axis=2), whole)


def test_golden_run_repeats(smoke_package: Path) -> None:
    package, manifest = open_package(smoke_package, threads=1)
    golden = json.loads((smoke_package / manifest["golden"]["file"]).read_text())
    content = (smoke_package / manifest["golden"]["data"]).read_bytes()
    assert hashlib.sha256(content).hexdigest() == manifest["golden"]["dataSha256"]
    numbers = np.frombuffer(content, "<f4")
    latent, count = golden["latentDimension"], golden["samples"]
    sizes = [int(np.prod(golden["inputShape"])), latent, latent, count * latent, int(np.prod(golden["logitsShape"]))]
    image, mean, log_variance, z, logits = np.split(numbers, np.cumsum(sizes)[:-1])
    assert len(logits) == sizes[-1]
    encoding = package.encode(image.reshape(golden["inputShape"]))
    assert np.array_equal(encoding.mean, mean)
    assert np.array_equal(encoding.log_variance, log_variance)
    noise = standard_normals(golden["seed"], np.arange(count), latent)
    assert np.array_equal(latent_draws(mean, log_variance, noise).ravel(), z)
    found = package.sample(encoding.features, z.reshape(count, latent))
    assert np.array_equal(found.ravel(), logits)
    assert hashlib.sha256(found.astype("<f4").tobytes()).hexdigest() == golden["logitsSha256"]


MANIFEST_KEYS = [
    *("formatVersion", "id", "version", "parent", "kind", "createdAt", "licence", "modality", "bodyPart", "structure"),
    *(
        "classes",
        "input",
        "latent",
        "flow",
        "prior",
        "draws",
        "features",
        "graphs",
        "checkpoint",
        "thresholdLogit",
        "samplerHint",
    ),
    *("training", "results", "scope", "golden"),
]


def test_manifest_has_exactly_the_agreed_keys(smoke_package: Path) -> None:
    manifest = json.loads((smoke_package / "manifest.json").read_text())
    assert sorted(manifest) == sorted(MANIFEST_KEYS)
    assert sorted(manifest["input"]) == sorted(
        ["channels", "sizePx", "multipleOf", "spacingMm", "heightPx", "resampling", "padding", "intensity"]
    )
    assert manifest["latent"] == {"dimension": 6, "logVarianceRange": [-14.0, 6.0]}
    assert manifest["graphs"]["encoder"]["outputs"] == ["features", "mean", "logVariance"]
    assert manifest["training"]["steps"] == 200
    assert "200 steps" in (smoke_package / "card.md").read_text()


def test_weights_of_a_package_give_the_run_back(smoke_run: SmokeRun, smoke_package: Path, tmp_path: Path) -> None:
    trained = smoke_run.trainer.average.shadow
    again = Segmenter(trained.config).eval()
    again.load_state_dict(read_weights(smoke_package))
    cases = PhantomSet(replace(smoke_run.config.data, cases=12), seed=99).cases()
    first, second = (validate(model, cases, samples=8, seed=5) for model in (trained, again))
    assert abs(first.ged_v - second.ged_v) < 2e-3
    folder = tmp_path / "copy"
    shutil.copytree(smoke_package, folder)
    with (folder / "checkpoint.safetensors").open("ab") as file:
        file.write(b"more")
    with pytest.raises(TrainerError, match=r"checkpoint\.safetensors: sha256"):
        read_weights(folder)


def damage_bytes(folder: Path, _manifest: dict[str, Any]) -> None:
    path = folder / "sampler.onnx"
    path.write_bytes(path.read_bytes()[:-1] + b"\x00")


def rename_input(_folder: Path, manifest: dict[str, Any]) -> None:
    manifest["graphs"]["encoder"]["inputs"] = ["picture"]


def change_opset(_folder: Path, manifest: dict[str, Any]) -> None:
    manifest["graphs"]["sampler"]["opset"] = 12


def break_weight(folder: Path, manifest: dict[str, Any]) -> None:
    path = folder / "encoder.onnx"
    model = onnx.load(str(path))
    tensor = model.graph.initializer[0]
    values = onnx.numpy_helper.to_array(tensor).copy()
    values.flat[0] = np.nan
    tensor.CopyFrom(onnx.numpy_helper.from_array(values, tensor.name))
    onnx.save(model, str(path))
    manifest["graphs"]["encoder"]["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (damage_bytes, "sampler.onnx: sha256"),
        (rename_input, "encoder.onnx: inputs"),
        (change_opset, "sampler.onnx: opset"),
        (break_weight, "is not finite"),
    ],
)
def test_damaged_package_is_refused_by_name(
    damage: Callable[[Path, dict[str, Any]], None], words: str, smoke_package: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(smoke_package, folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    damage(folder, manifest)
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(TrainerError, match=words):
        open_package(folder)
