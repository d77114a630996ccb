"""What other readers of DICOM need for the same: a question in JSON a line, an answer a line.

Run by the system's Python it asks GDCM, by the trainer's own pydicom and pylibjpeg.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

Question = dict[str, Any]
Found = dict[str, int]


def scan_by_gdcm(folder: str, tags: list[int]) -> Found:
    import gdcm

    directory = gdcm.Directory()
    directory.Load(folder, True)
    scanner = gdcm.Scanner()
    for tag in tags:
        scanner.AddTag(gdcm.Tag(tag >> 16, tag & 0xFFFF))
    names = directory.GetFilenames()
    scanner.Scan(names)
    series = {
        scanner.GetValue(name, gdcm.Tag(0x0020, 0x000E))
        for name in names
        if scanner.IsKey(name)
    }
    return {"files": len(names), "series": len(series - {None})}


def scan_by_pydicom(folder: str, tags: list[int]) -> Found:
    import pydicom

    series = set()
    names = [path for path in Path(folder).rglob("*") if path.is_file()]
    for name in names:
        data_set = pydicom.dcmread(
            name, stop_before_pixels=True, specific_tags=tags, force=True
        )
        for element in data_set:
            _ = element.value
        series.add(data_set.get("SeriesInstanceUID"))
    return {"files": len(names), "series": len(series - {None})}


def answer(question: Question) -> Found:
    match question["do"]:
        case "scan-gdcm":
            return scan_by_gdcm(question["folder"], question["tags"])
        case "scan-pydicom":
            return scan_by_pydicom(question["folder"], question["tags"])
        case other:
            raise ValueError(f"nobody knows how to {other}")


def main() -> None:
    for line in sys.stdin:
        started, used = time.perf_counter(), time.process_time()
        found = answer(json.loads(line))
        cost = {
            "ms": 1000 * (time.perf_counter() - started),
            "cpuMs": 1000 * (time.process_time() - used),
        }
        print(json.dumps({**found, **cost}), flush=True)


if __name__ == "__main__":
    main()
