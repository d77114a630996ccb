import { expect, describe, test } from 'vitest'
import { z } from 'zod'
import { cropForModel } from '../../../src/core/sampling/model-input'
import type { GreyFrame } from '../../../src/core/sampling/model-input'
import { lidcSeries } from '../../fixtures/lidc-series'
import { absent, testDataDir } from '../../test-data'
import { runPython } from '../../python'

/** The patches that the trainer learns from were cut and scaled by others (data/lidc/README.md): ours must be the same. */

const python = runPython()
const missing = python === null ? 'no .venv' : absent('lidc')

/** The patches of LIDC-IDRI-0001 in the test shard, each with the stored values of its slice as pydicom reads them. */
const PROGRAM = `
import base64, json, sys
from pathlib import Path
import numpy as np, pydicom
given = json.load(sys.stdin)
slices = {}
for path in Path(given["series"]).glob("*.dcm"):
    header = pydicom.dcmread(path, stop_before_pixels=True)
    slices[header.SOPInstanceUID] = path
rows = []
with np.load(Path(given["data"]) / "lidc" / "test-0.npz", allow_pickle=False) as shard:
    image = shard["image_delta"].cumsum(axis=1, dtype=np.uint8).cumsum(axis=2, dtype=np.uint8)
    for k in np.flatnonzero(shard["patient"] == 1):
        scan = pydicom.dcmread(slices[shard["sop_uid"][k].decode()])
        rows.append({
            "stored": base64.b64encode(scan.pixel_array.astype("<i2").tobytes()).decode(),
            "intercept": float(scan.RescaleIntercept), "slope": float(scan.RescaleSlope),
            "row": int(shard["origin_yx"][k][0]), "column": int(shard["origin_yx"][k][1]),
            "patch": base64.b64encode(image[k].tobytes()).decode(),
        })
json.dump(rows, sys.stdout)
`

/** The published levels are rounded; a value in the middle between two may have gone either way. */
const HALF_A_LEVEL = 0.5 + 1e-4

const worst = (found: readonly number[], expected: readonly number[]): number =>
  expected.reduce((most, level, at) => Math.max(most, Math.abs(level - (found[at] ?? Infinity))), 0)

const Patches = z.array(
  z.object({
    stored: z.base64(),
    intercept: z.number(),
    slope: z.number(),
    row: z.number(),
    column: z.number(),
    patch: z.base64(),
  }),
)

describe.skipIf(missing !== null)(
  `patches of LIDC-IDRI-0001${missing === null ? '' : ` (skipped: ${missing})`}`,
  () => {
    test('a crop of 128 px has the grey levels of the published patch, one of 96 px those of its middle', () => {
      if (python === null) throw new Error('no Python')
      const answer = python(PROGRAM, JSON.stringify({ series: lidcSeries(), data: testDataDir }))
      const patches = Patches.parse(JSON.parse(answer))
      expect(patches).toHaveLength(9)
      for (const { stored, intercept, slope, row, column, patch } of patches) {
        const values = new Int16Array(new Uint8Array(Buffer.from(stored, 'base64')).buffer)
        const frame: GreyFrame = {
          widthPx: 512,
          heightPx: 512,
          stored: values,
          slope,
          intercept,
          paddingStored: null,
        }
        const expected = [...Buffer.from(patch, 'base64')]
        const centre = { column: column + 64, row: row + 64 }
        const grey = (sizePx: number): number[] => {
          const crop = cropForModel(frame, centre, {
            sizePx,
            intensity: { kind: 'cropMinMax', contextPx: 128 },
          })
          if (!crop.ok) throw new Error(crop.refusal.reason)
          expect(crop.value.warnings).toEqual([])
          return [...crop.value.values].map((value) => 255 * value)
        }
        expect(worst(grey(128), expected)).toBeLessThan(HALF_A_LEVEL)
        const inner = (_: number, at: number): boolean => {
          const [x, y] = [at % 128, Math.floor(at / 128)]
          return x >= 16 && x < 112 && y >= 16 && y < 112
        }
        expect(worst(grey(96), expected.filter(inner))).toBeLessThan(HALF_A_LEVEL)
      }
    })
  },
)
