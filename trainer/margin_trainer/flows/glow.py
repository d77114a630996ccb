"""Glow step on a vector: ActNorm, linear mixing, affine coupling, equations (19) to (30) of the method.

There is no spatial extent, so the "1x1 convolution" is an L x L matrix and its log-determinant has no factor H W.
Scales are exponentials of bounded numbers: no sign to lose, no singularity, log-determinants are plain sums.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn

from margin_trainer.flows.conditioner import conditioner

SCALE_LIMIT = 2.0
"""log scales are squashed to +-2 by 2 tanh(v / 2): a factor of at most e^2 a step."""


def bound_scale(raw: Tensor) -> Tensor:
    """Smooth bound to +-SCALE_LIMIT, slope 1 at 0."""
    return SCALE_LIMIT * torch.tanh(raw / SCALE_LIMIT)


@dataclass(frozen=True)
class GlowParameters:
    """One step: log scale and shift [N, L] of ActNorm; Lo unit lower and U strictly upper [N, L, L]; r [N, L]."""

    log_scale: Tensor
    shift: Tensor
    lower: Tensor
    upper: Tensor
    log_diagonal: Tensor


def split_parameters(raw: Tensor, dimension: int) -> GlowParameters:
    """raw [N, 2 L + L^2] -> parameters; zeros give ActNorm = identity, Lo = I, U = 0, r = 0."""
    log_scale, shift, square = torch.split(raw, [dimension, dimension, dimension * dimension], dim=-1)
    matrix = square.reshape(len(raw), dimension, dimension)
    # Off-diagonal entries within +-1: beyond that the inverse of a triangular factor grows like their L-th power.
    bounded = torch.tanh(matrix)
    return GlowParameters(
        log_scale=bound_scale(log_scale),
        shift=shift,
        lower=torch.tril(bounded, -1) + torch.eye(dimension, dtype=raw.dtype, device=raw.device),
        upper=torch.triu(bounded, 1),
        log_diagonal=bound_scale(torch.diagonal(matrix, dim1=-2, dim2=-1)),
    )


class Coupling(nn.Module):
    """a' = a, b' = exp(s) b + t with (v, t) = MLP([a, c]) and s = 2 tanh(v / 2); parity says which half is a."""

    def __init__(self, dimension: int, context_width: int, second_half_moves: bool) -> None:
        super().__init__()
        half = dimension // 2
        index = torch.arange(dimension)
        kept, moved = (index[:half], index[half:]) if second_half_moves else (index[half:], index[:half])
        self.kept, self.moved = kept.tolist(), moved.tolist()
        self.network = conditioner(len(kept) + context_width, 2 * len(moved))

    def scale_and_shift(self, z: Tensor, context: Tensor) -> tuple[Tensor, Tensor]:
        """s and t [N, moved] from the kept half, which a step and its inverse share."""
        v, t = self.network(torch.cat([z[:, self.kept], context], dim=1)).chunk(2, dim=1)
        return bound_scale(v), t

    def forward(self, z: Tensor, context: Tensor) -> tuple[Tensor, Tensor]:
        """z [N, L] -> z' [N, L], log-determinant sum of s [N]."""
        s, t = self.scale_and_shift(z, context)
        result = z.clone()
        result[:, self.moved] = s.exp() * z[:, self.moved] + t
        return result, s.sum(dim=1)

    def inverse(self, z: Tensor, context: Tensor) -> tuple[Tensor, Tensor]:
        """z' -> z, and the forward log-determinant."""
        s, t = self.scale_and_shift(z, context)
        result = z.clone()
        result[:, self.moved] = (z[:, self.moved] - t) * (-s).exp()
        return result, s.sum(dim=1)


class GlowStep(nn.Module):
    """ActNorm, W = P Lo (U + diag(g exp(r))) with P the reversal and g fixed signs, coupling."""

    signs: Tensor

    def __init__(self, dimension: int, context_width: int, second_half_moves: bool) -> None:
        super().__init__()
        self.dimension = dimension
        self.parameters_of_step = conditioner(context_width, 2 * dimension + dimension * dimension)
        nn.init.zeros_(cast(nn.Linear, self.parameters_of_step[-1]).bias)
        self.coupling = Coupling(dimension, context_width, second_half_moves)
        nn.init.zeros_(cast(nn.Linear, self.coupling.network[-1]).bias)
        self.register_buffer("signs", torch.ones(dimension))

    def factors(self, context: Tensor) -> tuple[GlowParameters, Tensor]:
        """Parameters and the upper factor U + diag(g exp(r)) [N, L, L]."""
        p = split_parameters(self.parameters_of_step(context), self.dimension)
        return p, p.upper + torch.diag_embed(self.signs * p.log_diagonal.exp())

    def forward(self, z: Tensor, context: Tensor) -> tuple[Tensor, Tensor]:
        """z [N, L], context [N, C] -> z' [N, L], log|det| [N] = sum s + sum r + coupling."""
        p, upper = self.factors(context)
        z = p.log_scale.exp() * z + p.shift
        z = (p.lower @ (upper @ z.unsqueeze(-1))).squeeze(-1).flip(-1)
        z, coupled = self.coupling(z, context)
        return z, p.log_scale.sum(dim=1) + p.log_diagonal.sum(dim=1) + coupled

    def inverse(self, z: Tensor, context: Tensor) -> tuple[Tensor, Tensor]:
        """z' -> z by two triangular solves, and the forward log-determinant."""
        p, upper = self.factors(context)
        z, coupled = self.coupling.inverse(z, context)
        column = z.flip(-1).unsqueeze(-1)
        column = torch.linalg.solve_triangular(p.lower, column, upper=False, unitriangular=True)
        column = torch.linalg.solve_triangular(upper, column, upper=True)
        z = (column.squeeze(-1) - p.shift) * (-p.log_scale).exp()
        return z, p.log_scale.sum(dim=1) + p.log_diagonal.sum(dim=1) + coupled


class GlowChain(nn.Module):
    """K conditional Glow steps; the identity at initialisation when K is even (the reversals cancel)."""

    def __init__(self, dimension: int, steps: int, context_width: int) -> None:
        super().__init__()
        if dimension < 2:
            raise ValueError("a coupling needs at least two dimensions")
        self.steps = nn.ModuleList(GlowStep(dimension, context_width, k % 2 == 0) for k in range(steps))

    def forward(self, z: Tensor, context: Tensor) -> tuple[Tensor, Tensor]:
        """Equation (6): z_K and the sum of log-determinants."""
        total = torch.zeros(len(z), dtype=z.dtype, device=z.device)
        for step in self.steps:
            z, log_det = step(z, context)
            total = total + log_det
        return z, total

    def inverse(self, z: Tensor, context: Tensor) -> tuple[Tensor, Tensor]:
        """Equation (4), with the forward log-determinants."""
        total = torch.zeros(len(z), dtype=z.dtype, device=z.device)
        for step in reversed(list(self.steps)):
            z, log_det = cast(GlowStep, step).inverse(z, context)
            total = total + log_det
        return z, total
