/** The real series LIDC-IDRI-0001 through the library, against an independent reading of it (lidc_reference_0001.json). */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { SeriesDetail } from '../../../src/contract'
import { bodyValues } from '../../../src/core/image/display'
import { createLibrary } from '../../../src/main/library/library'
import { lidcSeries } from '../../fixtures/lidc-series'
import { absent, testDataDir } from '../../test-data'

const Reference = z.looseObject({
  series_uid: z.string(),
  slices: z.number(),
  sop_uids: z.array(z.string()),
  z_mm: z.array(z.number()),
  pixel_spacing_mm_row_col: z.array(z.number()),
  slice_step_mm: z.number(),
  hu_min: z.number(),
  hu_max: z.number(),
  hu_sum: z.number(),
  hu_sum_per_slice: z.array(z.number()),
})

const folder = lidcSeries()
const reason = absent('lidc/LIDC-IDRI-0001.tar.xz') ?? absent('lidc/lidc_reference_0001.json') ?? ''

describe.skipIf(reason !== '')(`LIDC-IDRI-0001 ${reason}`, () => {
  const library = createLibrary({ workerPath: null })
  const progress: number[] = []
  let reference: z.infer<typeof Reference>
  let detail: SeriesDetail

  beforeAll(async () => {
    reference = Reference.parse(
      JSON.parse(readFileSync(join(testDataDir, 'lidc', 'lidc_reference_0001.json'), 'utf8')),
    )
    const path = folder ?? ''
    await library.addRoot(path)
    const scanned = await library.scan(
      [path],
      ({ filesRead }) => progress.push(filesRead),
      new AbortController().signal,
    )
    if (!scanned.ok) throw new Error(scanned.refusal.reason)
    const found = library.seriesDetail(reference.series_uid)
    if (!found.ok) throw new Error(found.refusal.reason)
    detail = found.value
  })
  afterAll(() => library.close())

  test('every file was counted, none was refused', () => {
    expect(progress).toEqual(Array.from({ length: 134 }, (_, index) => index + 1))
    expect(library.current().refused).toEqual([])
  })

  test('133 slices stand in the order of the reference, 2.5 mm apart', () => {
    expect(detail.slices.map((slice) => slice.sopInstanceUid)).toEqual(reference.sop_uids)
    expect(detail.slices.map((slice) => slice.positionMm?.[2])).toEqual(reference.z_mm)
    const [row, column] = reference.pixel_spacing_mm_row_col
    expect(detail.summary.spacingMm).toEqual({ row, column, slice: reference.slice_step_mm })
    expect(detail.summary.warnings).toEqual([])
  })

  test('the sum of HU of every slice, and the range of all, are those of the reference', async () => {
    const sums: number[] = []
    let least = Infinity
    let most = -Infinity
    for (let index = 0; index < detail.slices.length; index += 1) {
      const body = await library.slicePixels(reference.series_uid, index)
      if (!body.ok) throw new Error(body.refusal.reason)
      const { description, bytes } = body.value
      let sum = 0
      for (const stored of bodyValues(description, bytes))
        sum += stored * description.slope + description.intercept
      sums.push(sum)
      least = Math.min(least, description.minStored * description.slope + description.intercept)
      most = Math.max(most, description.maxStored * description.slope + description.intercept)
    }
    expect(sums).toEqual(reference.hu_sum_per_slice)
    expect([least, most]).toEqual([reference.hu_min, reference.hu_max])
  })

  test('the readings beside it are offered for this series', () => {
    const offered = library
      .current()
      .annotations.map(({ path, kind, seriesUid }) => ({ path, kind, seriesUid }))
    expect(offered).toEqual([{ path: '069.xml', kind: 'lidc-xml', seriesUid: reference.series_uid }])
  })

  test('a slice that is not there and a series that is not open are refused', async () => {
    expect(await library.slicePixels(reference.series_uid, 133)).toMatchObject({
      ok: false,
      refusal: { code: 'not-found' },
    })
    expect(library.seriesDetail('1.2.3')).toMatchObject({ ok: false, refusal: { code: 'not-found' } })
  })
})
