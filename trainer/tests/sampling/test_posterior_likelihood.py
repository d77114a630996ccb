"""Importance-sampled -CLL of a real network with one latent dimension, against quadrature over that dimension."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import SmokeRun

from margin_trainer.__main__ import main
from margin_trainer.config import NetworkConfig
from margin_trainer.data.batch import Case
from margin_trainer.data.phantom import PhantomSet
from margin_trainer.networks.segmenter import Segmenter
from margin_trainer.objective.kl import log_normal
from margin_trainer.objective.reconstruction import log_likelihood
from margin_trainer.scoring.likelihood import posterior_likelihood


def small_model() -> Segmenter:
    """Weights of a trained look: the flow bends, the posterior differs from the prior."""
    torch.manual_seed(3)
    model = Segmenter(NetworkConfig(filters=(4, 6), fusion_width=4, latent_dimension=1, flow="planar", flow_steps=2))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.15 * torch.randn_like(parameter))
        for parameter in model.flow.parameters():
            parameter.add_(0.5 * torch.randn_like(parameter))
    return model.eval()


def small_case() -> Case:
    """Network input 8x8 at (2, 1) of a 9x12 grid: its last row lies outside; some pixels do not count."""
    generator = np.random.default_rng(4)
    inside = np.ones((9, 12), bool)
    inside[5, 3:6] = False
    image = generator.standard_normal((1, 8, 8)).astype(np.float32)
    return Case("a", "p", "s", image, 2, 1, generator.random((2, 9, 12)) < 0.3, inside)


def exact(model: Segmenter, case: Case) -> float:
    """-log of the integral of p(y|x,z) p(z|x) over z, mean over readings."""
    with torch.inference_mode():
        part, prior = model.encode(torch.from_numpy(case.image[None]))
        z = torch.linspace(-9, 9, 4001)[:, None] * prior.log_sigma.exp() + prior.mean
        logits = model.decode(part, prior.decoded(z[None]))[0, :, :7].double()
        inside = torch.from_numpy(case.inside[2:9, 1:9]).double()
        step = math.log(float(z[1] - z[0]))
        found = []
        for reading in case.readings:
            marks = torch.from_numpy(reading[2:9, 1:9]).double()
            density = log_normal(z, prior).double() + log_likelihood(logits, marks, inside)
            found.append(-float(torch.logsumexp(density, dim=0)) - step)
    return float(np.mean(found))


def test_many_draws_reach_the_integral() -> None:
    model, case = small_model(), small_case()
    truth = exact(model, case)
    found = posterior_likelihood(model, case, seed=1, samples=10_000)
    # The relative error of the mean weight is about 1 / sqrt(ESS).
    assert found.negative_log == pytest.approx(truth, abs=2.5 / math.sqrt(found.effective_samples))
    assert found.negative_elbo > truth


def test_few_draws_lie_between_the_bound_and_the_integral_on_average() -> None:
    model, case = small_model(), small_case()
    truth = exact(model, case)
    few = [posterior_likelihood(model, case, seed=k, samples=4) for k in range(300)]
    values = np.array([one.negative_log for one in few])
    error = values.std() / math.sqrt(len(values))
    assert truth - 4 * error < values.mean() < np.mean([one.negative_elbo for one in few])


def test_the_command_refuses_a_run_without_data(
    smoke_run: SmokeRun, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = PhantomSet(replace(smoke_run.config.data, cases=1), seed=7).cases()[0]
    found = posterior_likelihood(smoke_run.trainer.average.shadow.eval(), case, seed=1, samples=16)
    assert math.isfinite(found.negative_log)
    assert main(["likelihood", "--run", str(smoke_run.folder), "--data", str(tmp_path)]) == 2
    assert "val-0.npz" in capsys.readouterr().err
    assert main(["likelihood", "--run", str(tmp_path)]) == 2
    assert "best.pt: no such checkpoint" in capsys.readouterr().err
