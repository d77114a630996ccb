"""Writes a module as one ONNX file and checks by hand what is in it."""

from __future__ import annotations

import contextlib
import io
import warnings
from pathlib import Path

import onnx
import torch
from torch import Tensor, nn

from margin_trainer.failure import TrainerError

OPSET = 17

ALLOWED_OPERATORS = frozenset(
    [
        *(
            "Add",
            "Cast",
            "Concat",
            "Constant",
            "ConstantOfShape",
            "Div",
            "Flatten",
            "Gather",
            "Identity",
            "Mul",
            "ReduceMean",
            "Reshape",
        ),
        *("Shape", "Slice", "Split", "Squeeze", "Sub", "Transpose", "Unsqueeze"),
        *("AveragePool", "Conv", "Gemm", "MatMul", "Relu", "Resize", "Tanh"),
    ]
)
"""Plain operators that every provider has; no Random*, If, Loop or custom ones."""


def write_graph(
    module: nn.Module,
    example: tuple[Tensor, ...],
    path: Path,
    names: tuple[list[str], list[str]],
    axes: dict[str, dict[int, str]],
) -> None:
    """Trace `module` on `example`, write `path` in one piece without external data, and check the result."""
    module.eval()
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module,
            example,
            str(path),
            input_names=names[0],
            output_names=names[1],
            dynamic_axes=axes,
            opset_version=OPSET,
            dynamo=False,
            external_data=False,
        )
    check_graph(path)


def check_graph(path: Path) -> None:
    """Refuse, naming the file: an operator outside the list, external data, a weight that is not finite."""
    model = onnx.load(str(path))
    onnx.checker.check_model(model)
    foreign = {node.op_type for node in model.graph.node} - ALLOWED_OPERATORS
    if foreign:
        raise TrainerError(f"{path}: operators that are not plain: {', '.join(sorted(foreign))}")
    for tensor in model.graph.initializer:
        if tensor.external_data:
            raise TrainerError(f"{path}: {tensor.name} lies in another file")
        values = torch.from_numpy(onnx.numpy_helper.to_array(tensor).copy())
        if values.is_floating_point() and not bool(torch.isfinite(values).all()):
            raise TrainerError(f"{path}: {tensor.name} is not finite")
