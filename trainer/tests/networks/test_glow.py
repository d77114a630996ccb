"""Laws of the Glow flow, in float64 against autograd."""

from __future__ import annotations

import itertools
from functools import partial

import pytest
import torch
from torch import Tensor

from margin_trainer.flows.glow import GlowChain, GlowStep

L, CONTEXT = 6, 3


def shaken_step(seed: int, second_half_moves: bool, scale: float = 0.7) -> GlowStep:
    torch.manual_seed(seed)
    step = GlowStep(L, CONTEXT, second_half_moves).double()
    with torch.no_grad():
        for parameter in step.parameters():
            parameter.add_(scale * torch.randn_like(parameter))
    return step


def move(step: torch.nn.Module, context: Tensor, point: Tensor) -> Tensor:
    moved: Tensor = step(point[None], context)[0][0]
    return moved


@pytest.mark.parametrize("second_half_moves", [True, False])
@pytest.mark.parametrize("scale", [0.1, 0.4, 0.8])
def test_log_det_is_that_of_the_jacobian(second_half_moves: bool, scale: float) -> None:
    for seed in range(10):
        step = shaken_step(seed, second_half_moves, scale)
        z, context = torch.randn(L, dtype=torch.float64), torch.randn(1, CONTEXT, dtype=torch.float64)
        jacobian = torch.autograd.functional.jacobian(partial(move, step, context), z)
        expected = torch.linalg.slogdet(jacobian).logabsdet
        assert abs(expected - step(z[None], context)[1][0]) < 1e-9


def test_log_det_and_inverse_for_every_sign_pattern() -> None:
    step = shaken_step(1, True)
    z, context = torch.randn(5, L, dtype=torch.float64), torch.randn(5, CONTEXT, dtype=torch.float64)
    for signs in itertools.product((-1.0, 1.0), repeat=L):
        step.signs.copy_(torch.tensor(signs))
        moved, log_det = step(z, context)
        jacobian = torch.autograd.functional.jacobian(partial(move, step, context[:1]), z[0])
        assert abs(torch.linalg.slogdet(jacobian).logabsdet - log_det[0]) < 1e-10
        back, again = step.inverse(moved, context)
        assert (back - z).abs().max() < 1e-9
        assert (again - log_det).abs().max() < 1e-9


def test_chain_returns_and_sums() -> None:
    torch.manual_seed(2)
    chain = GlowChain(L, 4, CONTEXT).double()
    with torch.no_grad():
        for parameter in chain.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))
    z, context = torch.randn(50, L, dtype=torch.float64), torch.randn(50, CONTEXT, dtype=torch.float64)
    moved, log_det = chain(z, context)
    total, current = torch.zeros(50, dtype=torch.float64), z
    for step in chain.steps:
        current, one = step(current, context)
        total = total + one
    assert torch.equal(total, log_det)
    back, again = chain.inverse(moved, context)
    assert (back - z).abs().max() < 1e-8
    assert (again - log_det).abs().max() < 1e-8


def test_even_chain_starts_as_the_identity() -> None:
    chain = GlowChain(L, 4, CONTEXT)
    z = torch.randn(20, L)
    moved, log_det = chain(z, torch.randn(20, CONTEXT))
    assert (moved - z).abs().max() < 1e-6
    assert log_det.abs().max() < 1e-6
