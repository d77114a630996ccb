"""NIfTI volumes in every orientation, type and byte order, with voxels that say where they lie (by nibabel)."""

import gzip
import json
import sys
from itertools import permutations, product
from pathlib import Path

import nibabel as nib
import numpy as np

folder = Path(sys.argv[1])
rng = np.random.default_rng(7)
AFFINE = np.array(
    [[-0.7, 0, 0, 60.0], [0, -0.9, 0, 40.0], [0, 0, 2.5, -300.0], [0, 0, 0, 1]]
)
SHAPE = (11, 9, 6)
told = {}


def turned(orientation):
    """The same volume with its axes in another order and direction."""
    data = rng.integers(-900, 1200, SHAPE).astype(np.int16)
    image = nib.Nifti1Image(data, AFFINE)
    wanted = nib.orientations.axcodes2ornt(orientation)
    own = nib.orientations.io_orientation(AFFINE)
    return image.as_reoriented(nib.orientations.ornt_transform(own, wanted))


def keep(name, image, packed=False):
    path = folder / name
    raw = image.to_bytes()
    path.write_bytes(gzip.compress(raw, 1) if packed else raw)
    read = nib.load(path)
    values = read.get_fdata()
    values = values[..., 0] if values.ndim == 4 else values
    voxels = [
        tuple(int(rng.integers(0, size)) for size in values.shape[:3])
        for _ in range(12)
    ]
    told[name] = [
        {
            "ras": [float(x) for x in (read.affine @ [*voxel, 1])[:3]],
            "value": float(values[voxel]),
        }
        for voxel in voxels
    ]


def as_type(image, dtype, cls=nib.Nifti1Image, order="<", slope=None, inter=None):
    data = image.get_fdata()
    if np.dtype(dtype).kind == "u":
        data = data - data.min()
    if np.dtype(dtype).itemsize == 1:
        data = data / 20
    made = cls(data.astype(dtype), image.affine, cls.header_class(endianness=order))
    made.header.set_data_dtype(np.dtype(dtype).newbyteorder(order))
    made.header.set_xyzt_units("mm")
    made.header.set_slope_inter(slope, inter)
    return made


codes = [
    letters
    for order in permutations(range(3))
    for letters in product(*[("LR", "PA", "SI")[axis] for axis in order])
]
for at, code in enumerate(codes):
    packed = at % 4 == 0
    keep(
        f"turned-{''.join(code)}.nii{'.gz' if packed else ''}",
        as_type(turned(code), np.int16),
        packed,
    )
plain = turned(("R", "A", "S"))
for dtype in ("u1", "i1", "u2", "i2", "u4", "i4", "i8", "u8", "f4", "f8"):
    for order in "<>":
        keep(
            f"type-{dtype}-{'le' if order == '<' else 'be'}.nii",
            as_type(plain, dtype, order=order),
        )
keep("second.nii.gz", as_type(plain, np.int16, cls=nib.Nifti2Image), packed=True)
keep("second-be.nii", as_type(plain, np.float32, cls=nib.Nifti2Image, order=">"))
four = nib.Nifti1Image(
    np.stack([plain.get_fdata()] * 3, axis=3).astype(np.int16), plain.affine
)
keep("four.nii.gz", four, packed=True)
scaled = as_type(plain, np.int16)
raw = bytearray(scaled.to_bytes())
raw[112:120] = np.array([0.5, -1024], "<f4").tobytes()
keep("scaled.nii", nib.Nifti1Image.from_bytes(bytes(raw)))
(folder / "scaled.nii").write_bytes(bytes(raw))
told["scaled.nii"] = [
    {
        **probe,
        "value": float(np.asarray(nib.load(folder / "scaled.nii").dataobj)[voxel]),
    }
    for probe, voxel in [
        ({"ras": [float(x) for x in (plain.affine @ [*voxel, 1])[:3]]}, voxel)
        for voxel in [(0, 0, 0), (3, 2, 1), (10, 8, 5)]
    ]
]
quaternion = as_type(plain, np.int16)
tilted = np.eye(4)
tilted[:3, :3] = nib.quaternions.quat2mat(
    [0.97, 0.1, -0.15, 0.16] / np.linalg.norm([0.97, 0.1, -0.15, 0.16])
)
tilted[:3, :3] = tilted[:3, :3] @ np.diag([0.8, 0.8, 3.0])
quaternion.set_qform(tilted, 1)
quaternion.set_sform(None, 0)
keep("quaternion.nii", quaternion)
shifted = as_type(plain, np.int16)
leaning = plain.affine.copy()
leaning[1, 2] = 0.6
shifted.set_sform(leaning, 1)
shifted.set_qform(None, 0)
keep("leaning.nii", shifted)
print(json.dumps(told))
