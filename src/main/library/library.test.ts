import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { zipSync } from 'fflate'
import sharp from 'sharp'
import { afterAll, expect, test } from 'vitest'
import type { ScanResult } from '../../contract'
import { fellowEye } from '../../core/subject/eyes'
import type { LibraryService } from './library-service'
import { createLibrary } from './library'

const scratch = mkdtempSync(join(tmpdir(), 'margin-library-'))
afterAll(() => {
  rmSync(scratch, { recursive: true, force: true })
})

const folder = (): string => mkdtempSync(join(scratch, 'case-'))
const never = new AbortController().signal

async function scan(
  path: string,
): Promise<{ readonly library: LibraryService; readonly result: ScanResult }> {
  const library = createLibrary({ workerPath: null })
  await library.addRoot(path)
  const scanned = await library.scan([path], () => undefined, never)
  if (!scanned.ok) throw new Error(scanned.refusal.reason)
  return { library, result: scanned.value }
}

/** An explicit little-endian element; text is padded to an even length. */
function element(
  group: number,
  number: number,
  vr: string,
  value: string | readonly number[] | Uint8Array,
): Uint8Array {
  const text =
    typeof value === 'string' ? new TextEncoder().encode(value.length % 2 === 0 ? value : `${value} `) : null
  const words = Array.isArray(value) ? new Uint8Array(new Uint16Array(value).buffer) : null
  const body = text ?? words ?? (value instanceof Uint8Array ? value : new Uint8Array())
  const isLong = vr === 'OW'
  const head = new DataView(new ArrayBuffer(isLong ? 12 : 8))
  head.setUint16(0, group, true)
  head.setUint16(2, number, true)
  head.setUint8(4, vr.charCodeAt(0))
  head.setUint8(5, vr.charCodeAt(1))
  if (isLong) head.setUint32(8, body.length, true)
  else head.setUint16(6, body.length, true)
  return new Uint8Array([...new Uint8Array(head.buffer), ...body])
}

/** A 4 x 3 CT slice at height `zMm`, with stored values 0 to 11. */
function ctSlice(zMm: number): Uint8Array {
  const meta = element(0x0002, 0x0010, 'UI', '1.2.840.10008.1.2.1\0')
  const parts = [
    element(0x0008, 0x0016, 'UI', '1.2.840.10008.5.1.4.1.1.2\0'),
    element(0x0008, 0x0018, 'UI', `1.2.3.${zMm}`),
    element(0x0008, 0x0060, 'CS', 'CT'),
    element(0x0020, 0x000d, 'UI', '1.2.3'),
    element(0x0020, 0x000e, 'UI', '1.2.4'),
    element(0x0020, 0x0032, 'DS', `0\\0\\${zMm}`),
    element(0x0020, 0x0037, 'DS', '1\\0\\0\\0\\1\\0'),
    element(0x0028, 0x0002, 'US', [1]),
    element(0x0028, 0x0004, 'CS', 'MONOCHROME2'),
    element(0x0028, 0x0010, 'US', [3]),
    element(0x0028, 0x0011, 'US', [4]),
    element(0x0028, 0x0030, 'DS', '0.5\\0.25'),
    element(0x0028, 0x0100, 'US', [16]),
    element(0x0028, 0x0101, 'US', [16]),
    element(0x0028, 0x0102, 'US', [15]),
    element(0x0028, 0x0103, 'US', [0]),
    element(0x0028, 0x1052, 'DS', '-1024'),
    element(0x0028, 0x1053, 'DS', '1'),
    element(
      0x7fe0,
      0x0010,
      'OW',
      new Uint8Array(new Uint16Array(Array.from({ length: 12 }, (_, k) => k)).buffer),
    ),
  ]
  return new Uint8Array([
    ...new Uint8Array(128),
    ...new TextEncoder().encode('DICM'),
    ...meta,
    ...parts.flatMap((part) => [...part]),
  ])
}

test('a folder of slices opens as one series with HU', async () => {
  const path = folder()
  for (const z of [5, 0, 2.5]) writeFileSync(join(path, `file-${9 - z}`), ctSlice(z))
  const { library, result } = await scan(path)
  expect(result.series).toMatchObject([
    { seriesUid: '1.2.4', slices: 3, spacingMm: { row: 0.5, column: 0.25, slice: 2.5 }, warnings: [] },
  ])
  const body = await library.slicePixels('1.2.4', 2)
  expect(body).toMatchObject({
    ok: true,
    value: {
      description: { type: 'uint16', slope: 1, intercept: -1024, unit: 'HU', minStored: 0, maxStored: 11 },
    },
  })
})

test('a zip opens like the folder that was packed', async () => {
  const [plain, packed] = [folder(), folder()]
  const files = Object.fromEntries([0, 1, 2].map((z) => [`deep/slice ${z}.dcm`, ctSlice(z)]))
  mkdirSync(join(plain, 'deep'))
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(plain, name), bytes)
  writeFileSync(join(packed, 'study.zip'), zipSync(files))
  const [first, second] = [await scan(plain), await scan(packed)]
  expect(second.result.series).toEqual(first.result.series)
  expect(await second.library.slicePixels('1.2.4', 1)).toEqual(await first.library.slicePixels('1.2.4', 1))
  const one = await scan(join(packed, 'study.zip'))
  expect(one.result.series).toEqual(first.result.series)
})

test('elements of a slice come as they stand in its file, in a folder and in a zip alike', async () => {
  const path = folder()
  writeFileSync(join(path, 'b.dcm'), ctSlice(0))
  writeFileSync(join(path, 'study.zip'), zipSync({ 'a.dcm': ctSlice(5) }))
  const { library } = await scan(path)
  const [position, spacing, name] = [0x00200032, 0x00280030, 0x00100010]
  const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes)
  for (const [index, z] of [0, 5].entries()) {
    const read = await library.sliceElements('1.2.4', index, [position, spacing, name])
    if (!read.ok) throw new Error(read.refusal.reason)
    expect([...read.value.keys()]).toEqual([position, spacing])
    expect(text(read.value.get(position))).toBe(`0\\0\\${z} `)
    expect(text(read.value.get(spacing))).toBe('0.5\\0.25')
  }
  rmSync(join(path, 'b.dcm'))
  expect(await library.sliceElements('1.2.4', 0, [position])).toMatchObject({ ok: false })
  expect(await library.sliceElements('1.2.4', 2, [position])).toMatchObject({ ok: false })
})

test('each subject is found again under the path with which it was opened', async () => {
  const [first, second, third] = [folder(), folder(), folder()]
  mkdirSync(join(second, 'deep'))
  writeFileSync(join(second, 'deep', 'a.dcm'), ctSlice(0))
  await sharp({ create: { width: 4, height: 4, channels: 3, background: 'red' } }).toFile(
    join(third, 'eye.png'),
  )
  const library = createLibrary({ workerPath: null })
  for (const path of [first, second, third]) await library.addRoot(path)
  const scanned = await library.scan([first, second, third], () => undefined, never)
  if (!scanned.ok) throw new Error(scanned.refusal.reason)
  const imageId = scanned.value.images[0]?.imageId ?? ''
  expect(library.openedPath({ kind: 'series', seriesUid: '1.2.4' })).toBe(second)
  expect(library.openedPath({ kind: 'image', imageId })).toBe(join(third, 'eye.png'))
  expect(library.openedPath({ kind: 'series', seriesUid: '1.2.5' })).toBeNull()
})

test('what lies in a folder of this program alone has no path under which it is found again', async () => {
  const sent = folder()
  writeFileSync(join(sent, 'a.dcm'), ctSlice(0))
  await sharp({ create: { width: 4, height: 4, channels: 3, background: 'red' } }).toFile(
    join(sent, 'eye.png'),
  )
  const library = createLibrary({ workerPath: null })
  await library.addRoot(sent, true)
  const scanned = await library.scan([sent], () => undefined, never)
  if (!scanned.ok) throw new Error(scanned.refusal.reason)
  const imageId = scanned.value.images[0]?.imageId ?? ''
  expect(library.openedPath({ kind: 'series', seriesUid: '1.2.4' })).toBeNull()
  expect(library.openedPath({ kind: 'image', imageId })).toBeNull()
})

test('an encrypted entry is refused by name, its neighbours open', async () => {
  const path = folder()
  const packed = zipSync({ 'a.dcm': ctSlice(0), 'b.dcm': ctSlice(1) })
  const view = new DataView(packed.buffer, packed.byteOffset)
  // The central directory's entries begin with 50 4b 01 02; their flags lie 8 bytes in, bit 0 says encrypted (APPNOTE 4.4.4).
  const entries = [...packed.keys()].filter(
    (at) => at + 4 <= packed.length && view.getUint32(at, true) === 0x02014b50,
  )
  expect(entries).toHaveLength(2)
  const [, second = 0] = entries
  view.setUint16(second + 8, view.getUint16(second + 8, true) | 1, true)
  writeFileSync(join(path, 'locked.zip'), packed)
  const { result } = await scan(path)
  expect(result.series).toMatchObject([{ slices: 1 }])
  expect(result.refused).toMatchObject([
    { path: 'locked.zip!/b.dcm', reason: 'The entry was not opened: it is encrypted.' },
  ])
})

test('an archive inside an archive is refused by name, its neighbours open', async () => {
  const path = folder()
  writeFileSync(
    join(path, 'outer.zip'),
    zipSync({ 'a.dcm': ctSlice(0), 'inner.zip': zipSync({ 'b.dcm': ctSlice(1) }) }),
  )
  const { result } = await scan(path)
  expect(result.series).toMatchObject([{ slices: 1 }])
  expect(result.refused).toMatchObject([{ path: 'outer.zip!/inner.zip' }])
})

test('links stay inside the opened folder, circles end, what is no file is named', async () => {
  const [inside, outside] = [folder(), folder()]
  writeFileSync(join(outside, 'secret.dcm'), ctSlice(0))
  writeFileSync(join(inside, 'own.dcm'), ctSlice(1))
  symlinkSync(join(outside, 'secret.dcm'), join(inside, 'out.dcm'))
  symlinkSync('.', join(inside, 'loop'))
  symlinkSync('own.dcm', join(inside, 'twice.dcm'))
  symlinkSync('/nowhere/at/all', join(inside, 'dangling.dcm'))
  symlinkSync('/dev/zero', join(inside, 'zero.dcm'))
  execFileSync('mkfifo', [join(inside, 'pipe.dcm')])
  mkdirSync(join(inside, 'folder.dcm'))
  const { result } = await scan(inside)
  expect(result.series).toMatchObject([{ slices: 1 }])
  expect(result.series[0]?.warnings.map(({ code }) => code)).not.toContain('instance-repeated')
  expect(result.refused.map(({ path, code }) => `${path ?? ''} ${code}`).sort()).toEqual([
    'dangling.dcm not-found',
    'out.dcm path-outside-roots',
    'pipe.dcm file-unreadable',
    'zero.dcm path-outside-roots',
  ])
})

test('a path outside of the roots is not scanned', async () => {
  const library = createLibrary({ workerPath: null })
  await library.addRoot(folder())
  const outside = folder()
  writeFileSync(join(outside, 'a.dcm'), ctSlice(0))
  const scanned = await library.scan([outside], () => undefined, never)
  expect(scanned).toMatchObject({
    ok: true,
    value: { series: [], refused: [{ code: 'path-outside-roots' }] },
  })
})

test('a path above the opened folder, or that leads nowhere, changes nothing of what is listed', async () => {
  const above = folder()
  const path = join(above, 'opened')
  mkdirSync(path)
  writeFileSync(join(path, 'a.dcm'), ctSlice(0))
  writeFileSync(join(path, 'notes.txt'), 'no image at all')
  const { library, result } = await scan(path)
  for (const asked of [above, `${path}/..`, '/', join(path, 'nowhere')]) {
    const scanned = await library.scan([asked], () => undefined, never)
    if (!scanned.ok) throw new Error(scanned.refusal.reason)
    // Told to who asked, beside what is listed.
    expect(scanned.value.series).toEqual(result.series)
    expect(scanned.value.refused.map(({ code }) => code)).toEqual([
      'not-dicom',
      asked.endsWith('nowhere') ? 'not-found' : 'path-outside-roots',
    ])
    expect(library.current()).toEqual(result)
  }
  // Beside a path that is opened as well.
  const both = await library.scan([above, path], () => undefined, never)
  expect(both).toMatchObject({ ok: true, value: { refused: [{}, { code: 'path-outside-roots' }] } })
  expect(library.current()).toMatchObject({ series: result.series, refused: result.refused })
})

test('a stopped scan adds nothing', async () => {
  const path = folder()
  for (let z = 0; z < 20; z += 1) writeFileSync(join(path, `${z}.dcm`), ctSlice(z))
  const library = createLibrary({ workerPath: null })
  await library.addRoot(path)
  const stop = new AbortController()
  const scanned = await library.scan(
    [path],
    () => {
      stop.abort()
    },
    stop.signal,
  )
  expect(scanned).toMatchObject({ ok: false, refusal: { code: 'cancelled' } })
  expect(library.current().series).toEqual([])
})

test('scanning again changes nothing, and files that were not DICOM stay listed once', async () => {
  const path = folder()
  writeFileSync(join(path, 'a.dcm'), ctSlice(0))
  writeFileSync(join(path, 'notes.txt'), 'no image at all')
  const { library, result } = await scan(path)
  const again = await library.scan([path], () => undefined, never)
  if (!again.ok) throw new Error(again.refusal.reason)
  expect(again.value.series).toEqual(result.series)
  expect(again.value.refused).toEqual(result.refused)
  expect(result.refused).toMatchObject([{ code: 'not-dicom', path: 'notes.txt' }])
})

test('photographs of 8 and 16 bits open in 8, the 16-bit one says so', async () => {
  const path = folder()
  const grey = Uint16Array.from({ length: 64 }, (_, k) => k * 1024)
  const raw = { width: 8, height: 8, channels: 1 as const }
  await sharp(grey, { raw }).toColourspace('grey16').png().toFile(join(path, 'deep.png'))
  await sharp(
    Uint8Array.from({ length: 192 }, (_, k) => k),
    { raw: { ...raw, channels: 3 } },
  )
    .tiff({ compression: 'lzw' })
    .toFile(join(path, 'eye_OD.tif'))
  const { library, result } = await scan(path)
  expect(
    result.images.map(({ name, bitsPerChannel, eye, width }) => ({ name, bitsPerChannel, eye, width })),
  ).toEqual([
    { name: 'deep.png', bitsPerChannel: 16, eye: null, width: 8 },
    { name: 'eye_OD.tif', bitsPerChannel: 8, eye: 'right', width: 8 },
  ])
  const [deep, flat] = result.images
  expect(deep?.warnings.map(({ code }) => code)).toEqual(['picture-depth', 'picture-range'])
  const shown = await library.photograph(deep?.imageId ?? '')
  const values = shown.ok ? Array.from(shown.value.bytes).filter((_, k) => k % 3 === 0) : []
  // By the range that 16 bits have, as in TIFF.
  expect(values).toEqual(Array.from(grey, (value) => Math.round((value * 255) / 65_535)))
  const colour = await library.photograph(flat?.imageId ?? '')
  expect(colour.ok ? Array.from(colour.value.bytes) : []).toEqual(Array.from({ length: 192 }, (_, k) => k))
})

test('a photograph is turned as its EXIF says, and its size with it', async () => {
  const path = folder()
  const raw = { width: 4, height: 2, channels: 3 as const }
  await sharp(new Uint8Array(24), { raw })
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toFile(join(path, 'turned.jpg'))
  const { library, result } = await scan(path)
  expect(result.images).toMatchObject([{ width: 2, height: 4 }])
  expect(result.images[0]?.warnings.map(({ code }) => code)).toContain('picture-turned')
  expect(await library.photograph(result.images[0]?.imageId ?? '')).toMatchObject({
    value: { description: { widthPx: 2, heightPx: 4 } },
  })
})

test('a damaged photograph is refused by name', async () => {
  const path = folder()
  const png = await sharp(new Uint8Array(300), { raw: { width: 10, height: 10, channels: 3 } })
    .png()
    .toBuffer()
  writeFileSync(join(path, 'cut.png'), png.subarray(0, 20))
  const { result } = await scan(path)
  expect(result.images).toEqual([])
  expect(result.refused).toMatchObject([{ code: 'picture-unsupported', path: 'cut.png' }])
})

test('thumbnails are PNGs of at most 256 pixels, in the true shape of the pixels', async () => {
  const path = folder()
  writeFileSync(join(path, 'a.dcm'), ctSlice(0))
  const { library } = await scan(path)
  const png = await library.thumbnail({ kind: 'series', seriesUid: '1.2.4' })
  const { format, width, height } = await sharp(png.ok ? png.value : undefined).metadata()
  // 4 columns of 0.25 mm and 3 rows of 0.5 mm: 1 mm wide, 1.5 mm tall.
  expect({ format, width, height }).toEqual({ format: 'png', width: 4, height: 6 })
})

test('two files of one name in two opened folders are told apart', async () => {
  const [first, second] = [folder(), folder()]
  writeFileSync(join(first, 'slice.dcm'), ctSlice(0))
  writeFileSync(join(second, 'slice.dcm'), ctSlice(1))
  const library = createLibrary({ workerPath: null })
  const files = [join(first, 'slice.dcm'), join(second, 'slice.dcm')]
  for (const file of files) await library.addRoot(file)
  const scanned = await library.scan(files, () => undefined, never)
  expect(scanned).toMatchObject({ ok: true, value: { series: [{ slices: 2 }], refused: [] } })
  copyFileSync(join(first, 'slice.dcm'), join(first, 'beside.dcm'))
  expect(existsSync(join(first, 'beside.dcm'))).toBe(true)
  expect(await library.scan([join(first, 'beside.dcm')], () => undefined, never)).toMatchObject({
    value: { series: [{ slices: 2 }], refused: [{ code: 'path-outside-roots' }] },
  })
})

test('eyes in two opened folders of one name, or opened file by file, are of nobody’s other eye; those of one folder are', async () => {
  const top = folder()
  const eye = async (...way: readonly string[]): Promise<string> => {
    const path = join(top, ...way)
    mkdirSync(dirname(path), { recursive: true })
    const side = 4 + way.join('').length
    await sharp({ create: { width: side, height: 4, channels: 3, background: '#804020' } })
      .png()
      .toFile(path)
    return path
  }
  const opened = async (paths: readonly string[]) => {
    const library = createLibrary({ workerPath: null })
    for (const path of paths) {
      const root = await library.addRoot(path)
      if (root.ok) await library.scan([root.value], () => undefined, never)
    }
    const { images } = library.current()
    await library.close()
    return images.map(({ imageId }) => fellowEye(images, imageId)?.name ?? null)
  }
  const left = await eye('clinic', 'study', '01L.png')
  const right = await eye('other', 'study', '01R.png')
  const same = await eye('clinic', 'study', '01R.png')
  expect(await opened([left, right])).toEqual([null, null])
  expect(await opened([left, same])).toEqual(['01R.png', '01L.png'])
  rmSync(same)
  expect(await opened([dirname(left), dirname(right)])).toEqual([null, null])
  // Below one opened folder, and as the other one opened.
  expect(await opened([join(top, 'clinic'), dirname(right)])).toEqual([null, null])
})
