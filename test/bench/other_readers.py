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

    gdcm.Trace.WarningOff()
    gdcm.Trace.ErrorOff()
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


def open_by_gdcm(folder: str, tags: list[int]) -> Found:
    """Scanned, put in order along the body, and the middle slice read with its pixels."""
    import gdcm

    gdcm.Trace.WarningOff()
    gdcm.Trace.ErrorOff()
    directory = gdcm.Directory()
    directory.Load(folder, True)
    scanner = gdcm.Scanner()
    for tag in tags:
        scanner.AddTag(gdcm.Tag(tag >> 16, tag & 0xFFFF))
    scanner.Scan(directory.GetFilenames())
    position = gdcm.Tag(0x0020, 0x0032)
    placed = [
        (float(scanner.GetValue(name, position).split("\\")[2]), name)
        for name in directory.GetFilenames()
        if scanner.IsKey(name)
    ]
    reader = gdcm.ImageReader()
    reader.SetFileName(sorted(placed)[len(placed) // 2][1])
    found = {"files": len(placed), "series": 1}
    return {**found, "decoded": int(reader.Read())}


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


def decode_by_gdcm(file: str, times: int) -> Found:
    """Read and decoded within GDCM: its pixels do not come to Python, which would have to copy them as text."""
    import gdcm

    gdcm.Trace.WarningOff()
    gdcm.Trace.ErrorOff()
    for _ in range(times):
        reader = gdcm.ImageReader()
        reader.SetFileName(file)
        change = gdcm.ImageChangeTransferSyntax()
        change.SetTransferSyntax(
            gdcm.TransferSyntax(gdcm.TransferSyntax.ExplicitVRLittleEndian)
        )
        if not reader.Read():
            return {"decoded": 0}
        change.SetInput(reader.GetImage())
        if not change.Change() or change.GetOutput().GetBufferLength() == 0:
            return {"decoded": 0}
    return {"decoded": 1}


def decode_by_pylibjpeg(file: str, times: int) -> Found:
    import pydicom
    from pydicom.pixels import pixel_array

    for _ in range(times):
        data_set = pydicom.dcmread(file)
        try:
            is_packed = data_set.file_meta.TransferSyntaxUID.is_encapsulated
            plugin = "pylibjpeg" if is_packed else ""
            pixel_array(data_set, raw=True, index=0, decoding_plugin=plugin)
        except (
            ValueError,
            RuntimeError,
            NotImplementedError,
            AttributeError,
            TypeError,
        ):
            return {"decoded": 0}
    return {"decoded": 1}


def answer(question: Question) -> Found:
    match question["do"]:
        case "scan-gdcm":
            return scan_by_gdcm(question["folder"], question["tags"])
        case "scan-pydicom":
            return scan_by_pydicom(question["folder"], question["tags"])
        case "open-gdcm":
            return open_by_gdcm(question["folder"], question["tags"])
        case "decode-gdcm":
            return decode_by_gdcm(question["file"], question["times"])
        case "decode-pylibjpeg":
            return decode_by_pylibjpeg(question["file"], question["times"])
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
