"""What learns: the head on cached features, or the network on images."""

from __future__ import annotations

import copy
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.utils import parametrize

from margin_trainer.fine_tune.annotated import Annotated
from margin_trainer.fine_tune.head import Head
from margin_trainer.fine_tune.objective import Readings, image_losses
from margin_trainer.fine_tune.parent import Parent
from margin_trainer.fine_tune.pixels import Table
from margin_trainer.fine_tune.recipe import Recipe, Stage
from margin_trainer.networks.segmenter import Segmenter


class HeadLearner:
    """Learns on tables of cached features."""

    def __init__(self, parent: Parent, local: Table, replay: Table | None, recipe: Recipe) -> None:
        self.module: Head = Head(parent)
        self._parent, self._local, self._replay = Head(parent).requires_grad_(False), local, replay
        self._tie = recipe.tie

    def begin(self, stage: Stage) -> None:
        """See Learner."""
        self.module.train_bias_alone()
        if stage.part == "recombination":
            self.module.train_recombination_too()

    def loss(
        self, local: NDArray[np.int64], replay: NDArray[np.int64], noise: Tensor, generator: np.random.Generator
    ) -> Tensor:
        """See Learner; views were drawn when the table was made."""
        del generator
        first = self._mean(self._local, local, noise[: len(local)], tied=len(replay) == 0)
        if self._replay is None or len(replay) == 0:
            return first
        return first + self._mean(self._replay, replay, noise[len(local) :], tied=False)

    def _mean(self, table: Table, numbers: NDArray[np.int64], noise: Tensor, tied: bool) -> Tensor:
        rows = torch.from_numpy(numbers)
        prior = self.module.gaussian(table.context[rows])
        with torch.no_grad():
            before = self._parent.gaussian(table.context[rows])
        logits = self.module.logits(table.features[rows].float(), prior.draw(noise))
        readings = Readings(table.marks[rows].float(), table.given[rows].float(), table.weight[rows])
        return image_losses(logits, readings, prior, before, self._tie, tied).mean()


RANK = 4


class LowRankCentre(nn.Module):
    """A 3x3 kernel [O, I, 3, 3] plus a matrix of low rank in its middle: a 1x1 convolution beside it, merged."""

    def __init__(self, outputs: int, inputs: int) -> None:
        super().__init__()
        self.down = nn.Parameter(torch.randn(RANK, inputs) / inputs**0.5)
        self.up = nn.Parameter(torch.zeros(outputs, RANK))

    def forward(self, kernel: Tensor) -> Tensor:
        """The kernel with the matrix in it; at the start unchanged."""
        return with_centre(kernel, self.up, self.down)


def with_centre(kernel: Tensor, up: Tensor, down: Tensor) -> Tensor:
    """kernel [O, I, 3, 3], up [O, r], down [r, I]."""
    return kernel + nn.functional.pad((up @ down)[:, :, None, None], (1, 1, 1, 1))


def add_adapters(model: Segmenter, seed: int) -> None:
    """A `LowRankCentre` in every 3x3 convolution of the U-Net and of the prior."""
    torch.manual_seed(seed)
    for part in (model.unet, model.prior):
        for layer in list(part.modules()):
            if isinstance(layer, nn.Conv2d) and layer.kernel_size == (3, 3):
                parametrize.register_parametrization(
                    layer, "weight", LowRankCentre(layer.out_channels, layer.in_channels)
                )


BESIDE = ".parametrizations.weight."


def merged(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Weights of an adapted network in the old shape: the matrices are in the kernels."""
    plain = {name: value for name, value in state.items() if BESIDE not in name}
    for name, kernel in state.items():
        layer, beside, last = name.partition(BESIDE)
        if beside and last == "original":
            plain[f"{layer}.weight"] = with_centre(
                kernel, state[f"{layer}{BESIDE}0.up"], state[f"{layer}{BESIDE}0.down"]
            )
    return plain


class NetworkLearner:
    """Learns on images: the whole network, or adapters and recombination. Normalisation and posterior stay."""

    def __init__(
        self, parent: Parent, local: Sequence[Annotated], replay: Sequence[Annotated] | None, recipe: Recipe, seed: int
    ) -> None:
        self.module: Segmenter = copy.deepcopy(parent.model)
        self._adapted = any(stage.part == "adapter" for stage in recipe.stages)
        if self._adapted:
            add_adapters(self.module, seed)
        self._parent, self._local, self._replay = parent.model, local, replay
        self._tie = recipe.tie

    def begin(self, stage: Stage) -> None:
        """See Learner."""
        model = self.module.eval().requires_grad_(False)
        model.prior.head.bias.requires_grad_(True)  # type: ignore[union-attr]
        if stage.part == "bias":
            return
        model.recombination.requires_grad_(True)
        for part in (model.unet, model.prior):
            for name, value in part.named_parameters():
                chosen = ".parametrizations." in f".{name}" and not name.endswith("original")
                value.requires_grad_(chosen if stage.part == "adapter" else value.dim() > 1)
        model.prior.head.requires_grad_(True)

    def loss(
        self, local: NDArray[np.int64], replay: NDArray[np.int64], noise: Tensor, generator: np.random.Generator
    ) -> Tensor:
        """See Learner."""
        first = self._mean(self._local, local, noise[: len(local)], len(replay) == 0, generator)
        if self._replay is None or len(replay) == 0:
            return first
        return first + self._mean(self._replay, replay, noise[len(local) :], False, generator)

    def _mean(
        self,
        source: Sequence[Annotated],
        numbers: NDArray[np.int64],
        noise: Tensor,
        tied: bool,
        generator: np.random.Generator,
    ) -> Tensor:
        views = [source[n].view(generator) for n in numbers]
        image = torch.from_numpy(np.stack([view.image for view in views]))
        part, prior = self.module.encode(image)
        with torch.no_grad():
            _, before = self._parent.encode(image)
        logits = self.module.decode(part, prior.draw(noise)).flatten(2)
        most = max(len(view.readings) for view in views)
        marks = np.stack([np.pad(v.readings, [(0, most - len(v.readings)), (0, 0), (0, 0)]) for v in views])
        given = np.stack([np.arange(most) < len(v.readings) for v in views])
        inside = np.stack([view.inside for view in views]).astype(np.float32)
        readings = Readings(
            torch.from_numpy(marks.astype(np.float32)).flatten(2),
            torch.from_numpy(given.astype(np.float32)),
            torch.from_numpy(inside).flatten(1),
        )
        return image_losses(logits, readings, prior, before, self._tie, tied).mean()
