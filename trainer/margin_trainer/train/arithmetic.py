"""Which arithmetic a processor is quick in."""

from __future__ import annotations

import torch


def computes_bfloat16(device: torch.device) -> bool:
    """Whether convolutions in bfloat16 run on the device's own instructions.

    A CPU without them (AVX2 alone) still computes in bfloat16, by a reference loop some ten times slower than float32.
    """
    if device.type != "cpu":
        return True
    supported: bool = torch.ops.mkldnn._is_mkldnn_bf16_supported()
    return supported
