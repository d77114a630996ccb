"""Each classical mistake must break at least one law: the law is run against the mistaken code and has to fail."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import test_export
import test_glow
import test_kl
import test_planar
import test_segmenter
import test_switches
from torch import Tensor, nn

from margin_trainer.export.encoder import EncoderGraph
from margin_trainer.flows.glow import GlowStep
from margin_trainer.flows.planar import PlanarStep, planar_forward
from margin_trainer.networks.latent_encoder import DiagonalGaussian
from margin_trainer.networks.recombine import Recombination
from margin_trainer.networks.segmenter import PosteriorDraw, Segmenter
from margin_trainer.objective.kl import flow_kl, log_normal


def test_flipped_sign_of_the_log_determinant(monkeypatch: pytest.MonkeyPatch) -> None:
    def flipped(step: PlanarStep, z: Tensor) -> tuple[Tensor, Tensor]:
        moved, log_det = planar_forward(step, z)
        return moved, -log_det

    monkeypatch.setattr(test_planar, "planar_forward", flipped)
    with pytest.raises(AssertionError):
        test_planar.test_log_det_is_that_of_the_jacobian(1.0)


def test_flipped_sign_of_the_log_determinant_of_glow(monkeypatch: pytest.MonkeyPatch) -> None:
    right = GlowStep.forward

    def flipped(self: GlowStep, z: Tensor, context: Tensor) -> tuple[Tensor, Tensor]:
        moved, log_det = right(self, z, context)
        return moved, -log_det

    monkeypatch.setattr(GlowStep, "forward", flipped)
    with pytest.raises(AssertionError):
        test_glow.test_log_det_is_that_of_the_jacobian(True, 0.4)


def test_objective_that_adds_the_log_determinant(monkeypatch: pytest.MonkeyPatch) -> None:
    def added(base: DiagonalGaussian, z_k: Tensor, log_det: Tensor, prior: DiagonalGaussian) -> Tensor:
        return flow_kl(base, z_k, -log_det, prior)

    monkeypatch.setattr("margin_trainer.objective.elbo.flow_kl", added)
    with pytest.raises(AssertionError):
        test_switches.test_the_objective_uses_the_divergence_it_was_told()


def test_objective_that_decodes_the_base_draw(monkeypatch: pytest.MonkeyPatch) -> None:
    right = Segmenter.infer

    def base_draw(self: Segmenter, image: Tensor, masks: Tensor, noise: Tensor) -> PosteriorDraw:
        draw = right(self, image, masks, noise)
        return replace(draw, z_k=draw.z_0)

    monkeypatch.setattr(Segmenter, "infer", base_draw)
    with pytest.raises(AssertionError):
        test_switches.test_the_objective_decodes_what_the_flow_gives()


@pytest.mark.parametrize("swaps_base", [True, False], ids=["base at z_k", "prior at z_0"])
def test_density_at_the_wrong_draw(monkeypatch: pytest.MonkeyPatch, swaps_base: bool) -> None:
    def swapped(base: DiagonalGaussian, z_0: Tensor, z_k: Tensor, log_det: Tensor, prior: DiagonalGaussian) -> Tensor:
        drawn = z_k if swaps_base else z_0
        return log_normal(drawn, base) - log_det - log_normal(drawn, prior)

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
