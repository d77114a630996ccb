"""HM-IoU: IoU of samples matched to readings one to one so that the total is largest."""

from __future__ import annotations

import math

import numpy as np
from scipy.optimize import linear_sum_assignment

from margin_trainer.measures.distance import Masks, overlap


def hungarian_iou(samples: Masks, readings: Masks) -> float:
    """samples [N, H, W], readings [M, H, W]: both repeated to the least common multiple of N and M, then matched."""
    count = math.lcm(len(samples), len(readings))
    matrix = overlap(samples, readings)
    square = np.repeat(np.repeat(matrix, count // len(samples), axis=0), count // len(readings), axis=1)
    rows, columns = linear_sum_assignment(square, maximize=True)
    return float(square[rows, columns].mean())
