"""Second graph of a package: fused features and latent draws -> logits."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from margin_trainer.export.fold import folded
from margin_trainer.export.graph import write_graph
from margin_trainer.networks.segmenter import Segmenter

INPUTS, OUTPUTS = ["features", "z"], ["logits"]


class SamplerGraph(nn.Module):
    """features [1, F, H, W], z [N, L] -> logits [N, 1, H, W]; everything is per pixel, so H may be a strip of rows."""

    def __init__(self, model: Segmenter) -> None:
        super().__init__()
        part = folded(model.recombination)
        self.from_latent, self.second, self.third, self.last = part.from_latent, part.second, part.third, part.last

    def forward(self, features: Tensor, z: Tensor) -> Tensor:
        """See the class."""
        shift: Tensor = self.from_latent(z)
        hidden = functional.relu(features + shift[:, :, None, None])
        hidden = functional.relu(self.second(hidden))
        hidden = functional.relu(self.third(hidden))
        logits: Tensor = self.last(hidden)
        return logits


def export_sampler(model: Segmenter, path: Path) -> None:
    """Write the graph; N, H and W are dynamic."""
    features = torch.zeros(1, model.config.fusion_width, 24, 40)
    write_graph(
        SamplerGraph(model),
        (features, torch.zeros(3, model.config.latent_dimension)),
        path,
        names=(INPUTS, OUTPUTS),
        axes={
            "features": {2: "height", 3: "width"},
            "z": {0: "samples"},
            "logits": {0: "samples", 2: "height", 3: "width"},
        },
    )
