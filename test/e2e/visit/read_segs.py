"""Reads the SEG files of a ZIP with pydicom, as another program would; prints what each holds as JSON."""

from __future__ import annotations

import json
import sys
import zipfile
from pathlib import Path

import pydicom
from pydicom.uid import SegmentationStorage


def main(archive: Path, folder: Path) -> None:
    """Unpack `archive` into `folder` and describe each SEG."""
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(folder)
    found = []
    for path in sorted(folder.rglob("*.dcm")):
        dataset = pydicom.dcmread(path)
        if dataset.SOPClassUID != SegmentationStorage:
            continue
        frames = dataset.pixel_array.reshape((-1, dataset.Rows, dataset.Columns))
        found.append(
            {
                "file": str(path),
                "frames": int(dataset.NumberOfFrames),
                "pixels": int(frames.sum()),
                "name": f"{dataset.ContentCreatorName} {dataset.SeriesDescription} {path.name}",
            }
        )
    print(json.dumps(found))


main(Path(sys.argv[1]), Path(sys.argv[2]))
