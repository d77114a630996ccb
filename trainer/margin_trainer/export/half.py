"""Kernels of a graph kept in float16 and cast when it is loaded: half the file, the same arithmetic.

The weights are rounded before the graph is traced, so that what is stored is exactly what Torch computed with.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import TypeVar

import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from margin_trainer.failure import TrainerError

Module = TypeVar("Module", bound=nn.Module)

SMALLEST_ENTRIES = 1024
"""Smaller tensors are few bytes; they stay as they are."""


def rounded(module: Module) -> Module:
    """A copy whose kernels hold float16 values in float32. Refused: a weight beyond float16."""
    result = copy.deepcopy(module)
    with torch.no_grad():
        for name, weight in result.named_parameters():
            if weight.dim() >= 2 and weight.numel() >= SMALLEST_ENTRIES:
                weight.copy_(weight.half().float())
                if not bool(torch.isfinite(weight).all()):
                    raise TrainerError(f"{name} does not fit float16")
    return result


def store_half(path: Path) -> None:
    """Rewrite a graph: large float32 initializers that float16 holds exactly become float16, a cast behind each."""
    model = onnx.load(str(path))
    kept, casts = [], []
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        half = values.astype("float16") if tensor.data_type == TensorProto.FLOAT else values
        if values.size < SMALLEST_ENTRIES or half.dtype != "float16" or (half.astype("float32") != values).any():
            kept.append(tensor)
            continue
        kept.append(numpy_helper.from_array(half, f"{tensor.name}.float16"))
        casts.append(helper.make_node("Cast", [f"{tensor.name}.float16"], [tensor.name], to=TensorProto.FLOAT))
    nodes = [*casts, *model.graph.node]
    del model.graph.initializer[:], model.graph.node[:]
    model.graph.initializer.extend(kept)
    model.graph.node.extend(nodes)
    onnx.save(model, str(path))
