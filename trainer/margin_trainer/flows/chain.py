"""A chain of K flow steps whose parameters come from a context vector: equations (2), (6) and (10)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from margin_trainer.flows.conditioner import conditioner
from margin_trainer.flows.planar import (
    PlanarParameters,
    PlanarStep,
    bend,
    identity_start,
    planar_forward,
    planar_inverse,
)


class PlanarChain(nn.Module):
    """K conditional planar steps, identity at initialisation. Output is never narrower than float32."""

    def __init__(self, dimension: int, steps: int, context_width: int) -> None:
        super().__init__()
        self.dimension = dimension
        self.steps = steps
        self.parameters_of_step = conditioner(context_width, steps * (2 * dimension + 1))
        start = [identity_start(dimension) for _ in range(steps)]
        flat = torch.cat([torch.cat([s.u[0], s.w[0], s.b]) for s in start])
        last = self.parameters_of_step[-1]
        assert isinstance(last, nn.Linear)
        with torch.no_grad():
            last.bias.copy_(flat)

    def step_list(self, context: Tensor) -> list[PlanarStep]:
        """context [N, C] -> the K bent steps, in order of application."""
        width = 2 * self.dimension + 1
        raw = self.parameters_of_step(context).reshape(len(context), self.steps, width)
        split = (self.dimension, self.dimension, 1)
        steps = []
        for k in range(self.steps):
            u, w, b = raw[:, k].split(split, dim=-1)
            steps.append(bend(PlanarParameters(u=u, w=w, b=b.squeeze(-1))))
        return steps

    def forward(self, z: Tensor, context: Tensor) -> tuple[Tensor, Tensor]:
        """Equation (6): z_K and the sum of log-determinants, which is to be subtracted from log q_0(z_0)."""
        total = torch.zeros(len(z), dtype=z.dtype, device=z.device)
        for step in self.step_list(context):
            z, log_det = planar_forward(step, z)
            total = total + log_det
        return z, total

    def inverse(self, z: Tensor, context: Tensor) -> tuple[Tensor, Tensor]:
        """Equation (4), with the forward log-determinants evaluated at the recovered points."""
        total = torch.zeros(len(z), dtype=z.dtype, device=z.device)
        for step in reversed(self.step_list(context)):
            z = planar_inverse(step, z)
            total = total + planar_forward(step, z)[1]
        return z, total


class IdentityChain(nn.Module):
    """K = 0: the posterior stays a diagonal Gaussian, as in the Probabilistic U-Net."""

    def forward(self, z: Tensor, context: Tensor) -> tuple[Tensor, Tensor]:
        """z unchanged, log-determinant 0."""
        del context
        return z, torch.zeros(len(z), dtype=z.dtype, device=z.device)

    def inverse(self, z: Tensor, context: Tensor) -> tuple[Tensor, Tensor]:
        """z unchanged, log-determinant 0."""
        return self.forward(z, context)
