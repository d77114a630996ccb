"""Laws of the planar flow, in float64 against autograd."""

from __future__ import annotations

from functools import partial

import pytest
import torch
from torch import Tensor

from margin_trainer.flows.chain import PlanarChain
from margin_trainer.flows.planar import (
    BOUND_MARGIN,
    PlanarParameters,
    PlanarStep,
    bend,
    identity_start,
    planar_forward,
    planar_inverse,
)

L = 6


def draw_step(count: int, scale: float, seed: int) -> tuple[PlanarStep, Tensor]:
    generator = torch.Generator().manual_seed(seed)

    def normal(*shape: int) -> Tensor:
        return scale * torch.randn(*shape, generator=generator, dtype=torch.float64)

    step = bend(PlanarParameters(u=normal(count, L), w=normal(count, L), b=normal(count)))
    return step, normal(count, L)


def move(step: PlanarStep, point: Tensor) -> Tensor:
    return planar_forward(step, point[None])[0][0]


def row(step: PlanarStep, k: int) -> PlanarStep:
    return PlanarStep(*(getattr(step, name)[k : k + 1] for name in ("u_hat", "w", "b", "m")))


@pytest.mark.parametrize("scale", [0.1, 1.0, 3.0])
def test_log_det_is_that_of_the_jacobian(scale: float) -> None:
    step, z = draw_step(60, scale, seed=1)
    log_det = planar_forward(step, z)[1]
    for k in range(len(z)):
        one = row(step, k)
        jacobian = torch.autograd.functional.jacobian(partial(move, one), z[k])
        sign, expected = torch.linalg.slogdet(jacobian)
        assert sign == 1
        assert abs(expected - log_det[k]) < 1e-11


@pytest.mark.parametrize("scale", [0.1, 1.0, 3.0])
def test_inverse_undoes_forward(scale: float) -> None:
    step, z = draw_step(200, scale, seed=2)
    assert (planar_inverse(step, planar_forward(step, z)[0]) - z).abs().max() < 1e-9


def test_realised_bound_holds_in_float32_at_the_squashing_limits() -> None:
    generator = torch.Generator().manual_seed(3)
    count = 200_000
    u, w = (1e3 * torch.randn(count, L, generator=generator) for _ in range(2))
    step = bend(PlanarParameters(u=u, w=w, b=torch.randn(count, generator=generator)))
    z = 3 * torch.randn(count, L, generator=generator)
    assert ((step.w * step.u_hat).sum(dim=1) > -1).all()
    assert torch.isfinite(planar_forward(step, z)[1]).all()


def test_without_the_guards_the_bound_breaks_in_float32() -> None:
    generator = torch.Generator().manual_seed(3)
    u, w = (1e3 * torch.randn(200_000, L, generator=generator) for _ in range(2))
    product = (u * w).sum(dim=1, keepdim=True)
    u_hat = u + (torch.nn.functional.softplus(product) - 1 - product) * w / (w * w).sum(dim=1, keepdim=True)
    assert ((w * u_hat).sum(dim=1) <= -1).any()


def test_tiny_w_keeps_the_bound_and_a_finite_gradient() -> None:
    w = torch.zeros(4, L).fill_(1e-9).requires_grad_()
    step = bend(PlanarParameters(u=torch.full((4, L), -5.0), w=w, b=torch.zeros(4)))
    assert ((step.w * step.u_hat).sum(dim=1) > -1).all()
    planar_forward(step, torch.ones(4, L))[1].sum().backward()
    assert w.grad is not None
    assert torch.isfinite(w.grad).all()


def test_start_is_the_identity() -> None:
    torch.manual_seed(4)
    chain = PlanarChain(L, 4, context_width=5)
    z, context = torch.randn(20, L), torch.randn(20, 5)
    moved, log_det = chain(z, context)
    assert (moved - z).abs().max() < 1e-5
    assert log_det.abs().max() < 1e-5


def test_start_has_living_gradients() -> None:
    start = identity_start(L, torch.Generator().manual_seed(5))
    raw = [t.clone().requires_grad_() for t in (start.u, start.w, start.b)]
    step = bend(PlanarParameters(*raw))
    moved, log_det = planar_forward(step, torch.ones(1, L, dtype=torch.float64))
    (moved.square().sum() + log_det.sum()).backward()
    for tensor in raw[:2]:
        assert tensor.grad is not None
        assert tensor.grad.abs().max() > 1e-6


def perturbed_chain(dimension: int, seed: int) -> PlanarChain:
    torch.manual_seed(seed)
    chain = PlanarChain(dimension, 4, context_width=3).double()
    with torch.no_grad():
        for parameter in chain.parameters():
            parameter.add_(0.7 * torch.randn_like(parameter))
    return chain


def test_chain_log_det_is_the_sum_and_its_inverse_returns() -> None:
    chain = perturbed_chain(L, seed=6)
    z = torch.randn(50, L, dtype=torch.float64)
    context = torch.randn(50, 3, dtype=torch.float64)
    z_k, log_det = chain(z, context)
    total, current = torch.zeros(50, dtype=torch.float64), z
    for step in chain.step_list(context):
        current, one = planar_forward(step, current)
        total += one
    assert torch.equal(total, log_det)
    back, again = chain.inverse(z_k, context)
    assert (back - z).abs().max() < 1e-8
    assert (again - log_det).abs().max() < 1e-8


def density_integral(sign: float) -> tuple[float, float]:
    """E_{x~g}[q_K(x) / g(x)] and its standard error for L = 2, a wide Gaussian g, `sign` times the log-determinant."""
    chain = perturbed_chain(2, seed=8)
    generator = torch.Generator().manual_seed(9)
    count, wide = 100_000, 3.0
    x = wide * torch.randn(count, 2, generator=generator, dtype=torch.float64)
    with torch.no_grad():
        z_0, log_det = chain.inverse(x, torch.zeros(count, 3, dtype=torch.float64))
    log_q = -0.5 * (z_0**2).sum(1) - sign * log_det
    log_g = -0.5 * ((x / wide) ** 2).sum(1) - 2 * torch.log(torch.tensor(wide))
    ratio = (log_q - log_g).exp()
    return float(ratio.mean()), float(ratio.std() / count**0.5)


def test_density_integrates_to_one() -> None:
    mean, error = density_integral(sign=1.0)
    assert abs(mean - 1) < 4 * error + 1e-3


def test_density_with_the_sign_flipped_does_not() -> None:
    mean, error = density_integral(sign=-1.0)
    assert abs(mean - 1) > 8 * error


def test_smallest_log_det_is_log_of_the_margin() -> None:
    step = bend(
        PlanarParameters(
            u=torch.full((1, L), -5.0, dtype=torch.float64),
            w=torch.full((1, L), 5.0, dtype=torch.float64),
            b=torch.zeros(1, dtype=torch.float64),
        )
    )
    log_det = planar_forward(step, torch.zeros(1, L, dtype=torch.float64))[1]
    assert float(log_det) >= torch.log(torch.tensor(BOUND_MARGIN, dtype=torch.float64)) - 1e-9
