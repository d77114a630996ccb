"""DRIVE's folder layout: photographs with one reader to train on and with two to test on.

    DIR/test/images/01_test.tif  DIR/test/1st_manual/01_manual1.gif  DIR/test/2nd_manual/01_manual2.gif
    DIR/test/mask/01_test_mask.gif
    DIR/training/images/21_training.tif  DIR/training/1st_manual/21_manual1.gif  DIR/training/mask/21_training_mask.gif

`test` is the published test part. The published training part is divided by hash of the image's number, one image a
patient: four fifths train, the rest validation. Its data may not be passed on: a user points the program at a copy.
Labels are read by their colour, never by their palette index: some store 0 and 1 for black and white.
"""

from __future__ import annotations

from pathlib import Path

from margin_trainer.data.fundus import Photograph, load_photograph
from margin_trainer.data.split import FundusEntry, hash_fraction
from margin_trainer.failure import TrainerError

TRAIN_SHARE = 0.8


def drive_entries(folder: Path, part: str) -> list[FundusEntry]:
    """Photographs of `part` (train, validation, test). Refused, naming the folder: nothing there, no readers."""
    published = "test" if part == "test" else "training"
    images = sorted((folder / published / "images").glob(f"*_{published}.tif"))
    if not images:
        raise TrainerError(f"{folder / published / 'images'}: no image named NN_{published}.tif")
    entries = []
    for image in images:
        number = image.name.split("_")[0]
        patient = f"drive-{number}"
        if part != "test" and (hash_fraction(patient) < TRAIN_SHARE) != (part == "train"):
            continue
        readings = [f"{published}/{order}_manual/{number}_manual{k}.gif" for k, order in ((1, "1st"), (2, "2nd"))]
        entries.append(
            FundusEntry(
                name=f"{number}_{published}",
                source="drive",
                patient=patient,
                image=f"{published}/images/{image.name}",
                readings=tuple(readings if published == "test" else readings[:1]),
                field_of_view=f"{published}/mask/{number}_{published}_mask.gif",
            )
        )
    if not entries:
        raise TrainerError(f"{folder / published / 'images'}: none of {len(images)} images falls to part {part!r}")
    return entries


def load_drive(folder: Path, part: str, height_px: int) -> list[Photograph]:
    """All photographs of `part` in DRIVE's layout."""
    return [load_photograph(folder, entry, height_px) for entry in drive_entries(folder, part)]
