"""The small network that turns a context vector into flow parameters."""

from __future__ import annotations

from torch import nn

HIDDEN_UNITS = 8
"""Width of the conditioner's two hidden layers."""


def conditioner(context_width: int, output_width: int) -> nn.Sequential:
    """3-layer MLP, 8 hidden units; the last layer's weight starts at zero so that its bias is the start.

    No batch normalisation: an image's posterior must not depend on its batch.
    """
    last = nn.Linear(HIDDEN_UNITS, output_width)
    nn.init.zeros_(last.weight)
    return nn.Sequential(
        nn.Linear(context_width, HIDDEN_UNITS),
        nn.ReLU(),
        nn.Linear(HIDDEN_UNITS, HIDDEN_UNITS),
        nn.ReLU(),
        last,
    )
