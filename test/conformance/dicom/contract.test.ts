/** Everything that the library says about data/dicom and data/dicom-bad fits the contract and survives JSON. */
import { describe, expect, test } from 'vitest'
import type { z } from 'zod'
import { PixelDescription, ScanResult, SeriesDetail } from '../../../src/contract'
import { createLibrary } from '../../../src/main/library/library'
import { badDir, corpusDir, readCorpus } from '../../fixtures/dicom-corpus'
import { absent } from '../../test-data'

const reason = absent('dicom') ?? absent('dicom-bad')
/** As the page gets it: what JSON cannot carry (NaN, infinity) becomes null there, which no number of the contract may be. */
const throughJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value))
const fits = (schema: z.ZodType, value: unknown): void => {
  const sent = throughJson(value)
  expect(schema.parse(sent)).toEqual(sent)
}

describe.skipIf(reason !== null)(`contract ${reason ?? ''}`, () => {
  test.each([
    ['data/dicom', corpusDir],
    ['data/dicom-bad', badDir],
  ])('%s', async (_, folder) => {
    const library = createLibrary({ workerPath: null })
    await library.addRoot(folder)
    const scanned = await library.scan([folder], () => undefined, new AbortController().signal)
    if (!scanned.ok) throw new Error(scanned.refusal.reason)
    fits(ScanResult, scanned.value)
    for (const { seriesUid, slices, spacingMm, warnings } of scanned.value.series) {
      const detail = library.seriesDetail(seriesUid)
      if (!detail.ok) throw new Error(detail.refusal.reason)
      fits(SeriesDetail, detail.value)
      // No millimetres without spacing, and the reason stands beside it.
      if (spacingMm === null)
        expect(warnings.some(({ text }) => text.includes('sizes in pixels only'))).toBe(true)
      for (const index of new Set([0, Math.floor(slices / 2), slices - 1])) {
        const body = await library.slicePixels(seriesUid, index)
        if (!body.ok) throw new Error(`${seriesUid}: ${body.refusal.reason}`)
        const { description, bytes } = body.value
        fits(PixelDescription, description)
        const size = { uint8: 1, int16: 2, uint16: 2, rgb8: 3, float32: 4 }[description.type]
        expect(bytes.byteLength).toBe(description.widthPx * description.heightPx * size)
      }
    }
    await library.close()
  })

  test('a scan of data/dicom refuses nothing but what cannot be an image', async () => {
    const corpus = readCorpus().files
    const library = createLibrary({ workerPath: null })
    await library.addRoot(corpusDir)
    const scanned = await library.scan([corpusDir], () => undefined, new AbortController().signal)
    await library.close()
    if (!scanned.ok) throw new Error(scanned.refusal.reason)
    const refused = new Set(scanned.value.refused.map(({ path }) => path))
    expect(refused.size).toBeGreaterThan(0)
    const images = corpus.filter(({ expect: wanted }) => /^(image|decode exactly)/.test(wanted))
    expect(images.length).toBeGreaterThan(380)
    expect(images.filter(({ file }) => refused.has(file))).toEqual([])
  })
})
