import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inflateRawSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Grid } from '../../../src/contract'
import { traceMask } from '../../../src/core/contour/trace'
import type { Mask } from '../../../src/core/image/mask'
import { dice } from '../../../src/core/measures/dice'
import { intersections, packMasks } from '../../../src/core/measures/packed-masks'
import { sliceReport } from '../../../src/core/measures/slice-report'
import { runThrough } from '../../../src/core/measures/steps'
import { testDataDir } from '../../test-data'
import { rasterise } from '../geometry/fill-rings'

/** The four readers of LIDC-IDRI-0001 against figures that another program made of them (data/lidc/README.md). */
const reference = join(testDataDir, 'lidc', 'lidc_reference_0001.json')
const READERS = [0, 1, 2, 3]
const Reference = z.object({
  shape_zyx: z.tuple([z.number(), z.number(), z.number()]),
  pixel_spacing_mm_row_col: z.tuple([z.number(), z.number()]),
  slice_step_mm: z.number(),
  nodules: z.tuple([
    z.object({
      readers: z.array(
        z.object({ volume_mm3: z.number(), voxels_per_slice: z.record(z.string(), z.number()) }),
      ),
      pairwise_dice: z.record(z.string(), z.number()),
    }),
  ]),
})

/** Masks of a reader on the slices where any reader drew, from the packed bits of the archive's only array (ZIP: APPNOTE 4.3.7, then .npy). */
function masksOfReaders(shape: readonly [number, number, number]): Mask[][] {
  const archive = readFileSync(join(testDataDir, 'lidc', 'lidc_reference_0001.npz'))
  const array = inflateRawSync(archive.subarray(30 + archive.readUInt16LE(26) + archive.readUInt16LE(28)))
  const bits = array.subarray(10 + array.readUInt16LE(8))
  const [slices, heightPx, widthPx] = shape
  const sliceBytes = (heightPx * widthPx) / 8
  const drawn = [...Array(slices).keys()].filter((slice) =>
    READERS.some((reader) => {
      const start = (reader * slices + slice) * sliceBytes
      return bits.subarray(start, start + sliceBytes).some((byte) => byte !== 0)
    }),
  )
  return READERS.map((reader) =>
    drawn.map((slice) => {
      const start = (reader * slices + slice) * sliceBytes
      const pixels = Uint8Array.from(
        { length: heightPx * widthPx },
        (_, at) => ((bits[start + (at >> 3)] ?? 0) >> (7 - (at & 7))) & 1,
      )
      return { widthPx, heightPx, pixels }
    }),
  )
}

/** What the tests need, read when the first one asks. */
function readReference() {
  const facts = Reference.parse(JSON.parse(readFileSync(reference, 'utf8')))
  const [nodule] = facts.nodules
  const readers = masksOfReaders(facts.shape_zyx)
  const [row, column] = facts.pixel_spacing_mm_row_col
  const [, heightPx, widthPx] = facts.shape_zyx
  /** The crop of a run on this nodule, and the whole slice as its own grid. */
  const crop: Grid = {
    widthPx: 96,
    heightPx: 96,
    originColumn: 270,
    originRow: 320,
    columnStep: 1,
    rowStep: 1,
  }
  const whole: Grid = { widthPx, heightPx, originColumn: 0, originRow: 0, columnStep: 1, rowStep: 1 }
  const cropped = (mask: Mask): Mask => {
    const pixels = new Uint8Array(crop.widthPx * crop.heightPx)
    for (let at = 0; at < crop.heightPx; at += 1) {
      const start = (crop.originRow + at) * mask.widthPx + crop.originColumn
      pixels.set(mask.pixels.subarray(start, start + crop.widthPx), at * crop.widthPx)
    }
    return { widthPx: crop.widthPx, heightPx: crop.heightPx, pixels }
  }
  const reportOn = (slice: number, grid: Grid) =>
    sliceReport({
      masks: readers
        .flatMap((masks) => masks[slice] ?? [])
        .map((mask) => (grid === crop ? cropped(mask) : mask)),
      grid,
      pixelSpacingMm: { row, column },
      fieldOfView: null,
      readers: readers.map((masks, reader) => ({
        readingId: `${reader}`,
        letter: 'ABCD'.charAt(reader),
        placed: {
          originColumn: 0,
          originRow: 0,
          mask: masks[slice] ?? { widthPx: 0, heightPx: 0, pixels: new Uint8Array(0) },
        },
      })),
      sopInstanceUid: null,
      sliceIndex: null,
      warnings: [],
    })

  return {
    facts,
    nodule,
    readers,
    crop,
    whole,
    cropped,
    reportOn,
    sliceCount: readers[0]?.length ?? 0,
    pixelCount: widthPx * heightPx,
  }
}

describe.skipIf(!existsSync(reference))('LIDC-IDRI-0001 (skipped where data/lidc is absent)', () => {
  let known: ReturnType<typeof readReference> | null = null
  const lidc = (): ReturnType<typeof readReference> => (known ??= readReference())

  test('areas of the slices add up to the volume of each reader', () => {
    const { facts, nodule, crop, reportOn, sliceCount } = lidc()
    const reports = Array.from({ length: sliceCount }, (_, slice) => reportOn(slice, crop))
    nodule.readers.forEach((expected, reader) => {
      const areas = reports.map((report) => report.agreement?.readers[reader]?.areaMm2 ?? 0)
      const asSample = reports.map((report) => report.sizes.areaMm2?.values[reader] ?? 0)
      const volumeMm3 = areas.reduce((sum, area) => sum + area, 0) * facts.slice_step_mm
      expect(volumeMm3).toBeCloseTo(expected.volume_mm3, 2)
      expect(asSample).toEqual(areas)
    })
  })

  test('Dice of each pair over the volume is that of the reference', () => {
    const { nodule, readers, sliceCount, pixelCount } = lidc()
    const bySlice = Array.from({ length: sliceCount }, (_, slice) => {
      const packed = runThrough(
        packMasks(
          readers.flatMap((masks) => masks[slice]?.pixels ?? []),
          pixelCount,
        ),
      )
      return { pixelCounts: packed.pixelCounts, shared: runThrough(intersections(packed, packed)) }
    })
    const total = (pick: (slice: (typeof bySlice)[number]) => number | undefined): number =>
      bySlice.reduce((sum, slice) => sum + (pick(slice) ?? 0), 0)
    for (const [pair, expected] of Object.entries(nodule.pairwise_dice)) {
      const [a = 0, b = 0] = pair.split('-').map(Number)
      const found = dice(
        total(({ shared }) => shared[a * READERS.length + b]),
        total(({ pixelCounts }) => pixelCounts[a]),
        total(({ pixelCounts }) => pixelCounts[b]),
      )
      expect(found).toBeCloseTo(expected, 6)
    }
  })

  test('readers against themselves: distance 0, on the crop as on the whole slice', () => {
    const { crop, whole, reportOn, sliceCount } = lidc()
    for (let slice = 0; slice < sliceCount; slice += 1) {
      const [onCrop, onWhole] = [reportOn(slice, crop), reportOn(slice, whole)]
      expect(onCrop.agreement?.ged).toBeCloseTo(0, 12)
      expect(onCrop.agreement).toEqual(onWhole.agreement)
      expect(onCrop.sizes).toEqual(onWhole.sizes)
      expect(onCrop.depthOrder).toEqual(onWhole.depthOrder)
    }
  })

  test('outlines of real readings fill back to their pixels', () => {
    const { crop, readers, cropped } = lidc()
    for (const mask of readers.flat().map(cropped)) {
      expect(rasterise(traceMask(mask), crop.widthPx, crop.heightPx)).toEqual(mask)
    }
  })
})
