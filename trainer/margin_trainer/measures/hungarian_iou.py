"""HM-IoU: IoU of samples matched to readings one to one so that the total is largest."""

from __future__ import annotations

import math

import numpy as np
from scipy.optimize import linear_sum_assignment

from margin_trainer.measures.distance import Masks, Matrix, overlap


def matched_mean(matrix: Matrix) -> float:
    """[N, M] agreement, larger is better: both sides repeated to their least common multiple, then matched; mean."""
    count = math.lcm(*matrix.shape)
    square = np.repeat(np.repeat(matrix, count // matrix.shape[0], axis=0), count // matrix.shape[1], axis=1)
    rows, columns = linear_sum_assignment(square, maximize=True)
    return float(square[rows, columns].mean())


def hungarian_iou(samples: Masks, readings: Masks) -> float:
    """samples [N, H, W], readings [M, H, W]."""
    return matched_mean(overlap(samples, readings))
