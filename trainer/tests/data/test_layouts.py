"""Other data layouts: DRIVE's with its palette trap, and a plain folder of PNG files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import quiet
from numpy.typing import NDArray
from PIL import Image
from test_data import drawn_patches

from margin_trainer.__main__ import main
from margin_trainer.config import DataConfig, parse_config
from margin_trainer.data.batch import Cropping
from margin_trainer.data.drive import drive_entries, load_drive
from margin_trainer.data.fundus import FundusTraining, load_photograph
from margin_trainer.data.lidc import Disturbance, lidc_cases
from margin_trainer.data.of_package import open_cases
from margin_trainer.data.open import open_data
from margin_trainer.data.png_folder import folder_entries, load_folder_patches, load_folder_photographs
from margin_trainer.data.split import hash_fraction, part_of_patient
from margin_trainer.export.write_package import write_package
from margin_trainer.failure import TrainerError
from margin_trainer.package import read_manifest
from margin_trainer.train.loop import Trainer

CT = {"modality": "CT", "input": {"sizePx": 64, "heightPx": None}}
SMALL = {"filters": [4, 8], "fusion_width": 4, "latent_dimension": 2, "flow": "none"}
PHASE = {"objective": "elbo", "rate": 1e-3, "batch": 1}
PHOTOGRAPH = {"modality": "fundus", "input": {"sizePx": None, "heightPx": 64}}


@pytest.fixture
def drive(data: Path) -> Path:
    return data / "retina" / "drive-layout"


def test_drive_readers_are_read_by_colour(drive: Path) -> None:
    """Pixel counts of retina/README.md; the second reader's GIF has indices 0 and 1."""
    photographs = load_drive(drive, "test", 292)
    assert [p.entry.name for p in photographs] == ["01_test", "02_test"]
    found = [[int(reading.sum()) for reading in p.readings] for p in photographs]
    assert found == [[8861, 6473], [10097, 6984]]
    assert [int((p.readings[0] & p.readings[1]).sum()) for p in photographs] == [6265, 6889]
    assert [int(p.inside.sum()) for p in photographs] == [56376, 56376]
    assert photographs[0].value.shape == (3, 292, 283)


def test_drive_trains_on_one_reader_and_keeps_its_test_part_apart(drive: Path) -> None:
    part = "train" if hash_fraction("drive-21") < 0.8 else "validation"
    (entry,) = drive_entries(drive, part)
    photograph = load_photograph(drive, entry, 292)
    assert [int(reading.sum()) for reading in photograph.readings] == [9616]
    other = {"train": "validation", "validation": "train"}[part]
    with pytest.raises(TrainerError, match=f"none of 1 images falls to part '{other}'"):
        drive_entries(drive, other)
    with pytest.raises(TrainerError, match=r"training.images: no image named NN_training\.tif"):
        drive_entries(drive / "test", "train")
    cases = open_cases(PHOTOGRAPH, drive, "test", Disturbance(), "drive")
    assert [case.patient for case in cases] == ["drive-01", "drive-02"]
    with pytest.raises(TrainerError, match="this model takes patches"):
        open_cases(CT, drive, "test", Disturbance(), "drive")


def save(folder: Path, name: str, array: NDArray[np.generic]) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(array).save(path)
    return path


def patch_folder(folder: Path) -> None:
    """The drawn patches as files: images 0..5 of patients P0..P5, readers a to d; all in train but two."""
    patches = drawn_patches()
    for k, (image, masks) in enumerate(zip(patches.image, patches.readings(np.arange(6)), strict=True)):
        image = image.copy()
        image[0, 0] = 255
        save(folder, f"images/P{k}_1.png", image)
        for reader, mask in zip("abcd", masks, strict=True):
            save(folder, f"readings/P{k}_1/{reader}.png", 255 * mask)
    patients = {"train": ["P0", "P1", "P2", "P3"], "validation": ["P4"], "test": ["P5"]}
    (folder / "split.json").write_text(json.dumps({"patients": patients}))


def test_a_folder_of_patches_is_what_the_shards_would_be(tmp_path: Path) -> None:
    patch_folder(tmp_path)
    drawn = drawn_patches()
    entries, patches = load_folder_patches(tmp_path, "train")
    assert [entry.patient for entry in entries] == ["P0", "P1", "P2", "P3"]
    assert np.array_equal(patches.readings(np.arange(4)), drawn.readings(np.arange(4)))
    (case,) = open_cases(CT, tmp_path, "test", Disturbance(), "folder")
    expected = lidc_cases(drawn, 64)[5]
    assert (case.name, case.patient, case.source) == ("P5_1", "P5", "folder")
    assert np.array_equal(case.image, expected.image)
    assert np.array_equal(case.readings, expected.readings)
    assert not case.readings[3].any()


def test_larger_and_deeper_patches_are_cut_and_scaled(tmp_path: Path) -> None:
    """A ramp of 16 bit with 140 rows and 128 columns: rows 6 to 133 stay, their extremes become 0 and 255."""
    ramp = np.repeat(np.arange(140, dtype=np.uint16)[:, None] * 100 + 5000, 128, axis=1)
    save(tmp_path, "images/A.png", ramp)
    mask = np.zeros((140, 128), np.uint8)
    mask[6] = 255
    save(tmp_path, "readings/A/x.png", mask)
    _, patches = load_folder_patches(tmp_path, part_of_patient("A"))
    assert patches.image[0, :, 5].tolist() == [int(255 * k / 127 + 0.5) for k in range(128)]
    assert patches.readings(np.array([0]))[0, 0].sum(axis=1).tolist() == [128] + [0] * 127


def photograph_folder(folder: Path, readers: int = 2) -> None:
    generator = np.random.default_rng(3)
    for name in ("A_left", "A_right", "B_left"):
        save(folder, f"images/{name}.png", generator.integers(60, 200, size=(64, 80, 3), dtype=np.uint8))
        for reader in range(readers):
            save(folder, f"readings/{name}/{reader}.png", np.uint8(255) * (generator.random((64, 80)) < 0.3))
    (folder / "split.json").write_text(json.dumps({"patients": {"train": ["A"], "validation": ["B"], "test": []}}))


def test_a_folder_of_photographs(tmp_path: Path) -> None:
    photograph_folder(tmp_path)
    field = np.zeros((64, 80), np.uint8)
    field[10:50] = 255
    save(tmp_path, "fov/A_left.png", field)
    left, right = load_folder_photographs(tmp_path, "train", 64)
    assert left.inside.sum() == 40 * 80
    assert right.inside.all()
    assert left.readings.shape == (2, 64, 80)
    raw = {"name": "own", "seed": 1, "phase": [{"objective": "elbo", "rate": 1e-3, "batch": 1, "steps": 1}]}
    config = parse_config(raw | {"data": {"kind": "folder", "height_px": 64}, "network": {"channels": 3}})
    opened = open_data(config, tmp_path)
    assert opened.training.count == 2
    assert [case.patient for case in opened.validation] == ["B"]
    whole = opened.training.batch(np.array([0]), Cropping(), np.random.default_rng(1))
    assert whole.masks.shape == (1, 2, 64, 80)


def test_one_reading_is_the_same_in_every_epoch(tmp_path: Path) -> None:
    photograph_folder(tmp_path)
    photographs = load_folder_photographs(tmp_path, "train", 64)
    config = DataConfig("folder", readings="one", turns=False)
    shown = FundusTraining(photographs, config).photographs
    for photograph, one in zip(photographs, shown, strict=True):
        assert one.readings.shape == (1, 64, 80)
        assert any(np.array_equal(one.readings[0], reading) for reading in photograph.readings)
    again = FundusTraining(photographs, config).photographs
    assert all(np.array_equal(a.readings, b.readings) for a, b in zip(shown, again, strict=True))


def test_grey_and_colour_training_from_a_folder(tmp_path: Path) -> None:
    patch_folder(tmp_path)
    raw = {"name": "own", "seed": 1, "phase": [{"objective": "elbo", "rate": 1e-3, "batch": 1, "steps": 1}]}
    opened = open_data(parse_config(raw | {"data": {"kind": "folder", "crop_px": 64}, "network": {}}), tmp_path)
    assert opened.training.count == 4
    assert opened.training.batch(np.arange(4), Cropping(), np.random.default_rng(1)).masks.shape == (4, 4, 64, 64)
    with pytest.raises(TrainerError, match=r"P0_1\.png: is grey"):
        load_folder_photographs(tmp_path, "train", 64)


def spoil_size(folder: Path) -> str:
    save(folder, "readings/P1_1/b.png", np.zeros((128, 127), np.uint8))
    return r"P1_1.b\.png: mask is \(128, 127\), its image P1_1\.png is \(128, 128\)"


def spoil_reading(folder: Path) -> str:
    path = folder / "readings/P2_1/c.png"
    path.write_bytes(path.read_bytes()[:40])
    return r"P2_1.c\.png: cannot be read as an image"


def spoil_image(folder: Path) -> str:
    (folder / "images/P3_1.png").write_text("no picture")
    return r"P3_1\.png: cannot be read as an image"


def spoil_raters(folder: Path) -> str:
    for path in (folder / "readings/P0_1").iterdir():
        path.unlink()
    return r"P0_1\.png: no reading in .*P0_1"


def spoil_count(folder: Path) -> str:
    (folder / "readings/P2_1/d.png").unlink()
    return r"P2_1\.png: has 3 readings, P0_1\.png 4"


def spoil_levels(folder: Path) -> str:
    save(folder, "readings/P1_1/a.png", np.eye(128, dtype=np.uint8))
    return r"P1_1.a\.png: holds the values 0 and 1"


def spoil_small(folder: Path) -> str:
    save(folder, "images/P1_1.png", np.zeros((100, 128), np.uint8))
    return r"P1_1\.png: is \(100, 128\), the network's context needs 128x128"


def spoil_colour(folder: Path) -> str:
    save(folder, "images/P1_1.png", np.zeros((128, 128, 3), np.uint8))
    return r"P1_1\.png: is RGB, a patch of a scan is grey"


def spoil_split(folder: Path) -> str:
    (folder / "split.json").write_text(json.dumps({"patients": {"train": ["P0"], "test": ["P0"]}}))
    return r"split\.json: patient P0 is in train and in test"


def spoil_patient(folder: Path) -> str:
    (folder / "split.json").write_text(json.dumps({"patients": {"train": ["P0"]}}))
    return r"split\.json: patient P1 of P1_1\.png is in no part"


def spoil_json(folder: Path) -> str:
    (folder / "split.json").write_text("{")
    return r"split\.json: cannot be read"


@pytest.mark.parametrize(
    "spoil",
    [
        spoil_size,
        spoil_reading,
        spoil_image,
        spoil_raters,
        spoil_count,
        spoil_levels,
        spoil_small,
        spoil_colour,
        spoil_split,
        spoil_patient,
        spoil_json,
    ],
)
def test_what_is_wrong_is_named(spoil: Callable[[Path], str], tmp_path: Path) -> None:
    patch_folder(tmp_path)
    words = spoil(tmp_path)
    with pytest.raises(TrainerError, match=words):
        load_folder_patches(tmp_path, "train")


def test_without_a_split_a_patient_keeps_its_part(tmp_path: Path) -> None:
    patch_folder(tmp_path)
    (tmp_path / "split.json").unlink()

    def parts() -> dict[str, str]:
        found: dict[str, str] = {}
        for part in ("train", "validation", "test"):
            try:
                found |= {entry.name: part for entry in folder_entries(tmp_path, part)}
            except TrainerError:
                continue
        return found

    before = parts()
    assert set(before) == {f"P{k}_1" for k in range(6)}
    for name in ("P3_2", "Q7_1"):
        save(tmp_path, f"images/{name}.png", np.zeros((128, 128), np.uint8))
        save(tmp_path, f"readings/{name}/a.png", np.zeros((128, 128), np.uint8))
    after = parts()
    assert before.items() <= after.items()
    assert after["P3_2"] == after["P3_1"]
    shares = [part_of_patient(str(k)) for k in range(2000)]
    assert shares.count("train") / 2000 == pytest.approx(0.6, abs=0.03)
    assert shares.count("test") / 2000 == pytest.approx(0.2, abs=0.03)


def test_a_package_is_evaluated_on_a_folder(
    smoke_package: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    patch_folder(tmp_path)
    options = ["evaluate", "--model", str(smoke_package), "--data", str(tmp_path), "--threads", "1"]
    assert main([*options, "--layout", "folder", "--split", "test"]) == 0
    outcome = json.loads(capsys.readouterr().out)
    assert (outcome["images"], outcome["patients"]) == (1, 1)
    assert outcome["results"][0]["protocol"].startswith("Folder layout. Split by patient, all readings")
    assert main([*options, "--split", "test"]) == 2
    assert "test-0.npz" in capsys.readouterr().err


def exported_from(folder: Path, raw: dict[str, Any], out: Path) -> dict[str, Any]:
    """Manifest of a package that a two-step run on a folder gives."""
    config = parse_config(raw | {"name": "own", "seed": 1, "phase": [{**PHASE, "steps": 2}]})
    opened = open_data(config, folder)
    Trainer(config, opened.training, opened.validation, out / "run", quiet()).run()
    write_package(out / "run", out / "own-model", "no hardware")
    return read_manifest(out / "own-model")


def test_a_model_of_ones_own_images_is_exported_and_evaluated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing that is known of LIDC or of CHASE_DB1 is said of it; its counts are those of the folder."""
    patch_folder(tmp_path / "grey")
    data = {"data": {"kind": "folder", "crop_px": 32}, "network": SMALL}
    manifest = exported_from(tmp_path / "grey", data, tmp_path / "grey-run")
    told = manifest["training"]["data"]
    train, _ = load_folder_patches(tmp_path / "grey", "train")
    assert (told["cases"], told["images"], told["raters"]) == (len({e.patient for e in train}), len(train), 4)
    assert told["emptyShare"] == pytest.approx(0.25)
    card = (tmp_path / "grey-run" / "own-model" / "card.md").read_text()
    assert "LIDC" not in json.dumps(manifest) + card
    photograph_folder(tmp_path / "colour")
    data = {"data": {"kind": "folder", "height_px": 64}, "network": {**SMALL, "channels": 3}}
    manifest = exported_from(tmp_path / "colour", data, tmp_path / "colour-run")
    assert (manifest["modality"], manifest["training"]["data"]["cases"]) == ("fundus", 1)
    assert manifest["training"]["data"]["images"] == 2
    assert "CHASE" not in json.dumps(manifest)
    package, folder = str(tmp_path / "colour-run" / "own-model"), str(tmp_path / "colour")
    assert main(["evaluate", "--model", package, "--data", folder, "--layout", "folder", "--threads", "1"]) == 0
    assert json.loads(capsys.readouterr().out)["images"] == 1


def test_a_model_of_drive_says_drive(drive: Path, tmp_path: Path) -> None:
    """The layout's one training photograph, whichever part it falls to."""
    part = "train" if hash_fraction("drive-21") < 0.8 else "validation"
    raw = {"name": "own", "seed": 1, "phase": [{**PHASE, "steps": 1}], "network": {**SMALL, "channels": 3}}
    config = parse_config(raw | {"data": {"kind": "drive", "height_px": 64}})
    training = FundusTraining(load_drive(drive, part, 64), config.data)
    Trainer(config, training, [], tmp_path / "run", quiet()).run()
    write_package(tmp_path / "run", tmp_path / "own-model", "no hardware")
    manifest = read_manifest(tmp_path / "own-model")
    assert (manifest["structure"], manifest["training"]["data"]["raters"]) == ("retinal vessels", 1)
    assert manifest["training"]["data"]["images"] == 1
    told = json.dumps(manifest) + (tmp_path / "own-model" / "card.md").read_text()
    assert "Staal" in told
    assert "CHASE" not in told
    assert "two cameras" not in told
