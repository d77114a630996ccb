"""Second graph of a package: fused features and latent draws -> logits."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from margin_trainer.export.fold import folded
from margin_trainer.export.graph import write_graph
from margin_trainer.networks.segmenter import Segmenter

INPUTS, OUTPUTS = ["features", "z"], ["logits"]


class SamplerGraph(nn.Module):
    """features [1, F, H, W], z [N, L] -> logits [N, 1, H, W]; everything is per pixel, so H may be a strip of rows.

    With L = 0 only the number of rows of z is read: the one answer is repeated N times.
    """

    def __init__(self, model: Segmenter) -> None:
        super().__init__()
        self.part = folded(model.recombination)

    def forward(self, features: Tensor, z: Tensor) -> Tensor:
        """See the class."""
        if self.part.from_latent is None:
            return self.part.finish(features) + torch.zeros(z.shape[0], 1, 1, 1)
        shift: Tensor = self.part.from_latent(z)
        return self.part.finish(features + shift[:, :, None, None])


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
