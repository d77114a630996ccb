"""A shipped package is its network again: PyTorch and the graphs agree, and what is trained is exported as it is."""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import TRAINER

from margin_trainer.export.write_package import write_graphs
from margin_trainer.failure import TrainerError
from margin_trainer.fine_tune.head import Head
from margin_trainer.fine_tune.learners import add_adapters, merged
from margin_trainer.fine_tune.parent import Parent, load_model, load_parent
from margin_trainer.fine_tune.pixels import frozen_part
from margin_trainer.package import open_package

SHIPPED = TRAINER.parent / "models" / "lidc-cflow-planar"


def image_of(parent: Parent, size_px: int) -> np.ndarray:
    generator = np.random.default_rng(3)
    return generator.random((1, parent.model.config.channels, size_px, size_px)).astype(np.float32)


@pytest.mark.parametrize("shipped", [True, False])
def test_network_and_graphs_agree(shipped: bool, smoke_package: Path) -> None:
    """Up to the rounding of weights to float16, which the checkpoint and the graphs do at different places."""
    folder = SHIPPED if shipped else smoke_package
    package, _ = open_package(folder, threads=1)
    parent = load_parent(folder)
    image = image_of(parent, 32)
    encoding = package.encode(image)
    z = package.latents(encoding, 1, np.arange(6), "independent")
    logits = package.sample(encoding.features, z)[:, 0]
    with torch.inference_mode():
        part, prior = parent.model.encode(torch.from_numpy(image))
        found = parent.model.decode(part, torch.from_numpy(z)[None])[0].numpy()
    assert np.abs(prior.mean.numpy()[0] - encoding.mean).max() < 5e-3
    assert np.abs(2 * prior.log_sigma.numpy()[0] - encoding.log_variance).max() < 5e-3
    assert np.abs(found - logits).max() < 0.05 * logits.std()


def test_the_head_on_a_list_of_pixels_is_the_network(smoke_package: Path) -> None:
    parent = load_parent(smoke_package)
    image = torch.from_numpy(image_of(parent, 16))
    noise = torch.randn(1, 5, parent.model.config.latent_dimension, generator=torch.Generator().manual_seed(1))
    head = Head(parent)
    with torch.inference_mode():
        features, context = frozen_part(parent, image)
        prior = head.gaussian(context)
        by_pixel = head.logits(features.flatten(2).transpose(1, 2), prior.draw(noise))
        part, whole = parent.model.encode(image)
        torch.testing.assert_close(by_pixel, parent.model.decode(part, whole.draw(noise)).flatten(2))


def test_merged_adapters_are_the_adapted_network_in_the_old_shape(smoke_package: Path) -> None:
    parent = load_parent(smoke_package)
    adapted, image = copy.deepcopy(parent.model), torch.from_numpy(image_of(parent, 16))
    add_adapters(adapted, seed=1)
    with torch.no_grad():
        torch.testing.assert_close(adapted.encode(image)[0], parent.model.encode(image)[0])
        for name, value in adapted.named_parameters():
            if name.endswith(".up"):
                value.normal_(std=0.05)
        before = adapted.encode(image)[0]
        plain = load_model(parent, merged(adapted.state_dict()))
        torch.testing.assert_close(plain.encode(image)[0], before)
        assert (before - parent.model.encode(image)[0]).abs().max() > 1e-3


def test_a_parent_written_anew_computes_the_same(smoke_package: Path, tmp_path: Path) -> None:
    parent = load_parent(smoke_package)
    package, _ = write_graphs(parent.model, tmp_path, 16)
    before, _ = open_package(smoke_package, threads=1)
    image = image_of(parent, 16)
    old, new = before.encode(image), package.encode(image)
    assert np.abs(old.features - new.features).max() < 0.02 * old.features.std()


def test_a_model_that_draws_one_outline_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TrainerError, match="draws one outline"):
        load_parent(TRAINER.parent / "models" / "lidc-unet")
    with pytest.raises(TrainerError, match=r"manifest\.json"):
        load_parent(tmp_path)
