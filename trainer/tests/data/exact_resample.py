"""Exact rational resampling, pixel by pixel, as the rule is written: the oracle of the shared vectors.

`python tests/data/exact_resample.py` writes test/fixtures/resample-vectors.json for both languages.
"""

from __future__ import annotations

import json
from collections import deque
from fractions import Fraction
from math import floor
from pathlib import Path
from typing import Any

FIXTURE = Path(__file__).resolve().parents[3] / "test" / "fixtures" / "resample-vectors.json"

Grid = list[list[int]]

SIZES = [((7, 5), (4, 3)), ((3, 4), (8, 9)), ((6, 6), (6, 6)), ((5, 9), (7, 4)), ((10, 3), (4, 3)), ((9, 8), (2, 5))]


def axis(line: list[Fraction], output_px: int) -> list[Fraction]:
    """One line of pixels to `output_px`."""
    count = len(line)
    scale = Fraction(count, output_px)
    result = []
    for i in range(output_px):
        if scale >= 1:
            start, end = i * scale, (i + 1) * scale
            cover = [max(Fraction(0), min(end, Fraction(j + 1)) - max(start, Fraction(j))) for j in range(count)]
            result.append(sum((c * v for c, v in zip(cover, line, strict=True)), Fraction(0)) / scale)
        else:
            position = (i + Fraction(1, 2)) * scale - Fraction(1, 2)
            low = floor(position)
            first, second = (line[min(max(j, 0), count - 1)] for j in (low, low + 1))
            result.append(first + (position - low) * (second - first))
    return result


def exact(values: Grid, height_px: int, width_px: int) -> list[list[Fraction]]:
    """[H][W] integers -> [height][width] rationals."""
    wide = [axis([Fraction(v) for v in row], width_px) for row in values]
    columns = [axis([row[c] for row in wide], height_px) for c in range(width_px)]
    return [[columns[c][r] for c in range(width_px)] for r in range(height_px)]


def field_of_view(rgb: list[list[list[int]]]) -> list[str]:
    """The rule of data/field_of_view.py by plain loops; rows of 0 and 1."""
    height, width = len(rgb), len(rgb[0])

    def brightest(r: int, c: int) -> int:
        return max(rgb[min(max(r, 0), height - 1)][min(max(c, 0), width - 1)])

    bright = {
        (r, c)
        for r in range(height)
        for c in range(width)
        if sum(brightest(r + a, c + b) for a in range(-2, 3) for b in range(-2, 3)) > 12 * 25
    }
    largest: set[tuple[int, int]] = set()
    for component in components(bright):
        if len(component) > len(largest):
            largest = component
    everywhere = {(r, c) for r in range(height) for c in range(width)}
    for hole in components(everywhere - largest):
        if all(0 < r < height - 1 and 0 < c < width - 1 for r, c in hole):
            largest |= hole
    return ["".join("1" if (r, c) in largest else "0" for c in range(width)) for r in range(height)]


def components(cells: set[tuple[int, int]]) -> list[set[tuple[int, int]]]:
    """4-connected components, in reading order of their first cell."""
    left, found = set(cells), []
    for start in sorted(cells):
        if start not in left:
            continue
        left.discard(start)
        component, queue = {start}, deque([start])
        while queue:
            r, c = queue.popleft()
            for near in ((r - 1, c), (r + 1, c), (r, c - 1), (r, c + 1)):
                if near in left:
                    left.discard(near)
                    component.add(near)
                    queue.append(near)
        found.append(component)
    return found


def drawn_photograph() -> list[list[list[int]]]:
    """24x28: a bright disc with a dark hole, a smaller bright spot apart, faint noise below the threshold."""
    rows = []
    for r in range(24):
        row = []
        for c in range(28):
            inside = (r - 11) ** 2 + (c - 11) ** 2 <= 81 and (r - 12) ** 2 + (c - 9) ** 2 > 9
            spot = 2 <= r <= 6 and c >= 24
            level = 90 if inside else 60 if spot else (r * 7 + c * 3) % 9
            row.append([level, level // 2, (r + c) % 5])
        rows.append(row)
    return rows


def vectors() -> dict[str, Any]:
    """Everything in the fixture."""
    cases, masks = [], []
    for (height, width), (out_height, out_width) in SIZES:
        grid = [[(37 * r * r + 91 * c + 13 * r * c) % 256 for c in range(width)] for r in range(height)]
        output = [[float(v) for v in row] for row in exact(grid, out_height, out_width)]
        cases.append({"input": grid, "heightPx": out_height, "widthPx": out_width, "output": output})
        mask = [[v % 2 for v in row] for row in grid]
        kept = [[int(v >= Fraction(1, 2)) for v in row] for row in exact(mask, out_height, out_width)]
        masks.append({"input": mask, "heightPx": out_height, "widthPx": out_width, "output": kept})
    photograph = drawn_photograph()
    return {
        "origin": "trainer/tests/data/exact_resample.py: exact rational arithmetic, rounded once to double",
        "rule": "s = input / output; s >= 1: exact area average over [i s, (i+1) s); else linear, half-pixel centres, "
        "edge clamp. Masks: the same on 0 and 1, then >= 0.5. Width at height h: floor(width h / height + 0.5).",
        "toleranceAbs": 1e-9,
        "values": cases,
        "masks": masks,
        "widths": [
            {
                "widthPx": w,
                "heightPx": h,
                "targetHeightPx": 512,
                "outputWidthPx": floor(Fraction(w * 512, h) + Fraction(1, 2)),
            }
            for w, h in ((999, 960), (700, 605), (565, 584), (1024, 1024), (3, 2048))
        ],
        "reflect": {
            "rule": "bottom and right edges only, edge pixel not repeated, to a multiple of 8",
            "input": [1, 2, 3, 4, 5],
            "output": [1, 2, 3, 4, 5, 4, 3, 2],
        },
        "standardise": {
            "rule": "mean and population standard deviation of the inside, applied to all; sd below 1e-6 counts as 1",
            "input": [10, 20, 30, 200],
            "inside": [1, 1, 1, 0],
            "output": [-1.224744871391589, 0.0, 1.224744871391589, 22.045407685048602],
        },
        "fieldOfView": {
            "rule": "largest of the three channels, mean of 5x5 with edge pixels repeated, > 12; largest 4-connected "
            "component; holes that do not touch the border filled; on the photograph's own pixels",
            "rgb": photograph,
            "output": field_of_view(photograph),
        },
    }


if __name__ == "__main__":
    FIXTURE.write_text(json.dumps(vectors()) + "\n", encoding="utf-8")
