"""Resampling, padding, standardising and field of view against the vectors shared with TypeScript."""

from __future__ import annotations

import json

import numpy as np
import pytest
from exact_resample import FIXTURE, vectors
from hypothesis import given
from hypothesis import strategies as st

from margin_trainer.data.field_of_view import find_field_of_view
from margin_trainer.data.fundus import standardise
from margin_trainer.data.resample import axis_weights, pad_to_multiple, resample, resample_mask, width_at_height

SHARED = json.loads(FIXTURE.read_text(encoding="utf-8"))


def test_fixture_is_what_the_oracle_says() -> None:
    assert json.loads(json.dumps(vectors())) == SHARED


@pytest.mark.parametrize("case", SHARED["values"])
def test_values(case: dict[str, list[list[float]]]) -> None:
    found = resample(np.array(case["input"], float), case["heightPx"], case["widthPx"])  # type: ignore[arg-type]
    assert np.abs(found - np.array(case["output"])).max() < SHARED["toleranceAbs"]


@pytest.mark.parametrize("case", SHARED["masks"])
def test_masks(case: dict[str, list[list[int]]]) -> None:
    found = resample_mask(np.array(case["input"], bool), case["heightPx"], case["widthPx"])  # type: ignore[arg-type]
    assert found.astype(int).tolist() == case["output"]


@pytest.mark.parametrize("case", SHARED["widths"])
def test_widths(case: dict[str, int]) -> None:
    assert width_at_height(case["widthPx"], case["heightPx"], case["targetHeightPx"]) == case["outputWidthPx"]


def test_reflection() -> None:
    line = np.array(SHARED["reflect"]["input"], np.float32)
    padded = pad_to_multiple(np.tile(line, (1, 8, 1)), 8)
    assert padded.shape == (1, 8, 8)
    assert padded[0, 0].tolist() == SHARED["reflect"]["output"]


def test_standardising_counts_the_inside_only() -> None:
    case = SHARED["standardise"]
    value, inside = np.array(case["input"], float)[None, None], np.array(case["inside"], bool)[None]
    assert np.abs(standardise(value, inside)[0, 0] - np.array(case["output"])).max() < 1e-5


def test_field_of_view() -> None:
    case = SHARED["fieldOfView"]
    found = find_field_of_view(np.array(case["rgb"], np.uint8))
    assert ["".join(map(str, row)) for row in found.astype(int)] == case["output"]


@given(st.integers(1, 40), st.integers(1, 40))
def test_weights_keep_constants_and_are_not_negative(input_px: int, output_px: int) -> None:
    weights = axis_weights(input_px, output_px)
    assert np.abs(weights.sum(axis=1) - 1).max() < 1e-12
    assert weights.min() >= 0


@given(st.integers(1, 40), st.integers(1, 40))
def test_mirrored_input_gives_mirrored_output(input_px: int, output_px: int) -> None:
    weights = axis_weights(input_px, output_px)
    assert np.abs(weights - weights[::-1, ::-1]).max() < 1e-12
