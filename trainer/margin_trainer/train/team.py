"""Several processes that train one model: torchrun starts them, each computes its rows of every batch."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

import torch
from torch import Tensor, distributed, nn
from torch.distributed.nn.functional import all_reduce

from margin_trainer.data.batch import Batch
from margin_trainer.failure import TrainerError


def own_device() -> torch.device:
    """The CUDA device torchrun gave this process, the only one without torchrun, or the CPU."""
    if not torch.cuda.is_available():
        return torch.device("cpu")
    return torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))


@dataclass(frozen=True)
class Team:
    """`size` processes, this one is `rank`; rank 0 leads: it validates, writes and reports. Size 1: no communication.

    Clocks differ between processes, so whatever depends on wall time or on a signal is decided once, by `lead`.
    """

    rank: int = 0
    size: int = 1
    device: torch.device = field(default_factory=own_device)

    @property
    def leads(self) -> bool:
        """Whether this process is the one that writes."""
        return self.rank == 0

    def lead(self, *values: float) -> list[float]:
        """The leader's numbers, in every process."""
        if self.size == 1:
            return list(values)
        shared = torch.tensor(values, dtype=torch.float64, device=self.device)
        distributed.broadcast(shared, src=0)
        return [float(v) for v in shared]

    def mean(self, values: Tensor) -> Tensor:
        """Mean of each entry over the processes."""
        if self.size == 1:
            return values
        shared = values.detach().clone()
        distributed.all_reduce(shared)
        return shared / self.size

    def rows(self, batch: Batch) -> Batch:
        """This process's share of a batch; refused: a batch that does not divide."""
        share = self.span(len(batch.image))
        inside = None if batch.inside is None else batch.inside[share]
        return Batch(image=batch.image[share], masks=batch.masks[share], inside=inside)

    def span(self, count: int) -> slice:
        """Rows of this process among `count`."""
        if count % self.size:
            raise TrainerError(f"a batch of {count} does not divide among {self.size} processes")
        each = count // self.size
        return slice(self.rank * each, (self.rank + 1) * each)


def join_team() -> Team:
    """The team torchrun announces in the environment; a team of one without it. NCCL on CUDA, else gloo."""
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        return Team()
    if torch.cuda.is_available():
        torch.cuda.set_device(own_device())
    distributed.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
    return Team(rank=distributed.get_rank(), size=distributed.get_world_size())


def leave_team(team: Team) -> None:
    """Close the connections of `join_team`."""
    if team.size > 1:
        distributed.destroy_process_group()


class SharedBatchNorm(nn.BatchNorm2d):
    """Batch normalisation with the statistics of the whole team's batch, on CPU and CUDA alike."""

    def forward(self, value: Tensor) -> Tensor:
        """value [N, C, H, W]; every process must give as many numbers."""
        if not self.training:
            return super().forward(value)
        size = distributed.get_world_size()
        wide = value.float()
        mean = all_reduce(wide.mean(dim=(0, 2, 3))) / size
        centred = wide - mean[:, None, None]
        variance = all_reduce(centred.square().mean(dim=(0, 2, 3))) / size
        self._remember(mean.detach(), variance.detach(), size * value.numel() // value.shape[1])
        gain = self.weight * (variance + self.eps).rsqrt()
        result: Tensor = centred * gain[:, None, None] + self.bias[:, None, None]
        return result.to(value.dtype)

    def _remember(self, mean: Tensor, variance: Tensor, count: int) -> None:
        """Running statistics as PyTorch keeps them: unbiased variance, momentum 0.1."""
        assert self.running_mean is not None
        assert self.running_var is not None
        assert self.num_batches_tracked is not None
        weight = self.momentum if self.momentum is not None else 0.1
        with torch.no_grad():
            self.running_mean.lerp_(mean, weight)
            self.running_var.lerp_(variance * count / (count - 1), weight)
            self.num_batches_tracked += 1


def share_statistics(model: nn.Module) -> None:
    """Make every batch normalisation of `model` a SharedBatchNorm in place; names and numbers stay."""
    for module in model.modules():
        if type(module) is nn.BatchNorm2d:
            module.__class__ = SharedBatchNorm
