"""The smoke preset learns both modes; one seed gives one result; a killed run resumes to the same weights."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import SmokeRun, quiet
from numpy.typing import NDArray

from margin_trainer.config import CheckpointConfig, PhaseConfig, TrainingConfig
from margin_trainer.data.batch import Batch, Case, Cropping, place
from margin_trainer.data.phantom import PhantomSet
from margin_trainer.failure import TrainerError
from margin_trainer.measures.distance import distance
from margin_trainer.package import open_package
from margin_trainer.scoring.score import score_case
from margin_trainer.train.checkpoint import read_checkpoint
from margin_trainer.train.loop import Trainer
from margin_trainer.train.progress import Progress
from margin_trainer.train.validation import validate


def test_learns_better_than_any_one_answer(smoke_run: SmokeRun) -> None:
    """For two nested modes at 50:50 the best single mask has GED d12 / 2, which is D_yy of two readings of each."""
    held_out = PhantomSet(replace(smoke_run.config.data, cases=24), seed=99).cases()
    score = validate(smoke_run.trainer.average.shadow, held_out, samples=16, seed=5)
    assert score.ged_v < 0.75 * score.d_yy


def test_draws_both_modes(smoke_run: SmokeRun) -> None:
    held_out = PhantomSet(replace(smoke_run.config.data, cases=24), seed=98)
    model = smoke_run.trainer.average.shadow
    generator = torch.Generator().manual_seed(6)
    long = []
    for case in held_out.cases():
        with torch.inference_mode():
            part, prior = model.encode(torch.from_numpy(case.image[None].copy()))
            logits = model.decode(part, prior.draw(torch.randn(1, 50, 6, generator=generator)))[0].numpy()
        to_modes = distance(place(logits, case), case.readings[:2])
        long.append(float((to_modes[:, 1] < to_modes[:, 0]).mean()))
    assert 0.35 < np.mean(long) < 0.65
    assert np.mean([0.05 < share < 0.95 for share in long]) > 0.7


SHORT = (
    PhaseConfig(objective="elbo", rate=3e-3, batch=4, steps=12, beta_warmup=0.5),
    PhaseConfig(objective="energy", rate=1e-3, batch=4, steps=8, draws=3),
)


def short_trainer(
    config: TrainingConfig,
    folder: Path,
    training: PhantomSet | None = None,
    phases: tuple[PhaseConfig, ...] = SHORT,
    validation: Sequence[Case] = (),
) -> Trainer:
    config = replace(config, phase=phases, checkpoint=CheckpointConfig(minutes=0, steps=5))
    return Trainer(config, training or PhantomSet(config.data, config.seed), validation, folder, quiet())


def same_weights(first: Trainer, second: Trainer) -> bool:
    pairs = (
        (first.model.state_dict(), second.model.state_dict()),
        (first.average.shadow.state_dict(), second.average.shadow.state_dict()),
    )
    return all(torch.equal(a[k], b[k]) for a, b in pairs for k in a)


class PowerCutError(RuntimeError):
    """Raised in place of a kill."""


class CutOff(PhantomSet):
    """Fails when the 18th batch is asked for."""

    batches = 0

    def batch(self, indices: NDArray[np.int64], cropping: Cropping, generator: np.random.Generator) -> Batch:
        self.batches += 1
        if self.batches == 18:
            raise PowerCutError
        return super().batch(indices, cropping, generator)


def test_one_seed_gives_one_result_and_a_killed_run_resumes_to_it(smoke_run: SmokeRun, tmp_path: Path) -> None:
    config = smoke_run.config
    first, second = short_trainer(config, tmp_path / "a"), short_trainer(config, tmp_path / "b")
    first.run()
    second.run()
    assert same_weights(first, second)

    cut = short_trainer(config, tmp_path / "c", CutOff(config.data, config.seed))
    with pytest.raises(PowerCutError):
        cut.run()
    resumed = short_trainer(config, tmp_path / "c")
    resumed.resume()
    assert resumed.position.step == 15
    resumed.run()
    assert resumed.position.step == 20
    assert same_weights(first, resumed)


@pytest.mark.parametrize("native", [True, False])
def test_bfloat16_is_used_where_the_processor_has_it(
    smoke_run: SmokeRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, native: bool
) -> None:
    """Without its instructions the weights are those of float32, and the run counts no step in bfloat16."""
    monkeypatch.setattr("margin_trainer.train.loop.computes_bfloat16", lambda _device: native)
    asked = replace(smoke_run.config, optimiser=replace(smoke_run.config.optimiser, bfloat16=True))
    phases = (replace(SHORT[0], steps=2),)
    plain = short_trainer(smoke_run.config, tmp_path / "plain", phases=phases)
    quick = short_trainer(asked, tmp_path / "quick", phases=phases)
    plain.run()
    quick.run()
    assert same_weights(plain, quick) is not native
    assert quick.position.bfloat16_steps == (2 if native else 0)


def test_a_finished_run_with_another_phase_is_the_run_of_both(smoke_run: SmokeRun, tmp_path: Path) -> None:
    whole = short_trainer(smoke_run.config, tmp_path / "whole")
    whole.run()
    short_trainer(smoke_run.config, tmp_path / "grown", phases=SHORT[:1]).run()
    grown = short_trainer(smoke_run.config, tmp_path / "grown")
    grown.resume()
    assert grown.position.step == SHORT[0].steps
    grown.run()
    assert same_weights(whole, grown)


def test_every_phase_chooses_its_weights_anew(smoke_run: SmokeRun, tmp_path: Path) -> None:
    """The second phase cannot be better than the first claims to be; its weights are kept all the same."""
    cases = PhantomSet(replace(smoke_run.config.data, cases=2), seed=97).cases()
    first = short_trainer(smoke_run.config, tmp_path, phases=SHORT[:1], validation=cases)
    first.run()
    first.position.best_ged = -1.0
    first.save()
    trainer = short_trainer(smoke_run.config, tmp_path, validation=cases)
    trainer.resume()
    trainer.run()
    assert trainer.position.best_step == 20
    assert read_checkpoint(tmp_path / "best.pt")["position"]["step"] == 20


def test_another_network_or_data_is_not_resumed(smoke_run: SmokeRun, tmp_path: Path) -> None:
    trainer = short_trainer(smoke_run.config, tmp_path)
    trainer.save()
    other = replace(smoke_run.config, network=replace(smoke_run.config.network, fusion_width=16))
    with pytest.raises(TrainerError, match=r"last\.pt.*network"):
        short_trainer(other, tmp_path).resume()
    drawn_anew = PhantomSet(smoke_run.config.data, seed=77)
    with pytest.raises(TrainerError, match=r"last\.pt.*training data"):
        short_trainer(smoke_run.config, tmp_path, drawn_anew).resume()


class Poisoned(PhantomSet):
    """An image that is not a number in the seventh batch."""

    batches = 0

    def batch(self, indices: NDArray[np.int64], cropping: Cropping, generator: np.random.Generator) -> Batch:
        self.batches += 1
        found = super().batch(indices, cropping, generator)
        return replace(found, image=found.image * np.float32(np.nan)) if self.batches == 7 else found


def test_loss_that_is_not_a_number_stops_with_the_good_checkpoint(smoke_run: SmokeRun, tmp_path: Path) -> None:
    config = smoke_run.config
    trainer = short_trainer(config, tmp_path, Poisoned(config.data, config.seed))
    with pytest.raises(TrainerError, match=r"loss is nan at step 6.*last\.pt"):
        trainer.run()
    resumed = short_trainer(config, tmp_path)
    resumed.resume()
    assert resumed.position.step == 5
    assert all(bool(torch.isfinite(v).all()) for v in resumed.model.state_dict().values())


def test_progress_is_json_lines(smoke_run: SmokeRun, tmp_path: Path) -> None:
    lines = (tmp_path / "lines.jsonl").open("w+")
    trainer = short_trainer(smoke_run.config, tmp_path)
    trainer.progress = Progress(lines=lines, screen=lines)
    trainer.run()
    lines.seek(0)
    events = [json.loads(line) for line in lines]
    assert events[0]["event"] == "start"
    assert events[-1]["event"] == "end"
    assert [e["step"] for e in events if e["event"] == "checkpoint"] == [5, 10, 12, 15, 20, 20, 20]


def test_evaluation_from_onnx_agrees_with_validation_in_torch(smoke_run: SmokeRun, smoke_package: Path) -> None:
    package, _ = open_package(smoke_package, threads=1)
    held_out = PhantomSet(replace(smoke_run.config.data, cases=24), seed=99).cases()
    onnx_ged = float(np.mean([score_case(package, case, 50 + k)["GED_V@100"] for k, case in enumerate(held_out)]))
    torch_ged = validate(smoke_run.trainer.average.shadow, held_out, samples=100, seed=900).ged_v
    assert abs(onnx_ged - torch_ged) < 0.03
