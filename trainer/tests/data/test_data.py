"""Data: one transform for image and readings, empty readings survive, no patient in two parts, bad files are named."""

from __future__ import annotations

import io
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from margin_trainer.config import DataConfig, Jitter
from margin_trainer.data.augment import Warp, draw_intensity_change, draw_turn, draw_warp
from margin_trainer.data.batch import Cropping, place
from margin_trainer.data.fundus import FundusTraining, fundus_cases, load_fundus, load_photograph
from margin_trainer.data.lidc import Disturbance, LidcTraining, Patches, cut, lidc_cases, load_patches
from margin_trainer.data.split import FundusEntry, fundus_entries, patient_parts
from margin_trainer.failure import TrainerError

LIDC = DataConfig(kind="lidc", crop_px=96, jitter_px=16)


def drawn_patches(count: int = 6) -> Patches:
    """Patches whose image is the first reading itself, drawn off centre; the fourth reading is empty."""
    generator = np.random.default_rng(1)
    masks = np.zeros((count, 4, 128, 128), np.uint8)
    for k in range(count):
        top, left = generator.integers(40, 70, size=2)
        masks[k, :3, top : top + 5 + k, left : left + 9] = 1
    packed = np.packbits(masks, axis=-1)
    number = np.arange(count, dtype=np.uint8)
    return Patches(255 * masks[:, 0], packed, number.astype(np.uint16), number, number, "drawn")


@settings(max_examples=30)
@given(st.integers(0, 2**32 - 1))
def test_readings_stay_on_their_image(seed: int) -> None:
    training = LidcTraining(drawn_patches(), LIDC)
    batch = training.batch(np.arange(6), Cropping(), np.random.default_rng(seed))
    assert batch.image.shape == (6, 1, 96, 96)
    assert np.array_equal(batch.image[:, 0], batch.masks[:, 0])
    assert batch.masks.sum(axis=(2, 3)).tolist() == [[9 * (5 + k)] * 3 + [0] for k in range(6)]


def test_a_batch_is_a_function_of_its_seed() -> None:
    training = LidcTraining(drawn_patches(), DataConfig("lidc", jitter_px=16, gamma=(0.8, 1.25), intensity_shift=0.05))
    one, two = (training.batch(np.arange(6), Cropping(), np.random.default_rng([3, 12, 5])) for _ in range(2))
    assert np.array_equal(one.image, two.image)
    assert np.array_equal(one.masks, two.masks)


def test_crops_lie_within_the_jitter() -> None:
    """The image is a ramp: its first value tells where the crop began."""
    ramp = np.tile(np.arange(128, dtype=np.uint8), (1, 128, 1))
    patches = drawn_patches(1)
    patches = Patches(ramp, patches.packed, patches.patient, patches.nodule, patches.slice, "ramp")
    training = LidcTraining(patches, DataConfig("lidc", jitter_px=5, turns=True))
    starts = set()
    for seed in range(300):
        image = training.batch(np.array([0]), Cropping(), np.random.default_rng(seed)).image[0, 0] * 255
        starts.add(round(float(image.min())))
    assert starts == set(range(11, 22))


def test_too_much_jitter_is_refused() -> None:
    training = LidcTraining(drawn_patches(), DataConfig("lidc", jitter_px=17))
    with pytest.raises(TrainerError, match="jitter_px 17: a 96 px crop leaves 16 px"):
        training.batch(np.array([0]), Cropping(), np.random.default_rng(1))


def test_cases_cover_their_place_and_the_rest_is_background() -> None:
    for shift, expected in ((0, [(16, 16)] * 4), (9, [(25, 25), (7, 7), (25, 7), (7, 25)])):
        cases = lidc_cases(drawn_patches(4), 96, Disturbance(shift_px=shift))
        assert [(c.top, c.left) for c in cases] == expected
        for case in cases:
            found = place(np.where(case.image > 0.5, 1.0, -1.0).astype(np.float32), case)
            assert np.array_equal(found[0], case.readings[0])
    with pytest.raises(TrainerError, match="leaves the patch"):
        lidc_cases(drawn_patches(1), 96, Disturbance(shift_px=17))


def test_turns_are_the_eight_symmetries() -> None:
    square = np.arange(9).reshape(3, 3)
    turned = {draw_turn(np.random.default_rng(k)).apply(square).tobytes() for k in range(200)}
    assert len(turned) == 8
    wide = np.arange(6).reshape(2, 3)
    kept = {draw_turn(np.random.default_rng(k), square=False).apply(wide).shape for k in range(50)}
    assert kept == {(2, 3)}


def test_intensity_change_keeps_order_and_its_limits() -> None:
    value = np.linspace(0, 1, 20, dtype=np.float32)
    for seed in range(50):
        change = draw_intensity_change(np.random.default_rng(seed), (0.8, 1.25), 0.05)
        assert 0.8 <= change.gamma <= 1.25
        assert abs(change.shift) <= 0.05
        assert (np.diff(change.apply(value)) > 0).all()


def test_warp_is_a_similarity_about_the_centre() -> None:
    warp = draw_warp(np.random.default_rng(4))
    grid = warp.coordinates(33, (50.0, 60.0))
    assert grid[:, 16, 16] == pytest.approx([50, 60])
    step = grid[:, 16, 17] - grid[:, 16, 16]
    assert np.hypot(*step) == pytest.approx(warp.scale)
    assert grid[:, 17, 16] - grid[:, 16, 16] == pytest.approx([step[1], -step[0]])


def shard_arrays(count: int = 3) -> dict[str, Any]:
    masks = np.zeros((count, 4, 128, 16), np.uint8)
    masks[:, 0, 5, 5] = 255
    zeros = np.zeros(count, np.uint8)
    return {
        "image_delta": np.zeros((count, 128, 128), np.uint8),
        "masks": masks,
        "patient": zeros.astype(np.uint16),
        "nodule": zeros,
        "slice": zeros,
    }


def write_shard(folder: Path, arrays: dict[str, Any]) -> Path:
    path = folder / "lidc" / "val-0.npz"
    path.parent.mkdir(exist_ok=True)
    np.savez_compressed(path, **arrays)
    return path


def test_a_good_shard_loads(tmp_path: Path) -> None:
    write_shard(tmp_path, shard_arrays())
    assert load_patches(tmp_path, "val").readings(np.arange(3)).sum() == 3 * 8


def test_some_of_the_shards_hold_those_patients_alone_and_an_absent_one_is_named(tmp_path: Path) -> None:
    for number in (0, 1, 2):
        arrays = shard_arrays()
        arrays["patient"] = arrays["patient"] + 10 * number
        write_shard(tmp_path, arrays).rename(tmp_path / "lidc" / f"train-{number}.npz")
    every = load_patches(tmp_path, "train")
    some = load_patches(tmp_path, "train", (2, 0))
    assert (set(every.patient.tolist()), set(some.patient.tolist())) == ({0, 10, 20}, {0, 20})
    assert some.identity != every.identity
    with pytest.raises(TrainerError, match=r"train-7\.npz: no such shard"):
        load_patches(tmp_path, "train", (7,))


def test_bad_shards_are_named(tmp_path: Path) -> None:
    with pytest.raises(TrainerError, match=r"val-0\.npz: no such shard"):
        load_patches(tmp_path, "val")
    wrong = shard_arrays() | {"masks": np.ones((3, 4, 128, 15), np.uint8)}
    path = write_shard(tmp_path, wrong)
    with pytest.raises(TrainerError, match=r"val-0\.npz: masks are \(3, 4, 128, 15\)"):
        load_patches(tmp_path, "val")
    write_shard(tmp_path, shard_arrays() | {"masks": np.zeros((3, 4, 128, 16), np.uint8)})
    with pytest.raises(TrainerError, match=r"val-0\.npz: image 0 has no reading"):
        load_patches(tmp_path, "val")
    missing = shard_arrays()
    del missing["patient"]
    write_shard(tmp_path, missing)
    with pytest.raises(TrainerError, match=r"val-0\.npz: corrupt shard"):
        load_patches(tmp_path, "val")
    write_shard(tmp_path, shard_arrays())
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(TrainerError, match=r"val-0\.npz: corrupt shard"):
        load_patches(tmp_path, "val")


def write_image(path: Path, array: np.ndarray[Any, Any]) -> None:
    buffer = io.BytesIO()
    Image.fromarray(array).save(buffer, format="PNG")
    path.write_bytes(buffer.getvalue())


def test_mask_of_another_size_is_named(tmp_path: Path) -> None:
    write_image(tmp_path / "eye.png", np.full((20, 24, 3), 90, np.uint8))
    for name, size in (("a.png", (20, 24)), ("b.png", (20, 23)), ("fov.png", (20, 24))):
        write_image(tmp_path / name, np.full(size, 255, np.uint8))
    entry = FundusEntry("eye", "test", "p", "eye.png", ("a.png", "b.png"), "fov.png")
    with pytest.raises(TrainerError, match=r"b\.png: mask is \(20, 23\), its image eye\.png is \(20, 24\)"):
        load_photograph(tmp_path, entry, 16)
    (tmp_path / "b.png").write_bytes(b"not a picture")
    with pytest.raises(TrainerError, match=r"b\.png: cannot be read as an image"):
        load_photograph(tmp_path, entry, 16)


def test_a_patient_in_two_parts_is_refused() -> None:
    with pytest.raises(TrainerError, match=r"split\.json: patient b is in train and in test"):
        patient_parts({"train": ["a", "b"], "test": ["b"]}, Path("split.json"))


def test_shipped_lidc_split_is_by_patient(data: Path) -> None:
    parts = {part: set(load_patches(data, part).patient.tolist()) for part in ("val", "test")}
    for path in sorted((data / "lidc").glob("train-*.npz")):
        with np.load(path, allow_pickle=False) as shard:
            parts.setdefault("train", set()).update(shard["patient"].tolist())
    assert {part: len(patients) for part, patients in parts.items()} == {"val": 165, "test": 156, "train": 446}
    assert not parts["train"] & parts["val"] | parts["train"] & parts["test"] | parts["val"] & parts["test"]


def test_shipped_lidc_statistics(data: Path) -> None:
    """Numbers of data/lidc/README.md, from its own scripts."""
    patches = load_patches(data, "val")
    readings = patches.readings(np.arange(len(patches.image)))
    assert readings.shape == (329, 4, 128, 128)
    assert float((~readings.any(axis=(2, 3))).mean()) == pytest.approx(0.3245, abs=5e-5)
    assert patches.image.reshape(329, -1).min(axis=1).max() == 0
    assert patches.image.reshape(329, -1).max(axis=1).min() == 255


def test_shipped_fundus_split_is_by_patient(data: Path) -> None:
    counts = json.loads((data / "retina" / "split.json").read_text())["counts"]
    seen: dict[str, str] = {}
    for part in ("train", "validation", "test"):
        entries = fundus_entries(data / "retina", part)
        assert len(entries) == counts[part]["images"]
        for entry in entries:
            assert seen.setdefault(entry.patient, part) == part


def test_shipped_photographs_are_prepared_as_the_manifest_says(data: Path) -> None:
    photographs = load_fundus(data, "test", 64)
    for photograph, case in zip(photographs, fundus_cases(photographs), strict=True):
        height, width = photograph.inside.shape
        assert height == 64
        assert case.image.shape[1] % 8 == 0
        assert case.image.shape[2] % 8 == 0
        kept = case.image[:, :height, :width][:, photograph.inside]
        assert np.abs(kept.mean(axis=1)).max() < 1e-5
        assert np.abs(kept.std(axis=1) - 1).max() < 1e-5
    training = FundusTraining(photographs, DataConfig("fundus", gamma=(0.8, 1.25)))
    patches = training.batch(np.arange(3), Cropping(32), np.random.default_rng(1))
    assert patches.image.shape == (3, 3, 32, 32)
    assert set(np.unique(patches.masks)) <= {0, 1}
    whole = training.batch(np.array([0]), Cropping(), np.random.default_rng(1))
    assert whole.inside is not None
    assert whole.image.shape[2:] == whole.masks.shape[2:] == whole.inside.shape[2:]


def test_one_reading_an_image_stays_the_same_and_is_not_one_column() -> None:
    masks = np.zeros((40, 4, 128, 128), np.uint8)
    for column in range(4):
        masks[:, column, 60 : 62 + column, 60:70] = 1
    number = np.arange(40, dtype=np.uint8)
    patches = Patches(255 * masks[:, 0], np.packbits(masks, axis=-1), number.astype(np.uint16), number, number, "drawn")
    training = LidcTraining(patches, DataConfig("lidc", readings="one"))
    batches = [training.batch(np.arange(40), Cropping(), np.random.default_rng(seed)).masks for seed in (1, 2)]
    assert batches[0].shape == (40, 1, 96, 96)
    columns = [(batch.sum(axis=(1, 2, 3)) / 10 - 2).astype(int).tolist() for batch in batches]
    assert columns[0] == columns[1] == training.kept.tolist()
    assert set(columns[0]) == {0, 1, 2, 3}


def test_peaked_jitter_reaches_the_bound_and_lies_nearer_the_centre_than_the_uniform_one() -> None:
    def moved(jitter: Jitter) -> NDArray[np.int64]:
        training = LidcTraining(drawn_patches(1), DataConfig("lidc", jitter_px=10))
        return np.array([training._jitter(jitter, np.random.default_rng(seed)) for seed in range(2000)])

    peaked, uniform, mixed = moved("peaked"), moved("uniform"), moved("mixed")
    assert np.abs(peaked).max() == np.abs(uniform).max() == np.abs(mixed).max() == 10
    # E|uniform| = 110 / 21; the uniform factor in front halves it.
    assert np.abs(uniform).mean() == pytest.approx(110 / 21, abs=0.2)
    assert np.abs(peaked).mean() == pytest.approx(10 / 4, abs=0.2)
    assert np.abs(mixed).mean() == pytest.approx((110 / 21 + 10 / 4) / 2, abs=0.2)
    assert np.abs(peaked.mean(axis=0)).max() < 0.3


def test_a_warped_crop_turns_image_and_marks_together() -> None:
    """A bar drawn into image and masks alike stays where the marks are; no warp at all gives the plain window."""
    patch = np.zeros((128, 128), np.uint8)
    patch[60:68, 30:98] = 255
    readings = np.stack([patch > 0] * 2).astype(np.uint8)
    plain = cut(patch, readings, (32, 30), 64, None)
    same = cut(patch, readings, (32, 30), 64, Warp(0.0, 1.0))
    assert np.array_equal(plain[0], same[0])
    assert np.array_equal(plain[1], same[1])
    turned, marked = cut(patch, readings, (32, 30), 64, Warp(math.radians(10), 0.9))
    assert np.array_equal(turned >= 0.5, marked[0].astype(bool))
    assert not np.array_equal(marked, plain[1])
    # Scaled by 0.9 around the crop's centre the bar is 1 / 0.9 as thick.
    assert marked[0, :, 32].sum() == pytest.approx(8 / 0.9 / math.cos(math.radians(10)), abs=1)
