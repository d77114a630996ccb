"""Exponential moving average of a model's weights and normalisation statistics."""

from __future__ import annotations

import copy

import torch

from margin_trainer.networks.segmenter import Segmenter


class WeightAverage:
    """A shadow copy in evaluation mode; the decay ramps up as (1 + n) / (10 + n), so that the start is forgotten."""

    def __init__(self, model: Segmenter, decay: float) -> None:
        self.decay = decay
        self.updates = 0
        self.shadow = copy.deepcopy(model).eval().requires_grad_(False)

    def update(self, model: Segmenter) -> None:
        """Move the shadow towards `model`; integer buffers are copied."""
        self.updates += 1
        weight = 1.0 - min(self.decay, (1 + self.updates) / (10 + self.updates))
        own, other = self.shadow.state_dict(), model.state_dict()
        floats = [k for k, v in own.items() if v.is_floating_point()]
        with torch.no_grad():
            torch._foreach_lerp_([own[k] for k in floats], [other[k] for k in floats], weight)
            for key in own.keys() - set(floats):
                own[key].copy_(other[key])
