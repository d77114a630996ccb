"""Convolution blocks shared by the U-Net and the latent encoders.

Order is convolution, batch normalisation, ReLU: the normalisation folds into the convolution exactly, which
convolution, ReLU, normalisation before a zero-padded convolution does not.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional


def initialise_convolution(layer: nn.Conv2d) -> None:
    """He-normal weight; bias, where there is one, truncated normal with standard deviation 0.001."""
    nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
    if layer.bias is not None:
        nn.init.trunc_normal_(layer.bias, std=0.001, a=-0.002, b=0.002)


class ConvolutionBlock(nn.Sequential):
    """Three times 3x3 convolution, batch normalisation, ReLU; keeps height and width."""

    def __init__(self, input_channels: int, output_channels: int) -> None:
        layers: list[nn.Module] = []
        for k in range(3):
            source = input_channels if k == 0 else output_channels
            convolution = nn.Conv2d(source, output_channels, 3, padding=1, bias=False)
            initialise_convolution(convolution)
            layers += [convolution, nn.BatchNorm2d(output_channels), nn.ReLU(inplace=True)]
        super().__init__(*layers)


class ContractingPath(nn.Module):
    """Blocks with 2x2 average pooling between them: [N, C, H, W] -> one map a level, finest first."""

    def __init__(self, input_channels: int, filters: tuple[int, ...]) -> None:
        super().__init__()
        widths = (input_channels, *filters)
        self.blocks = nn.ModuleList(ConvolutionBlock(a, b) for a, b in pairwise(widths))

    def forward(self, image: Tensor) -> list[Tensor]:
        """H and W must be multiples of 2^(levels - 1)."""
        maps: list[Tensor] = []
        current = image
        for level, block in enumerate(self.blocks):
            if level > 0:
                current = functional.avg_pool2d(current, 2)
            current = block(current)
            maps.append(current)
        return maps


def upsample(coarse: Tensor) -> Tensor:
    """Bilinear x2, half-pixel centres (align_corners False: supported by every ONNX provider)."""
    return functional.interpolate(coarse, scale_factor=2, mode="bilinear", align_corners=False)


def join(fine: Tensor, coarse: Tensor) -> Tensor:
    """Skip connection: the upsampled coarse map after the fine one, along channels."""
    return torch.cat([fine, upsample(coarse)], dim=1)
