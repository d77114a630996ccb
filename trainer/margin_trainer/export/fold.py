"""Batch normalisation in evaluation mode folded into the convolution before it: W' = g W, b' = beta - g mean + g b."""

from __future__ import annotations

import copy
from itertools import pairwise
from typing import TypeVar

import torch
from torch import nn

Module = TypeVar("Module", bound=nn.Module)


def fold_pair(convolution: nn.Conv2d, norm: nn.BatchNorm2d) -> nn.Conv2d:
    """One convolution equal to convolution then normalisation, computed in float64 and rounded once."""
    if norm.running_mean is None or norm.running_var is None:
        raise ValueError("a normalisation without running statistics cannot be folded")
    gain = norm.weight.double() / (norm.running_var.double() + norm.eps).sqrt()
    bias = torch.zeros_like(gain) if convolution.bias is None else convolution.bias.double()
    folded = nn.Conv2d(
        convolution.in_channels,
        convolution.out_channels,
        convolution.kernel_size,  # type: ignore[arg-type]
        padding=convolution.padding,  # type: ignore[arg-type]
        dtype=convolution.weight.dtype,
    )
    with torch.no_grad():
        folded.weight.copy_(convolution.weight.double() * gain[:, None, None, None])
        folded.bias.copy_(norm.bias.double() + gain * (bias - norm.running_mean.double()))  # type: ignore[union-attr]
    return folded


def folded(module: Module) -> Module:
    """A copy of `module` in which every normalisation right after a convolution is gone."""
    result = copy.deepcopy(module).eval()
    for parent in result.modules():
        names = list(parent._modules)
        for first, second in pairwise(names):
            before, after = parent._modules[first], parent._modules[second]
            if isinstance(before, nn.Conv2d) and isinstance(after, nn.BatchNorm2d):
                parent._modules[first] = fold_pair(before, after)
                parent._modules[second] = nn.Identity()
    return result.requires_grad_(False)
