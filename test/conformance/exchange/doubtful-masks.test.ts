/** Masks that a person is asked about before they become readings of a photograph. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ImportOutcome, Rater, Result } from '../../../src/contract'
import { createLibrary } from '../../../src/main/library/library'
import { servicesOnDisk } from '../../fixtures/services-on-disk'
import { unwrap } from '../../unwrap'

const WIDTH = 40
const HEIGHT = 30
const scratch = mkdtempSync(join(tmpdir(), 'margin-doubtful-'))
const library = createLibrary({ workerPath: null })
const services = servicesOnDisk(join(scratch, 'workspace'), library, { accounts: true })
let owner: Rater

beforeAll(async () => {
  mkdirSync(join(scratch, 'eyes'))
  for (const [at, name] of ['Image_08L', 'Image_08R', 'Image_081L', 'im3_left'].entries())
    await sharp({
      create: { width: WIDTH, height: HEIGHT, channels: 3, background: { r: 90 + at, g: 40, b: 9 } },
    })
      .png()
      .toFile(join(scratch, 'eyes', `${name}.png`))
  await sharp({ create: { width: WIDTH, height: HEIGHT, channels: 3, background: { r: 90, g: 40, b: 30 } } })
    .withMetadata({ orientation: 2 })
    .jpeg()
    .toFile(join(scratch, 'eyes', 'mirrored.jpg'))
  unwrap(await library.addRoot(scratch))
  unwrap(await library.scan([join(scratch, 'eyes')], () => undefined, new AbortController().signal))
  owner = unwrap(await services.accounts.atDesk(null, true))
})
afterAll(async () => {
  await services.closeWorkspace()
  await library.close()
  rmSync(scratch, { recursive: true })
})

/** Marks the first `marked` pixels. */
const mask = (marked: number): Promise<Buffer> =>
  sharp(
    Uint8Array.from({ length: WIDTH * HEIGHT }, (_, at) => (at < marked ? 255 : 0)),
    { raw: { width: WIDTH, height: HEIGHT, channels: 1 } },
  )
    .toColourspace('b-w')
    .png()
    .toBuffer()

async function bringIn(
  photograph: string,
  name: string,
  marked: number,
  despite: { readonly despite?: 'doubts' } = {},
): Promise<Result<ImportOutcome>> {
  const image = library.current().images.find((one) => one.name === photograph)
  const query = { format: 'png', reader: `${name} ${marked}`, name, imageId: image?.imageId ?? '' } as const
  return services.exchange.bringIn(owner, { ...query, ...despite }, new Uint8Array(await mask(marked)))
}

const readingsOf = async (photograph: string): Promise<number> => {
  const image = library.current().images.find((one) => one.name === photograph)
  const subject = { kind: 'image', imageId: image?.imageId ?? '' } as const
  return unwrap(await services.comparisons.compare(owner, subject, { lesionId: null, consensus: null }))
    .readings.length
}

test.each([
  [
    'Image_08L.png',
    'Image_08R_2ndHO.png',
    /named after Image_08R\.png \(right eye\).*Image_08L\.png \(left eye\)/,
  ],
  ['Image_08L.png', 'image_081l-mask.png', /named after Image_081L\.png/],
  // The right photograph is not open; the name says the other eye all the same.
  ['im3_left.png', 'im3_right_vessels.png', /named after the other eye/],
])(
  'on %s the mask %s is asked about, and comes in where it is said again',
  async (photograph, name, words) => {
    const asked = await bringIn(photograph, name, 100)
    expect(asked).toMatchObject({ ok: false, refusal: { code: 'annotation-doubtful' } })
    expect(asked.ok ? '' : asked.refusal.reason).toMatch(words)
    const before = await readingsOf(photograph)
    const outcome = unwrap(await bringIn(photograph, name, 100, { despite: 'doubts' }))
    expect(outcome.warnings.map(({ code }) => code)).toContain('annotation-doubtful')
    expect(await readingsOf(photograph)).toBe(before + outcome.readings)
  },
)

test.each([
  [0, /marks no pixel/],
  [WIDTH * HEIGHT, /marks 100\.0\s% of the picture/],
  [WIDTH * HEIGHT * 0.9, /marks 90\.0\s% of the picture: it may be inverted/],
])('a mask of %d pixels is asked about', async (marked, words) => {
  const before = await readingsOf('Image_08R.png')
  const asked = await bringIn('Image_08R.png', 'mine.png', marked)
  expect(asked.ok ? '' : asked.refusal.reason).toMatch(words)
  expect(await readingsOf('Image_08R.png')).toBe(before)
})

test.each(['Image_08R_2ndHO.png', 'reader one.png', 'Image_08R.png', 'Image_08Rest.png'])(
  'the mask %s is not asked about',
  async (name) => {
    const outcome = unwrap(await bringIn('Image_08R.png', name, 150 + name.length))
    expect(outcome).toMatchObject({ readings: 1, warnings: [] })
  },
)

test.each([
  ['jpeg', /is a JPEG picture/],
  ['tiff', /is a TIFF picture/],
  ['gif', /is a GIF picture/],
] as const)('a %s picture is named, and that masks come in as PNG', async (format, words) => {
  const bytes = await sharp(await mask(50))
    .toFormat(format)
    .toBuffer()
  const [image] = library.current().images
  const query = { format: 'png', reader: 'A', name: 'a', imageId: image?.imageId ?? '' } as const
  const refused = await services.exchange.bringIn(owner, query, new Uint8Array(bytes))
  expect(refused.ok ? '' : refused.refusal.reason).toMatch(words)
  expect(refused.ok ? '' : refused.refusal.next).toMatch(/as PNG/)
})

test('a photograph that is shown mirrored, as its file says, says so; a mask on it is asked about', async () => {
  const image = library.current().images.find(({ name }) => name === 'mirrored.jpg')
  expect(image?.warnings.map(({ code }) => code)).toEqual(['picture-turned'])
  const asked = await bringIn('mirrored.jpg', 'mirrored_readerA.png', 100)
  expect(asked).toMatchObject({ ok: false, refusal: { code: 'annotation-doubtful' } })
  expect(asked.ok ? '' : asked.refusal.reason).toMatch(/mirrored\.jpg is shown turned or mirrored/)
  expect((await bringIn('mirrored.jpg', 'mirrored_readerA.png', 100, { despite: 'doubts' })).ok).toBe(true)
})
