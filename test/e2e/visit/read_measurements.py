"""Reads the measurement report of a ZIP with pydicom and highdicom, as another program would; prints it as JSON."""

from __future__ import annotations

import csv
import io
import json
import math
import sys
import zipfile
from pathlib import Path

import highdicom as hd
import pydicom

# Pixel Spacing of LIDC-IDRI-0001.
PIXEL_MM = 0.703125


def main(archive: Path) -> None:
    """Describe the groups of the report, its lengths, and the length of the line that the long axis was taken from."""
    with zipfile.ZipFile(archive) as packed:
        dataset = pydicom.dcmread(io.BytesIO(packed.read("measurements.dcm")))
        rows = list(csv.DictReader(io.StringIO(packed.read("measurements.csv").decode())))
    content = hd.sr.Comprehensive3DSR.from_dataset(dataset).content
    groups = [*content.get_image_measurement_groups(), *content.get_planar_roi_measurement_groups()]
    figures = {
        measurement.name.meaning: float(measurement.value)
        for group in groups
        for measurement in group.get_measurements()
    }
    long_axis = next(item for item in groups[0].get_measurements() if item.name.meaning == "Long Axis")
    x0, y0, x1, y1 = long_axis[0].ContentSequence[0].GraphicData
    figures["drawn"] = math.hypot(x1 - x0, y1 - y0) * PIXEL_MM
    evidence = dataset.CurrentRequestedProcedureEvidenceSequence[0].ReferencedSeriesSequence[0]
    print(
        json.dumps(
            {
                "groups": [group.tracking_identifier for group in groups],
                "figures": figures,
                "rows": len(rows),
                "referenced": len(evidence.ReferencedSOPSequence),
            }
        )
    )


main(Path(sys.argv[1]))
