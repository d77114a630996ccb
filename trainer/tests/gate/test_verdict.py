"""Laws of the gate: what it may never let in, what may not matter to it, and how often it errs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from margin_trainer.gate.figures import CaseFigures, case_figures, detectable, interval, size_bias
from margin_trainer.gate.verdict import Judged, decide
from margin_trainer.measures.calibration import Reliability

SEEDS = st.integers(0, 2**32 - 1)


def drawn_cases(seed: int, patients: int) -> list[CaseFigures]:
    """Figures of a plausible model: one to three cases a patient."""
    generator = np.random.default_rng(seed)
    near = Reliability(np.array([90.0, 10.0, 20.0]), np.array([5.0, 5.0, 18.0]))
    return [
        CaseFigures(
            case=f"case-{patient}-{k}",
            patient=f"P-{patient}",
            ged=float(generator.uniform(0.05, 0.6)),
            spread=float(generator.uniform(0.2, 0.6)),
            reader_spread=float(generator.uniform(0.2, 0.6)),
            dice=float(generator.uniform(0.3, 0.9)),
            share_that_draws=float(generator.normal(0, 0.1)),
            draws=float(generator.uniform(0.4, 1.0)),
            area_px=float(generator.uniform(60, 140)),
            read_area_px=float(generator.uniform(60, 140)),
            empty_where_all_marked=False,
            near=near,
        )
        for patient in range(patients)
        for k in range(int(generator.integers(1, 4)))
    ]


def moved(cases: list[CaseFigures], by: float, noise: float, seed: int) -> list[CaseFigures]:
    generator = np.random.default_rng(seed)
    return [replace(one, ged=one.ged + by + noise * float(generator.standard_normal())) for one in cases]


@settings(max_examples=20)
@given(SEEDS, st.integers(1, 40), st.integers(0, 20), st.floats(-0.0019, 0.0019))
def test_a_candidate_equal_to_its_parent_or_as_good_as_equal_never_improves(
    seed: int, patients: int, judged_before: int, by: float
) -> None:
    cases = drawn_cases(seed, patients)
    verdict, words, _ = decide(Judged(cases, cases, judged_before=judged_before))
    assert verdict == ("no-harm" if patients >= 10 else "too-few"), words
    assert decide(Judged(cases, moved(cases, by, 0.0, seed), judged_before=judged_before))[0] != "improves"


@settings(max_examples=20)
@given(SEEDS, st.integers(1, 30), st.sampled_from(["empty", "alike"]), st.booleans())
def test_a_collapsed_candidate_is_always_refused(seed: int, patients: int, how: str, one_reader: bool) -> None:
    generator = np.random.default_rng(seed)
    parent, candidate = [], []
    for k in range(patients):
        square = np.zeros((4, 8, 8), bool)
        square[:, 2:6, 2:6] = True
        samples = square | (generator.random((4, 8, 8)) < 0.2)
        readings = square[: 1 if one_reader else 2]
        inside = np.ones((8, 8), bool)
        # Even where the collapsed answer is the readers' own.
        collapsed = np.zeros_like(square) if how == "empty" else square
        parent.append(case_figures(f"case-{k}", f"P-{k}", samples, readings, inside))
        candidate.append(case_figures(f"case-{k}", f"P-{k}", collapsed, readings, inside))
    verdict, words, _ = decide(Judged(parent, candidate))
    assert (verdict, words.startswith("Refused: Collapsed")) == ("worse", True)


@settings(max_examples=20)
@given(SEEDS, st.integers(2, 25))
def test_neither_the_order_nor_the_names_of_patients_matter(seed: int, patients: int) -> None:
    cases = drawn_cases(seed, patients)
    after = moved(cases, -0.02, 0.03, seed)
    generator = np.random.default_rng(seed)
    names = dict(zip([f"P-{k}" for k in range(patients)], generator.permutation(patients).tolist(), strict=True))
    order = generator.permutation(len(cases))
    shuffled = [[replace(some[k], patient=f"Q-{names[some[k].patient]}") for k in order] for some in (cases, after)]
    first, second = decide(Judged(cases, after)), decide(Judged(shuffled[0], shuffled[1]))
    assert first[0] == second[0]
    assert first[1] == second[1]


def test_with_few_patients_it_can_only_refuse_harm() -> None:
    for patients, better, worse in ((9, "too-few", "worse"), (12, "improves", "worse")):
        cases = drawn_cases(1, patients)
        assert decide(Judged(cases, moved(cases, -0.1, 0.01, 2)))[0] == better
        assert decide(Judged(cases, moved(cases, +0.1, 0.01, 2)))[0] == worse


def test_a_candidate_that_loses_more_on_the_reference_than_it_gains_here_is_refused() -> None:
    cases, reference = drawn_cases(1, 30), drawn_cases(2, 30)
    better = moved(cases, -0.05, 0.01, 3)
    assert decide(Judged(cases, better, reference, moved(reference, 0.04, 0.01, 4)))[0] == "improves"
    verdict, words, _ = decide(Judged(cases, better, reference, moved(reference, 0.08, 0.01, 4)))
    assert verdict == "worse"
    assert "reference" in words


def test_the_more_these_patients_have_judged_the_wider_the_interval() -> None:
    values = np.random.default_rng(5).normal(-0.02, 0.03, 20)
    spans = [interval(values, Judged([], [], judged_before=k).confidence) for k in (0, 1, 5, 30)]
    widths = [high - low for low, high in (span for span in spans if span is not None)]
    assert widths == sorted(widths)
    assert widths[0] < widths[-1]
    assert interval(values[:1], 0.95) is None


@pytest.mark.parametrize(("patients", "expected"), [(10, 0.0266), (30, 0.0153), (100, 0.0084)])
def test_power_is_that_of_the_normal_approximation(patients: int, expected: float) -> None:
    assert detectable(0.030, patients, 0.95) == pytest.approx(expected, abs=1e-4)


def test_of_equal_models_few_are_let_in() -> None:
    """One-sided error of a two-sided 95 % interval: 2.5 %; 120 verdicts of 10 patients, 3 standard errors allowed."""
    let_in = 0
    for seed in range(120):
        cases = drawn_cases(seed, 10)
        let_in += decide(Judged(cases, moved(cases, 0.0, 0.03, seed + 1000)))[0] == "improves"
    assert let_in <= 120 * 0.025 + 3 * (120 * 0.025 * 0.975) ** 0.5


def simulated_cases(seed: int, patients: int, scale: float) -> list[CaseFigures]:
    """Readers who differ and often mark nothing; samples are further readers of that kind, `scale` times as wide."""
    generator = np.random.default_rng(seed)

    def drawn(count: int, mean: float, times: float) -> np.ndarray:
        """Whole columns of 64 px, so that a width of one is a small lesion."""
        width = np.rint(times * mean * generator.lognormal(0, 0.5, count)) * (generator.random(count) < 0.6)
        return np.broadcast_to(np.arange(200) < width[:, None, None], (count, 4, 200))

    cases = []
    for patient in range(patients):
        mean = float(generator.lognormal(2.5, 0.8))
        samples, readings = drawn(12, mean, scale), drawn(3, mean, 1.0)
        cases.append(case_figures(f"case-{patient}", f"P-{patient}", samples, readings, np.ones((4, 200), bool)))
    return cases


def test_the_size_of_a_perfect_model_is_not_biased() -> None:
    """Pooled it is zero within its error; a mean of each case's own ratio is far above. What is too large is seen."""
    cases = simulated_cases(1, 400, 1.0)
    found = np.array(list(size_bias(cases).values()))
    error = found.std(ddof=1) / len(found) ** 0.5
    assert abs(found.mean()) < 3 * error
    assert error < 0.06
    ratios = [(one.area_px - one.read_area_px) / one.read_area_px for one in cases if one.read_area_px > 0]
    assert np.mean(ratios) > 6 * error
    total = sum(one.area_px for one in cases) / sum(one.read_area_px for one in cases)
    assert found.mean() == pytest.approx(total - 1)
    wide = np.mean(list(size_bias(simulated_cases(1, 400, 1.5)).values()))
    assert 0.4 < wide < 0.6
    assert size_bias([replace(one, read_area_px=0.0) for one in cases]) == {}
