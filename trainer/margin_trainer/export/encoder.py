"""First graph of a package: image -> fused features, prior mean, prior log variance."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from margin_trainer.export.fold import folded
from margin_trainer.export.graph import check_graph, write_graph
from margin_trainer.export.half import rounded, store_half
from margin_trainer.networks.segmenter import Segmenter

INPUTS, OUTPUTS = ["image"], ["features", "mean", "logVariance"]
MULTIPLE = 8


class EncoderGraph(nn.Module):
    """image [1, C, H, W] -> features W_f f + b [1, F, H, W], mean [1, L], logVariance = 2 log sigma [1, L].

    Without a latent mean and logVariance are [1, 0].
    """

    def __init__(self, model: Segmenter) -> None:
        super().__init__()
        self.unet = folded(model.unet)
        self.prior = folded(model.prior) if model.config.latent_dimension > 0 else None
        self.shared_prior = model.config.shared_prior
        self.from_features = folded(model.recombination.from_features)

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """See the class."""
        features, coarsest = self.unet.with_coarsest(image)
        part = self.from_features(features)
        if self.prior is None:
            return part, image.new_zeros(1, 0), image.new_zeros(1, 0)
        prior, _ = self.prior(coarsest if self.shared_prior else image)
        return part, prior.mean, 2.0 * prior.log_sigma


def export_encoder(model: Segmenter, path: Path) -> None:
    """Write the graph, its kernels in float16; H and W are dynamic multiples of 8."""
    image = torch.zeros(1, model.config.channels, 4 * MULTIPLE, 5 * MULTIPLE)
    write_graph(
        rounded(EncoderGraph(model)),
        (image,),
        path,
        names=(INPUTS, OUTPUTS),
        axes={"image": {2: "height", 3: "width"}, "features": {2: "height", 3: "width"}},
    )
    store_half(path)
    check_graph(path)
