"""Pictures as in the paper's Figure 3: image, readers, and for each model the share of all samples, then eight."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from margin_trainer.data.batch import Case, Masks, place
from margin_trainer.package import open_package
from margin_trainer.scoring.score import sampled_logits

SHOWN = 8
CELL_PX = 128
GAP_PX = 4
LABEL_PX = 118
HEADING_PX = 18
MARK = (255, 176, 0)
"""Amber on grey: told apart by brightness as well, so also without colour vision."""

Rgb = NDArray[np.uint8]


def grey(value: NDArray[np.float64]) -> Rgb:
    """[H, W] scaled by its own extremes -> [H, W, 3]."""
    low, high = float(value.min()), float(value.max())
    level = 255 * (value - low) / (high - low) if high > low else np.zeros_like(value)
    return np.repeat(level.round().astype(np.uint8)[..., None], 3, axis=2)


def outlined(picture: Rgb, mask: NDArray[np.bool_]) -> Rgb:
    """The picture with the mask's inner border marked."""
    padded = np.pad(mask, 1)
    inner = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    drawn = picture.copy()
    drawn[mask & ~inner] = MARK
    return drawn


def filled(mask: NDArray[np.bool_]) -> Rgb:
    """A mask as white on black."""
    return np.repeat((255 * mask.astype(np.uint8))[..., None], 3, axis=2)


def view_of(case: Case) -> tuple[slice, slice]:
    """The square of the readings' grid that is shown: what the network sees; of a photograph, left of its centre."""
    height, width = case.inside.shape
    if len(case.image) == 1:
        bottom, right = case.top + case.image.shape[1], case.left + case.image.shape[2]
        return slice(case.top, min(bottom, height)), slice(case.left, min(right, width))
    top, left = max(0, (height - CELL_PX) // 2), width // 4
    return slice(top, top + CELL_PX), slice(left, left + CELL_PX)


def picture_of(case: Case) -> NDArray[np.float64]:
    """The network input on the readings' grid, one channel (green of three)."""
    channel = case.image[len(case.image) // 2].astype(np.float64)
    height, width = case.inside.shape
    whole = np.full((height, width), float(channel.min()))
    seen = channel[: height - case.top, : width - case.left]
    whole[case.top : case.top + len(seen), case.left : case.left + seen.shape[1]] = seen
    return whole


def rows_of(number: int, case: Case, packages: Sequence[Path], seed: int, threads: int) -> list[tuple[str, list[Rgb]]]:
    """Labelled rows of cells for one case."""
    view = view_of(case)
    base = grey(picture_of(case)[view])
    readings = case.readings & case.inside
    thin = case.image.shape[0] == 3

    def show(mask: NDArray[np.bool_]) -> Rgb:
        return filled(mask[view]) if thin else outlined(base, mask[view])

    rows = [("image, readers", [base, *[show(reading) for reading in readings]])]
    for folder in packages:
        package, manifest = open_package(folder, threads)
        masks: Masks = place(sampled_logits(package, case, seed + number), case)
        mean = masks.mean(axis=0)[view]
        level = np.repeat((255 * mean).round().astype(np.uint8)[..., None], 3, axis=2)
        rows.append((manifest["kind"], [level, *[show(mask) for mask in masks[:SHOWN]]]))
    return rows


def draw_figure(blocks: Sequence[tuple[str, list[tuple[str, list[Rgb]]]]], path: Path) -> None:
    """Titled blocks of labelled rows of square cells -> PNG without metadata."""
    font = ImageFont.load_default(size=13)
    columns = max(len(cells) for _title, rows in blocks for _label, cells in rows)
    width = LABEL_PX + columns * (CELL_PX + GAP_PX)
    height = sum(HEADING_PX + len(rows) * (CELL_PX + GAP_PX) for _title, rows in blocks)
    canvas = Image.new("RGB", (width, height), (24, 24, 24))
    pen = ImageDraw.Draw(canvas)
    top = 0
    for title, rows in blocks:
        pen.text((GAP_PX, top + 2), title, fill=(235, 235, 235), font=font)
        top += HEADING_PX
        for words, cells in rows:
            pen.text((GAP_PX, top + CELL_PX // 2 - 8), words, fill=(235, 235, 235), font=font)
            for k, content in enumerate(cells):
                tile = Image.fromarray(content).resize((CELL_PX, CELL_PX), Image.Resampling.NEAREST)
                canvas.paste(tile, (LABEL_PX + k * (CELL_PX + GAP_PX), top))
            top += CELL_PX + GAP_PX
    path.parent.mkdir(parents=True, exist_ok=True)
    canvas.save(path, optimize=True)
