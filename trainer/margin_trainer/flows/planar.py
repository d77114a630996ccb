"""Planar flow step z' = z + u_hat tanh(w.z + b), equations (9) to (11) of the method.

Everything here is computed in float32 or wider: near the bound w.u_hat = -1 half precision is noise.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

BOUND_MARGIN = 1e-3
"""d of m(v) = softplus(v) - 1 + d: keeps log|det| >= log(d) = -6.9, finite in float32."""

PARAMETER_LIMIT = 5.0
"""u and w are squashed to |.| <= 5: at 10^3 the cancellation in u_hat breaks the bound in float32."""

NORM_FLOOR = 1e-6
"""Smallest ||w||^2: w is scaled up to it, since an epsilon in the denominator alone breaks the bound."""


@dataclass(frozen=True)
class PlanarParameters:
    """Raw conditioner output of one step: u and w [N, L], b [N], not yet squashed."""

    u: Tensor
    w: Tensor
    b: Tensor


@dataclass(frozen=True)
class PlanarStep:
    """A step ready to use: u_hat and w [N, L], b [N], m = w.u_hat [N] with m > -1 by construction."""

    u_hat: Tensor
    w: Tensor
    b: Tensor
    m: Tensor


def squash(value: Tensor) -> Tensor:
    """Smooth bound to |.| <= PARAMETER_LIMIT, close to the identity near 0."""
    return PARAMETER_LIMIT * torch.tanh(value / PARAMETER_LIMIT)


def unsquash(value: Tensor) -> Tensor:
    """Inverse of `squash` for |value| < PARAMETER_LIMIT."""
    return PARAMETER_LIMIT * torch.atanh(value / PARAMETER_LIMIT)


def bend(parameters: PlanarParameters) -> PlanarStep:
    """Make a raw step invertible: u_hat = u + (m(w.u) - w.u) w / ||w||^2, so that w.u_hat = m(w.u) > -1."""
    u = squash(parameters.u)
    w = squash(parameters.w)
    square = (w * w).sum(dim=-1, keepdim=True)
    # The square root of 0 has no gradient, hence the clamp inside and not around it.
    w = w * (NORM_FLOOR / square.clamp(max=NORM_FLOOR).clamp(min=1e-30)).sqrt()
    square = (w * w).sum(dim=-1, keepdim=True).clamp(min=NORM_FLOOR)
    product = (w * u).sum(dim=-1, keepdim=True)
    m = functional.softplus(product) - 1.0 + BOUND_MARGIN
    u_hat = u + (m - product) * w / square
    return PlanarStep(u_hat=u_hat, w=w, b=parameters.b, m=m.squeeze(-1))


def planar_forward(step: PlanarStep, z: Tensor) -> tuple[Tensor, Tensor]:
    """z [N, L] -> z' [N, L] and log|det dz'/dz| [N] = log1p(tanh'(a) m), a = w.z + b."""
    t = torch.tanh((step.w * z).sum(dim=-1) + step.b)
    log_det = torch.log1p((1.0 - t * t) * step.m)
    return z + step.u_hat * t.unsqueeze(-1), log_det


def planar_inverse(step: PlanarStep, z: Tensor) -> Tensor:
    """z' [N, L] -> z [N, L]: bisection, then two Newton steps, on t + m tanh(t + b) = w.z' (monotone in t)."""
    target = (step.w * z).sum(dim=-1)
    low, high = target - step.m.abs(), target + step.m.abs()
    for _ in range(40):
        middle = 0.5 * (low + high)
        below = middle + step.m * torch.tanh(middle + step.b) < target
        low, high = torch.where(below, middle, low), torch.where(below, high, middle)
    t = 0.5 * (low + high)
    for _ in range(2):
        value = torch.tanh(t + step.b)
        t = t - (t + step.m * value - target) / (1.0 + step.m * (1.0 - value * value))
    return z - step.u_hat * torch.tanh(t + step.b).unsqueeze(-1)


def identity_start(dimension: int, generator: torch.Generator | None = None) -> PlanarParameters:
    """Raw parameters [1, L] of a step that is the identity with gradients alive.

    w is small and random, b = 0, u = log(e^(1-d) - 1) w / ||w||^2, so that m(w.u) = 0 and u_hat = 0.
    """
    w = 0.4 * torch.randn(1, dimension, generator=generator, dtype=torch.float64)
    w = w * (0.5 / w.norm()).clamp(min=1.0)
    u = math.log(math.exp(1.0 - BOUND_MARGIN) - 1.0) * w / (w * w).sum()
    return PlanarParameters(u=unsquash(u), w=unsquash(w), b=torch.zeros(1, dtype=torch.float64))
