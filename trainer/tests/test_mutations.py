"""Each classical mistake must break at least one law: the law is run against the mistaken code and has to fail."""

from __future__ import annotations

from pathlib import Path

import pytest
import test_export
import test_kl
import test_planar
import test_segmenter
from torch import Tensor, nn

from margin_trainer.export.encoder import EncoderGraph
from margin_trainer.flows.planar import PlanarStep, planar_forward
from margin_trainer.networks.latent_encoder import DiagonalGaussian
from margin_trainer.networks.recombine import Recombination
from margin_trainer.objective.kl import log_normal


def test_flipped_sign_of_the_log_determinant(monkeypatch: pytest.MonkeyPatch) -> None:
    def flipped(step: PlanarStep, z: Tensor) -> tuple[Tensor, Tensor]:
        moved, log_det = planar_forward(step, z)
        return moved, -log_det

    monkeypatch.setattr(test_planar, "planar_forward", flipped)
    with pytest.raises(AssertionError):
        test_planar.test_log_det_is_that_of_the_jacobian(1.0)


def test_base_density_at_the_transformed_draw(monkeypatch: pytest.MonkeyPatch) -> None:
    def swapped(base: DiagonalGaussian, _z_0: Tensor, z_k: Tensor, log_det: Tensor, prior: DiagonalGaussian) -> Tensor:
        return log_normal(z_k, base) - log_det - log_normal(z_k, prior)

    monkeypatch.setattr(test_kl, "flow_kl_draws", swapped)
    with pytest.raises(AssertionError):
        test_kl.test_estimators_agree_and_are_not_negative_for_random_flows()


def test_prior_density_at_the_base_draw(monkeypatch: pytest.MonkeyPatch) -> None:
    def swapped(base: DiagonalGaussian, z_0: Tensor, _z_k: Tensor, log_det: Tensor, prior: DiagonalGaussian) -> Tensor:
        return log_normal(z_0, base) - log_det - log_normal(z_0, prior)

    monkeypatch.setattr(test_kl, "flow_kl_draws", swapped)
    with pytest.raises(AssertionError):
        test_kl.test_estimators_agree_and_are_not_negative_for_random_flows()


def test_dropped_latent(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Recombination.sample

    def without_latent(self: Recombination, part: Tensor, z: Tensor) -> Tensor:
        return whole(self, part, 0 * z)

    monkeypatch.setattr(Recombination, "sample", without_latent)
    with pytest.raises(AssertionError):
        test_segmenter.test_recombination_halves_are_the_one_layer_on_the_concatenation()


def test_log_sigma_in_place_of_log_variance(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    right = EncoderGraph.forward

    def halved(self: EncoderGraph, image: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        features, mean, log_variance = right(self, image)
        return features, mean, log_variance / 2

    monkeypatch.setattr(EncoderGraph, "forward", halved)
    with pytest.raises(AssertionError):
        test_export.test_torch_equals_onnx_runtime(1, tmp_path)


def test_normalisation_left_out_of_the_fold(monkeypatch: pytest.MonkeyPatch) -> None:
    def dropped(convolution: nn.Conv2d, _norm: nn.BatchNorm2d) -> nn.Conv2d:
        return convolution

    monkeypatch.setattr("margin_trainer.export.fold.fold_pair", dropped)
    with pytest.raises(AssertionError):
        test_export.test_folded_is_the_naive_graph(1)
