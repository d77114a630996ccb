"""Rate and beta as functions of the fraction of a phase that is done."""

from __future__ import annotations

import math

from margin_trainer.config import PhaseConfig

SMALLEST_WARMUP = 1e-3
"""The first step must not have rate 0."""


def rate_at(phase: PhaseConfig, fraction: float) -> float:
    """Linear warm-up over `rate_warmup` of the phase, then cosine from `rate` to `rate_end`."""
    if fraction < phase.rate_warmup:
        return phase.rate * max(fraction / phase.rate_warmup, SMALLEST_WARMUP)
    rest = min(1.0, (fraction - phase.rate_warmup) / max(1.0 - phase.rate_warmup, 1e-12))
    return phase.rate_end + (phase.rate - phase.rate_end) * 0.5 * (1.0 + math.cos(math.pi * rest))


def beta_at(phase: PhaseConfig, fraction: float) -> float:
    """0 to `beta` linearly over `beta_warmup` of the phase."""
    if phase.beta_warmup <= 0:
        return phase.beta
    return phase.beta * min(1.0, fraction / phase.beta_warmup)
