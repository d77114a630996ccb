/** LIDC-IDRI-0001 with 069.xml: every voxel of every reader against masks made by another program. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inflateRawSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { decodeBoxMask } from '../../../src/core/contour/box-mask'
import { parseLidcFile } from '../../../src/core/lidc/lidc-file'
import { lidcReadings } from '../../../src/core/lidc/lidc-readings'
import { testDataDir } from '../../test-data'

const folder = join(testDataDir, 'lidc')
const present = ['LIDC-IDRI-0001.tar.xz', 'lidc_reference_0001.json'].every((name) =>
  existsSync(join(folder, name)),
)

const Reference = z.object({
  series_uid: z.string(),
  shape_zyx: z.tuple([z.number(), z.number(), z.number()]),
  z_mm: z.array(z.number()),
  sop_uids: z.array(z.string()),
  nodules: z.array(z.object({ readers: z.array(z.object({ voxels: z.number() })) })),
})

/** The only array of a deflated .npz: local header of the ZIP (APPNOTE 4.3.7), then the .npy header. */
function bitsOfArchive(bytes: Buffer): Uint8Array {
  const nameBytes = bytes.readUInt16LE(26)
  const extraBytes = bytes.readUInt16LE(28)
  const npy = inflateRawSync(bytes.subarray(30 + nameBytes + extraBytes))
  const headerBytes = npy.readUInt16LE(8)
  return new Uint8Array(npy.subarray(10 + headerBytes))
}

describe.skipIf(!present)('LIDC-IDRI-0001 (skipped where data/lidc is absent)', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'margin-lidc-'))
  afterAll(() => {
    rmSync(scratch, { recursive: true })
  })

  test('has the voxels of the reference, reader by reader', () => {
    execFileSync('tar', [
      'xJf',
      join(folder, 'LIDC-IDRI-0001.tar.xz'),
      '-C',
      scratch,
      'LIDC-IDRI-0001/069.xml',
    ])
    const reference = Reference.parse(
      JSON.parse(readFileSync(join(folder, 'lidc_reference_0001.json'), 'utf8')),
    )
    const [sliceCount, rows, columns] = reference.shape_zyx
    const file = parseLidcFile(new Uint8Array(readFileSync(join(scratch, 'LIDC-IDRI-0001', '069.xml'))))
    if (!file.ok) throw new Error(file.refusal.reason)
    const readings = lidcReadings(file.value, {
      seriesUid: reference.series_uid,
      rows,
      columns,
      slices: reference.sop_uids.map((sopInstanceUid, index) => ({
        index,
        sopInstanceUid,
        zMm: reference.z_mm[index] ?? null,
      })),
      stack: null,
    })
    if (!readings.ok) throw new Error(readings.refusal.reason)
    expect(readings.value.structures).toHaveLength(1)
    const [nodule] = readings.value.structures
    expect(nodule?.readings.map((reading) => reading.voxels)).toEqual([5905, 4613, 4955, 5498])

    const expected = bitsOfArchive(readFileSync(join(folder, 'lidc_reference_0001.npz')))
    expect(expected).toHaveLength((4 * sliceCount * rows * columns) / 8)
    const found = new Uint8Array(expected.length)
    nodule?.readings.forEach((reading, reader) => {
      for (const { sliceIndex, mask: box } of reading.slices) {
        const { originColumn, originRow, mask } = decodeBoxMask(box)
        mask.pixels.forEach((pixel, index) => {
          if (pixel === 0) return
          const row = originRow + Math.floor(index / mask.widthPx)
          const column = originColumn + (index % mask.widthPx)
          const bit = ((reader * sliceCount + sliceIndex) * rows + row) * columns + column
          found[bit >> 3] = (found[bit >> 3] ?? 0) | (0x80 >> (bit & 7))
        })
      }
    })
    expect(Buffer.compare(found, expected)).toBe(0)
    expect(nodule?.centre.sliceIndex).toBe(
      Math.floor(((nodule?.firstSlice ?? 0) + (nodule?.lastSlice ?? 0)) / 2),
    )
  })
})
