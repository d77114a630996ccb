"""Writes a CT series of N slices of 512 x 512 for benchmarks: a cylinder in noise.

Usage: python test/bench/many_slices.py FOLDER [N]
"""

import sys
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid


def write_series(folder: Path, count: int) -> None:
    """Slices 1 mm apart, 0.7 mm pixels, values in HU."""
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(1)
    rows, columns = np.mgrid[0:512, 0:512]
    body = np.where((rows - 256) ** 2 + (columns - 256) ** 2 < 200**2, -800, -1000)
    study, series, frame = (
        generate_uid(entropy_srcs=[f"margin-bench-{part}"]) for part in range(3)
    )
    for index in range(count):
        slice_ = Dataset()
        slice_.SOPClassUID = CTImageStorage
        slice_.SOPInstanceUID = generate_uid(
            entropy_srcs=[f"margin-bench-slice-{index}"]
        )
        slice_.StudyInstanceUID, slice_.SeriesInstanceUID = study, series
        slice_.FrameOfReferenceUID = frame
        slice_.Modality, slice_.PatientID, slice_.PatientName = "CT", "BENCH", "BENCH"
        slice_.StudyDate, slice_.BodyPartExamined = "20000101", "CHEST"
        slice_.StudyTime = slice_.AccessionNumber = slice_.StudyID = ""
        slice_.InstanceNumber, slice_.SeriesNumber = index + 1, 1
        slice_.ImagePositionPatient = [-179.2, -179.2, float(index)]
        slice_.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
        slice_.PixelSpacing, slice_.SliceThickness = [0.7, 0.7], 1
        slice_.Rows = slice_.Columns = 512
        slice_.SamplesPerPixel, slice_.PhotometricInterpretation = 1, "MONOCHROME2"
        slice_.BitsAllocated, slice_.BitsStored, slice_.HighBit = 16, 16, 15
        slice_.PixelRepresentation, slice_.RescaleIntercept, slice_.RescaleSlope = (
            1,
            0,
            1,
        )
        slice_.RescaleType, slice_.ImageType = "HU", ["ORIGINAL", "PRIMARY", "AXIAL"]
        noise = random.integers(-30, 30, size=(512, 512))
        slice_.PixelData = (body + noise).astype("<i2").tobytes()
        slice_.file_meta = FileMetaDataset()
        slice_.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        slice_.file_meta.MediaStorageSOPClassUID = CTImageStorage
        slice_.file_meta.MediaStorageSOPInstanceUID = slice_.SOPInstanceUID
        slice_.save_as(folder / f"{index:04}.dcm", enforce_file_format=True)


if __name__ == "__main__":
    write_series(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 500)
