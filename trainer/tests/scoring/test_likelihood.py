"""Laws of the log-likelihoods."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from margin_trainer.measures.log_likelihood import conditional_likelihood, log_likelihoods
from margin_trainer.objective.reconstruction import log_likelihood


def test_log_mean_exp_far_from_zero() -> None:
    found = conditional_likelihood(np.array([[-1000.0], [-1000.0 + math.log(3)]]))
    assert found.negative_log == pytest.approx(1000 - math.log(2), abs=1e-9)


def test_constant_decoder_has_its_bernoulli_likelihood() -> None:
    reading = np.array([[[1, 0, 0], [1, 1, 0]]], bool)
    logit = math.log(0.7 / 0.3)
    log_p = log_likelihoods(np.full((5, 2, 3), logit, np.float32), reading, np.ones((2, 3), bool))
    expected = 3 * math.log(0.7) + 3 * math.log(0.3)
    assert log_p == pytest.approx(np.full((5, 1), expected), abs=1e-5)
    found = conditional_likelihood(log_p)
    assert found.negative_log == pytest.approx(-expected, abs=1e-5)
    assert found.effective_samples == pytest.approx(5)


def test_effective_samples_lie_between_one_and_n() -> None:
    generator = np.random.default_rng(1)
    for spread in (0.0, 1.0, 50.0, 1e4):
        effective = conditional_likelihood(spread * generator.standard_normal((16, 4))).effective_samples
        assert 1 - 1e-9 <= effective <= 16 + 1e-9


def test_pixels_outside_do_not_count() -> None:
    logits = np.array([[[2.0, -90.0]]], np.float32)
    reading = np.array([[[True, True]]])
    inside = np.array([[True, False]])
    assert log_likelihoods(logits, reading, inside)[0, 0] == pytest.approx(-math.log1p(math.exp(-2)))
    torch_value = log_likelihood(
        torch.from_numpy(logits), torch.from_numpy(reading).float(), torch.tensor([[1.0, 0.0]])
    )
    assert float(torch_value[0]) == pytest.approx(-math.log1p(math.exp(-2)), rel=1e-5)


def test_training_and_measuring_agree() -> None:
    generator = np.random.default_rng(2)
    logits = 4 * generator.standard_normal((3, 4, 5)).astype(np.float32)
    readings = generator.random((1, 4, 5)) < 0.5
    measured = log_likelihoods(logits, readings, np.ones((4, 5), bool))[:, 0]
    trained = log_likelihood(torch.from_numpy(logits), torch.from_numpy(readings).float())
    assert trained.numpy() == pytest.approx(measured, rel=1e-5)
