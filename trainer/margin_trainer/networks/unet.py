"""The decoder network of the cVAE: a U-Net that ends in feature maps, not in logits."""

from __future__ import annotations

from torch import Tensor, nn

from margin_trainer.networks.blocks import ContractingPath, ConvolutionBlock, join


class UNet(nn.Module):
    """Image [N, C, H, W] -> features [N, filters[0], H, W]; H and W multiples of 2^(levels - 1)."""

    def __init__(self, input_channels: int, filters: tuple[int, ...]) -> None:
        super().__init__()
        self.down = ContractingPath(input_channels, filters)
        self.up = nn.ModuleList(
            ConvolutionBlock(filters[level] + filters[level + 1], filters[level])
            for level in reversed(range(len(filters) - 1))
        )

    def forward(self, image: Tensor) -> Tensor:
        """See the class."""
        return self.with_coarsest(image)[0]

    def with_coarsest(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """The features, and the coarsest map [N, filters[-1], h, w] of the contracting path."""
        maps: list[Tensor] = self.down(image)
        coarsest = current = maps.pop()
        for block in self.up:
            current = block(join(maps.pop(), current))
        return current, coarsest
