/**
 * Cases from the field: small files in which other programs were silently wrong (data/field/README.md). Each is run as
 * its `repro.sh` runs it and must give what its `expected.json` says is right.
 */
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import {
  fieldMissing,
  type FieldCase,
  openCase,
  openFolder,
  pixelsPerLabelAndSlice,
} from '../fixtures/field-case'

/** Each case starts processes, and processes start slowly on a busy computer. */
vi.setConfig({ testTimeout: 120_000 })

const Right = z.record(z.string(), z.unknown())
const right = ({ expected }: FieldCase): z.infer<typeof Right> => Right.parse(expected['right'])

describe.skipIf(fieldMissing !== null)(`cases from the field (skipped: ${fieldMissing ?? ''})`, () => {
  test.each([
    ['04-nifti-scaled-mask', 'labels.nii.gz', 'nifti'],
    ['06-nifti-two-gzip-members', 'labels.nii.gz', 'nifti'],
    ['11-seg-many-sources', 'seg.dcm', 'seg'],
    ['12-seg-frames-padded', 'seg.dcm', 'seg'],
    ['34-right-shared-segment-number', 'seg.dcm', 'seg'],
  ])('%s: the pixels of each label on each slice', async (name, file, format) => {
    const one = openCase(name)
    const { masks } = await one.masks(join(one.folder, 'ct'), join(one.folder, file), format)
    const { pixelsPerLabelAndSlice: wanted } = right(one)
    expect(pixelsPerLabelAndSlice(masks)).toEqual(wanted)
    const { rows, columns } = right(one)
    for (const mask of masks) {
      if (rows !== undefined) expect(mask.rows).toEqual(rows)
      if (columns !== undefined) expect(mask.columns).toEqual(columns)
    }
  })

  test('07-coco-parts-in-parts: parts are united', async () => {
    for (const [file, pixels] of Object.entries(right(openCase('07-coco-parts-in-parts')))) {
      const one = openCase('07-coco-parts-in-parts')
      const { masks } = await one.masks(join(one.folder, 'img'), join(one.folder, file), 'coco')
      expect(masks.map((mask) => mask.pixels)).toEqual([pixels])
    }
  })

  test('08-coco-two-point-part: the rest is read, and what was left out is said', async () => {
    const one = openCase('08-coco-two-point-part')
    const { masks, brought } = await one.masks(join(one.folder, 'img'), join(one.folder, 'a.json'), 'coco')
    expect(masks.map(({ pixels }) => pixels)).toEqual([right(one)['pixels']])
    expect(brought.out).toContain('parts-left-out')
  })

  test('09-rtstruct-finer-planes: a plane is a plane', async () => {
    const one = openCase('09-rtstruct-finer-planes')
    const { masks } = await one.masks(join(one.folder, 'ct'), join(one.folder, 'rs.dcm'), 'rtstruct')
    const { pixelsPerSlice } = right(one)
    expect(Object.values(pixelsPerLabelAndSlice(masks))).toEqual([pixelsPerSlice])
  })

  test('13-un-holds-explicit: the pixels behind the private sequence', async () => {
    const one = openCase('13-un-holds-explicit')
    const { scan, series } = await openFolder(join(one.folder, 'ct'))
    expect(scan.refused).toEqual([])
    const wanted = right(one)
    expect(series.map(({ detail }) => detail.slices.length)).toEqual([wanted['slices']])
    expect(await series[0]?.valuesAt(3, 5)).toEqual(wanted['huAtRow3Column5'])
  })

  test('28-mask-name-not-passed: the name of the mask says its slice', async () => {
    const one = openCase('28-mask-name-not-passed')
    const { masks } = await one.masks(
      ...([join(one.folder, 'ct'), join(one.folder, 'slice-3.png'), 'png', 'Reader 1'] as const),
    )
    const { slice, pixels } = right(one)
    expect(Object.values(pixelsPerLabelAndSlice(masks))).toEqual([{ [String(slice)]: pixels }])
  })

  test('31-right-frames-0: one frame is there', async () => {
    const one = openCase('31-right-frames-0')
    const { series } = await openFolder(join(one.folder, 'ct'))
    const { slices, hu } = right(one)
    expect(series.map(({ detail }) => detail.slices.length)).toEqual([slices])
    expect(await series[0]?.valuesAt(3, 5)).toEqual([hu])
  })

  test('32-right-negative-spacing: positions decide', async () => {
    const one = openCase('32-right-negative-spacing')
    const { series } = await openFolder(join(one.folder, 'ct'))
    const { zAscending, spacing, hu } = right(one)
    expect(series[0]?.detail.slices.map(({ positionMm }) => positionMm?.[2])).toEqual(zAscending)
    expect(series[0]?.detail.summary.spacingMm?.slice).toBe(spacing)
    expect(await series[0]?.valuesAt(3, 5)).toEqual(hu)
  })

  test('33-right-tiny-contours: no pixel centre lies in them', async () => {
    const one = openCase('33-right-tiny-contours')
    const { masks } = await one.masks(join(one.folder, 'ct'), join(one.folder, 'rs.dcm'), 'rtstruct')
    expect(masks.map(({ pixels }) => pixels)).toEqual([right(one)['pixels']])
  })
})
