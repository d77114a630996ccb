"""Reads a SEG from standard input with pydicom, as another program would; prints what it holds as JSON."""

from __future__ import annotations

import io
import json
import sys

import pydicom
from pydicom.uid import SegmentationStorage


def main() -> None:
    """Describe the SEG."""
    dataset = pydicom.dcmread(io.BytesIO(sys.stdin.buffer.read()))
    if dataset.SOPClassUID != SegmentationStorage:
        raise SystemExit(f"no SEG: {dataset.SOPClassUID.name}")
    frames = dataset.pixel_array.reshape((-1, dataset.Rows, dataset.Columns))
    print(
        json.dumps(
            {
                "patientId": dataset.PatientID,
                "studyUid": dataset.StudyInstanceUID,
                "seriesUid": dataset.ReferencedSeriesSequence[0].SeriesInstanceUID,
                "frames": int(dataset.NumberOfFrames),
                "pixels": int(frames.sum()),
            }
        )
    )


main()
