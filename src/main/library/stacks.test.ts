import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, expect, test } from 'vitest'
import { bodyValues } from '../../core/image/display'
import { tiff } from '../../../test/fixtures/tiff-file'
import { unwrap } from '../../../test/unwrap'
import { createLibrary } from './library'

const scratch = mkdtempSync(join(tmpdir(), 'margin-stacks-'))
afterAll(() => {
  rmSync(scratch, { recursive: true })
})
const [WIDTH, HEIGHT] = [16, 12]

/** Values of a plane, all of them different and beyond 8 bits. */
const deepPlane = (k: number): Uint16Array<ArrayBuffer> =>
  Uint16Array.from({ length: WIDTH * HEIGHT }, (_, at) => (at * 331 + k * 7001) % 65_536)
const plane8 = (k: number): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length: WIDTH * HEIGHT }, (_, at) => (at * 37 + k * 11) % 256)

const png = (values: Uint8Array | Uint16Array, channels: 1 | 3 = 1): Promise<Buffer> =>
  values instanceof Uint16Array
    ? sharp(values, { raw: { width: WIDTH, height: HEIGHT, channels } })
        .toColourspace('grey16')
        .png()
        .toBuffer()
    : sharp(values, { raw: { width: WIDTH, height: HEIGHT, channels } })
        .toColourspace(channels === 1 ? 'b-w' : 'srgb')
        .png()
        .toBuffer()
const colourPng = (): Promise<Buffer> => png(Uint8Array.from([...plane8(1), ...plane8(2), ...plane8(3)]), 3)

async function openedFolder(name: string, files: Readonly<Record<string, Uint8Array>>) {
  const folder = join(scratch, name)
  mkdirSync(folder, { recursive: true })
  for (const [file, bytes] of Object.entries(files)) writeFileSync(join(folder, file), bytes)
  const library = createLibrary({ workerPath: null })
  const root = unwrap(await library.addRoot(folder))
  const found = unwrap(await library.scan([root], () => undefined, new AbortController().signal))
  return { library, found }
}

async function valuesOf({ library, found }: Awaited<ReturnType<typeof openedFolder>>) {
  const [series] = found.series
  if (series === undefined) throw new Error('no series')
  const slices = await Promise.all(
    Array.from({ length: series.slices }, (_, k) => library.slicePixels(series.seriesUid, k)),
  )
  return slices.map((slice) => {
    const { description, bytes } = unwrap(slice)
    return { unit: description.unit, type: description.type, values: [...bodyValues(description, bytes)] }
  })
}

test('numbered grey pictures of a folder are one series, in the order of their numbers, 16 bit kept, in pixels', async () => {
  const numbers = [1, 2, 9, 10, 11]
  const files: Record<string, Uint8Array> = {}
  for (const number of numbers) files[`scan ${number}.png`] = await png(deepPlane(number))
  const opened = await openedFolder('deep', files)
  const [series] = opened.found.series
  expect([opened.found.series.length, opened.found.images.length]).toEqual([1, 0])
  expect(series).toMatchObject({ slices: 5, rows: HEIGHT, columns: WIDTH, spacingMm: null })
  expect(series?.warnings.map(({ code }) => code)).toContain('picture-stack')
  expect(await valuesOf(opened)).toEqual(
    numbers.map((number) => ({ unit: '', type: 'uint16', values: [...deepPlane(number)] })),
  )
  const moved = await openedFolder('moved', files)
  expect(moved.found.series[0]?.seriesUid).toBe(series?.seriesUid)
  files['scan 9.png'] = await png(deepPlane(8))
  const other = await openedFolder('other', files)
  expect(other.found.series[0]?.seriesUid).not.toBe(series?.seriesUid)
  for (const { library } of [opened, moved, other]) await library.close()
})

test('the pages of a grey TIFF are one series; equal planes stay apart', async () => {
  const page = (values: Uint16Array) => ({
    ...{ widthPx: WIDTH, heightPx: HEIGHT, samplesPerPixel: 1, data: values, photometric: 1 as const },
  })
  const planes = [deepPlane(0), deepPlane(1), deepPlane(1), deepPlane(2)]
  const opened = await openedFolder('pages', { 'volume.tif': tiff(planes.map(page)) })
  expect(opened.found.series.map(({ slices, description }) => [slices, description])).toEqual([
    [4, 'volume.tif'],
  ])
  expect((await valuesOf(opened)).map(({ values }) => values)).toEqual(planes.map((values) => [...values]))
  await opened.library.close()
})

test('photographs stay photographs: one colour picture, an eye in a name, other sizes, names without numbers, two alone, masks', async () => {
  const grey = await png(plane8(1))
  const small = await sharp(Buffer.from(plane8(1)), { raw: { width: HEIGHT, height: WIDTH, channels: 1 } })
    .toColourspace('b-w')
    .png()
    .toBuffer()
  const mask = Uint8Array.from({ length: WIDTH * HEIGHT }, (_, at) =>
    at % WIDTH > 4 && at % WIDTH < 12 ? 255 : 0,
  )
  const folders: Readonly<Record<string, Readonly<Record<string, Uint8Array>>>> = {
    colour: { '1.png': grey, '2.png': await png(plane8(2)), '3.png': await colourPng() },
    colours: { '1.png': await colourPng(), '2.png': await colourPng(), '3.png': await colourPng() },
    eyes: { 'Image_01L.png': grey, 'Image_02L.png': grey, 'Image_03L.png': grey },
    sizes: { '1.png': grey, '2.png': grey, '3.png': small },
    names: { 'a.png': grey, 'b.png': grey, 'c.png': grey },
    several: { 'a1.png': grey, 'a2.png': grey, 'b3.png': grey },
    two: { '1.png': grey, '2.png': grey },
    masks: { '1.png': await png(mask), '2.png': await png(mask), '3.png': await png(mask) },
  }
  for (const [name, files] of Object.entries(folders)) {
    const { library, found } = await openedFolder(name, files)
    expect([found.series.length, found.images.length], name).toEqual([0, Object.keys(files).length])
    await library.close()
  }
})
