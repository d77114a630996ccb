/** Rescale, lookup tables and windows of data/dicom: probes of stored, modality and display values, palettes in RGB. */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { PixelDescription } from '../../../src/contract'
import { assembleSeries } from '../../../src/core/dicom/assemble-series'
import type { Series } from '../../../src/core/dicom/assemble-series'
import { transferSyntax } from '../../../src/core/dicom/transfer-syntax'
import { bodyValues, displayGrey } from '../../../src/core/image/display'
import { perform, performWhenReady } from '../../../src/main/library/decode/perform'
import { corpusDir, readCorpus } from '../../fixtures/dicom-corpus'
import { absent } from '../../test-data'

const reason = absent('dicom')
const files = (reason === null ? readCorpus().files : []).filter((entry) => {
  const syntax = entry.transferSyntax ?? entry.transferSyntaxSniffed ?? '1.2.840.10008.1.2'
  return entry.expect === 'image' && entry.pixels !== undefined && transferSyntax(syntax)?.pixels != null
})

interface Shown {
  readonly series: Series
  readonly description: PixelDescription
  readonly bytes: Uint8Array
}

/** Segmentations have pixels, yet are listed as documents and never shown as an image. */
const DOCUMENTS = ['derived/seg/seg_image_sm_control_labelmap_palette_color.dcm']

/** Shown as photographs, whose pixels photographs.test.ts compares. */
const PHOTOGRAPHS = ['multiframe/ophthalmic_photography.dcm']

/** Frame 0 of a file as the page would get it. Throws for what is no image. */
async function show(file: string): Promise<Shown> {
  const source = { kind: 'file' as const, file: join(corpusDir, file) }
  const inspected = perform({ kind: 'inspect', source, path: file })
  if (inspected.kind !== 'inspect' || inspected.inspection.kind !== 'image')
    throw new Error(`${file} is no image: ${JSON.stringify(inspected)}`)
  const { instance } = inspected.inspection
  const [series] = assembleSeries([instance])
  const rescale = instance.frames[0]?.rescale
  if (series === undefined || rescale === undefined) throw new Error(file)
  const answer = await performWhenReady({ kind: 'slice', source, path: file, frame: 0, rescale })
  if (answer.kind !== 'slice') throw new Error(JSON.stringify(answer))
  return { series, description: answer.description, bytes: answer.bytes }
}

describe.skipIf(reason !== null)(`values and greys of data/dicom ${reason ?? ''}`, () => {
  const grey = files.filter(
    (entry) =>
      entry.pixels?.form === 'grey' &&
      !PHOTOGRAPHS.includes(entry.file) &&
      (entry.pixels.probes_frame0 ?? []).some(
        (probe) => probe.modality !== undefined || probe.display !== undefined,
      ),
  )
  test.each(grey.map((entry) => [entry.file, entry.pixels?.probes_frame0 ?? []] as const))(
    '%s',
    async (file, probes) => {
      const { description, bytes, series } = await show(file)
      const values = bodyValues(description, bytes)
      const [window] = series.detail.windows
      const greys =
        window === undefined
          ? null
          : displayGrey(description, bytes, window, series.detail.photometric === 'MONOCHROME1')
      for (const { row, col, modality, display } of probes) {
        const at = row * description.widthPx + col
        const value = (values[at] ?? 0) * description.slope + description.intercept
        if (modality !== undefined)
          expect(Math.abs(value - modality)).toBeLessThan(1e-3 * Math.max(1, Math.abs(modality)))
        if (display !== undefined && greys !== null)
          expect(Math.abs((greys[at] ?? 0) - display)).toBeLessThanOrEqual(1)
      }
    },
  )

  const coloured = files.filter((entry) => entry.pixels?.palette_rgb8_frame0_sha256 !== undefined)
  const palettes = coloured.filter(({ file }) => !DOCUMENTS.includes(file))
  test.each(DOCUMENTS)('%s is a document', (file) => {
    expect(coloured.map((entry) => entry.file)).toContain(file)
    const source = { kind: 'file' as const, file: join(corpusDir, file) }
    expect(perform({ kind: 'inspect', source, path: file })).toMatchObject({
      kind: 'inspect',
      inspection: { kind: 'document' },
    })
  })
  test.each(palettes.map((entry) => [entry.file, entry.pixels?.palette_rgb8_frame0_sha256] as const))(
    '%s in colour',
    async (file, hash) => {
      const shown = await show(file)
      expect(shown.description.type).toBe('rgb8')
      expect(createHash('sha256').update(shown.bytes).digest('hex')).toBe(hash)
    },
  )

  test('a VOI lookup table of 4,096 entries is the square that it was made from', async () => {
    const shown = await show('pixel/synthetic/voi_lut_8bit_entries.dcm')
    const { description, bytes, series } = shown
    const [window] = series.detail.windows
    if (window === undefined) throw new Error('no window')
    const values = bodyValues(description, bytes)
    const greys = displayGrey(description, bytes, window, false)
    // synthetic-truth.json: round((v / 4095)^2 * 255).
    values.forEach((value, at) => {
      expect(greys[at]).toBe(Math.round((value / 4095) ** 2 * 255))
    })
    expect(series.detail.summary.warnings.map(({ code }) => code)).not.toContain('voi-lut-unusable')
  })

  test('two windows keep the names that the file gives them', async () => {
    const shown = await show('pixel/synthetic/voi_two_windows.dcm')
    expect(shown.series.detail.windows).toEqual([
      { label: 'SOFT', centre: 400, width: 800 },
      { label: 'WIDE', centre: 2000, width: 4000 },
    ])
  })
})
