/** Overlay planes of data/dicom: as many pixels set as other programs count, laid where the file says, clipped to the image. */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { unpackMask } from '../../../src/core/image/mask'
import type { Mask } from '../../../src/core/image/mask'
import { performWhenReady } from '../../../src/main/library/decode/perform'
import { corpusDir, readCorpus } from '../../fixtures/dicom-corpus'
import { absent } from '../../test-data'

const reason = absent('dicom')
const Overlays = z.array(
  z.looseObject({
    rows: z.number().optional(),
    columns: z.number().optional(),
    setPixels: z.number().optional(),
    origin: z.array(z.number()).optional(),
    sha256_one_byte_per_pixel: z.string().optional(),
  }),
)
const files = (reason === null ? readCorpus().files : []).flatMap((entry) => {
  const overlays = Overlays.safeParse(entry['overlays'])
  return overlays.success ? [{ file: entry.file, overlays: overlays.data }] : []
})

async function graphicsOf(file: string): Promise<Mask | null> {
  const answer = await performWhenReady({
    kind: 'slice',
    source: { kind: 'file', file: join(corpusDir, file) },
    path: file,
    frame: 0,
    rescale: { slope: 1, intercept: 0, unit: '' },
  })
  if (answer.kind !== 'slice') throw new Error(JSON.stringify(answer))
  expect(answer.description.graphics).toBe(answer.graphics === null ? undefined : true)
  const { widthPx, heightPx } = answer.description
  return answer.graphics === null ? null : unpackMask(answer.graphics, widthPx, heightPx)
}

const countOf = (mask: Mask | null): number => mask?.pixels.reduce((sum, pixel) => sum + pixel, 0) ?? 0

describe.skipIf(reason !== null)(`overlays of data/dicom ${reason ?? ''}`, () => {
  test('the corpus has planes of their own, planes in unused bits, and an empty one', () => {
    expect(files.length).toBeGreaterThanOrEqual(5)
  })

  const single = files.filter(
    ({ overlays }) => overlays.length === 1 && overlays[0]?.origin?.join() === '1,1',
  )
  test.each(single)('$file: the plane that two other programs read', async ({ file, overlays }) => {
    const mask = await graphicsOf(file)
    expect(countOf(mask)).toBe(overlays[0]?.setPixels)
    const hash = createHash('sha256')
      .update(mask?.pixels ?? '')
      .digest('hex')
    expect(hash).toBe(overlays[0]?.sha256_one_byte_per_pixel)
  })

  const several = files.filter(({ overlays }) => overlays.length > 1)
  test.each(several)('$file: its planes over one another', async ({ file, overlays }) => {
    const counts = overlays.map(({ setPixels }) => setPixels ?? 0)
    const shown = countOf(await graphicsOf(file))
    expect(shown).toBeGreaterThanOrEqual(Math.max(...counts))
    expect(shown).toBeLessThanOrEqual(counts.reduce((sum, count) => sum + count, 0))
  })

  test('a plane that lies partly outside is clipped: only its part inside the image is set', async () => {
    const mask = await graphicsOf('pixel/synthetic/overlay_origin_outside.dcm')
    if (mask === null) throw new Error('no overlay')
    // 8 x 12 from row -2 and column 27, counted from 1, in 32 x 32: rows 1 to 5 and columns 27 to 32 remain.
    mask.pixels.forEach((isSet, at) => {
      const [row, column] = [Math.floor(at / 32) + 1, (at % 32) + 1]
      if (isSet === 1) expect(row <= 5 && column >= 27).toBe(true)
    })
    expect(countOf(mask)).toBeGreaterThan(0)
  })

  test('an empty overlay is none', async () => {
    expect(await graphicsOf('syntax/jpeg/JPEGLosslessP14SV1_1s_1f_u_16_16.dcm')).toBeNull()
  })
})
