/** Pixel data that hold more than their header asks for, in every syntax, packed frames that unfold without end, and values whose sign no header says. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deflateRawSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { createLibrary } from '../../../src/main/library/library'

const folder = (): string => mkdtempSync(join(tmpdir(), 'margin-packed-'))
const text = (value: string, pad = ' '): Buffer => Buffer.from(value.length % 2 === 0 ? value : value + pad)
const word = (value: number): Buffer => {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16LE(value)
  return bytes
}

/** An explicit little-endian element (PS3.5 7.1.2). */
function element(tag: number, vr: string, value: Buffer): Buffer {
  const isLong = vr === 'OW' || vr === 'OB'
  const head = Buffer.alloc(isLong ? 12 : 8)
  head.writeUInt16LE(tag >>> 16, 0)
  head.writeUInt16LE(tag & 0xffff, 2)
  head.write(vr, 4, 'latin1')
  if (isLong) head.writeUInt32LE(value.length, 8)
  else head.writeUInt16LE(value.length, 6)
  return Buffer.concat([head, value])
}

const item = (content: Buffer): Buffer => {
  const head = Buffer.from([0xfe, 0xff, 0x00, 0xe0, 0, 0, 0, 0])
  head.writeUInt32LE(content.length, 4)
  return Buffer.concat([head, content])
}
/** Pixel data in fragments, one of which is the frame. */
const encapsulated = (frame: Buffer): Buffer => {
  const head = Buffer.from([0xe0, 0x7f, 0x10, 0x00, 0x4f, 0x42, 0, 0, 0xff, 0xff, 0xff, 0xff])
  const end = Buffer.from([0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0])
  return Buffer.concat([head, item(Buffer.alloc(0)), item(frame), end])
}

interface Made {
  readonly syntax: string
  readonly rows: number
  readonly columns: number
  readonly pixels: Buffer
  readonly isDeflated?: boolean
}

/** An 8-bit CT slice. */
function slice({ syntax, rows, columns, pixels, isDeflated = false }: Made): Buffer {
  const dataSet = Buffer.concat([
    element(0x00080016, 'UI', text('1.2.840.10008.5.1.4.1.1.2', '\0')),
    element(0x00080018, 'UI', text('2.25.7001', '\0')),
    element(0x00080060, 'CS', text('CT')),
    element(0x0020000d, 'UI', text('2.25.7002', '\0')),
    element(0x0020000e, 'UI', text('2.25.7003', '\0')),
    element(0x00280002, 'US', word(1)),
    element(0x00280004, 'CS', text('MONOCHROME2')),
    element(0x00280010, 'US', word(rows)),
    element(0x00280011, 'US', word(columns)),
    element(0x00280100, 'US', word(8)),
    element(0x00280101, 'US', word(8)),
    element(0x00280102, 'US', word(7)),
    element(0x00280103, 'US', word(0)),
    pixels,
  ])
  return Buffer.concat([
    Buffer.alloc(128),
    Buffer.from('DICM'),
    element(0x00020010, 'UI', text(syntax, '\0')),
    isDeflated ? deflateRawSync(dataSet) : dataSet,
  ])
}

/** One RLE segment of literal runs (PS3.5 annex G). */
function rle(pixels: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at < pixels.length; at += 128) {
    const run = pixels.subarray(at, at + 128)
    parts.push(Buffer.from([run.length - 1]), run)
  }
  const head = Buffer.alloc(64)
  head.writeUInt32LE(1, 0)
  head.writeUInt32LE(64, 4)
  const segment = Buffer.concat(parts)
  return Buffer.concat([head, segment, Buffer.alloc(segment.length % 2)])
}

async function scanned(
  file: Buffer,
): Promise<{ readonly warnings: readonly string[]; readonly refused: readonly string[] }> {
  const path = folder()
  writeFileSync(join(path, 'a.dcm'), file)
  const library = createLibrary({ workerPath: null })
  const root = await library.addRoot(path)
  if (!root.ok) throw new Error(root.refusal.reason)
  const result = await library.scan([root.value], () => undefined, new AbortController().signal)
  if (!result.ok) throw new Error(result.refusal.reason)
  await library.close()
  return {
    warnings: result.value.series.flatMap(({ warnings }) => warnings.map(({ code }) => code)),
    refused: result.value.refused.map(({ code }) => code),
  }
}

const [ROWS, COLUMNS] = [40, 50]
const native = (pixels: Buffer): Buffer => element(0x7fe00010, 'OW', pixels)

test.each<[string, (pixels: Buffer) => Omit<Made, 'rows' | 'columns'>]>([
  ['uncompressed', (pixels) => ({ syntax: '1.2.840.10008.1.2.1', pixels: native(pixels) })],
  [
    'a deflated data set',
    (pixels) => ({ syntax: '1.2.840.10008.1.2.1.99', pixels: native(pixels), isDeflated: true }),
  ],
  [
    'uncompressed in fragments',
    (pixels) => ({ syntax: '1.2.840.10008.1.2.1.98', pixels: encapsulated(pixels) }),
  ],
  ['RLE', (pixels) => ({ syntax: '1.2.840.10008.1.2.5', pixels: encapsulated(rle(pixels)) })],
])('%s: more pixels than rows and columns ask for are said, as many are not', async (_name, made) => {
  const pixels = Buffer.from(Array.from({ length: ROWS * COLUMNS }, (_unused, at) => 1 + ((at * 7) % 251)))
  const whole = await scanned(slice({ ...made(pixels), rows: ROWS, columns: COLUMNS }))
  expect(whole.refused).toEqual([])
  expect(whole.warnings).not.toContain('pixels-left-over')
  for (const [rows, columns] of [
    [ROWS, COLUMNS - 1],
    [ROWS - 1, COLUMNS],
  ] as const) {
    const sheared = await scanned(slice({ ...made(pixels), rows, columns }))
    expect([...sheared.warnings, ...sheared.refused]).toContain('pixels-left-over')
  }
})

/** Repeats of 128 zeros: two bytes each. */
function rleOfZeros(count: number): Buffer {
  const head = Buffer.alloc(64)
  head.writeUInt32LE(1, 0)
  head.writeUInt32LE(64, 4)
  return Buffer.concat([head, Buffer.alloc(2 * Math.ceil(count / 128), Buffer.from([129, 0]))])
}

test('an RLE file of 4 MB that unfolds to 250 MB is refused; the largest that opens takes under 512 MiB', async () => {
  const bomb = slice({
    ...{ syntax: '1.2.840.10008.1.2.5', rows: 16_000, columns: 16_000 },
    pixels: encapsulated(rleOfZeros(16_000 * 16_000)),
  })
  expect(bomb.length).toBeLessThan(4_100_000)
  expect(await scanned(bomb)).toEqual({ warnings: [], refused: ['pixels-too-large'] })
  const largest = slice({
    ...{ syntax: '1.2.840.10008.1.2.5', rows: 9_800, columns: 10_000 },
    pixels: encapsulated(rleOfZeros(98_000_000)),
  })
  const before = process.memoryUsage().rss
  expect((await scanned(largest)).refused).toEqual([])
  // In kilobytes: the most that this process ever held.
  expect(process.resourceUsage().maxRSS * 1024 - before).toBeLessThan(512 * 2 ** 20)
})

/** A CT slice of 16 bits from -1000 on, whose padding is signed as its pixels are (PS3.6). */
function signedSlice(pixelRepresentation: number | null): Buffer {
  const values = Buffer.alloc(2 * ROWS * COLUMNS)
  for (let at = 0; at < ROWS * COLUMNS; at += 1) values.writeInt16LE(at - 1_000, 2 * at)
  const whole = slice({ syntax: '1.2.840.10008.1.2.1', rows: ROWS, columns: COLUMNS, pixels: native(values) })
  const at = (tag: number): number => whole.indexOf(element(tag, 'US', word(0)).subarray(0, 6))
  for (const [tag, value] of [
    [0x00280100, 16],
    [0x00280101, 16],
    [0x00280102, 15],
  ] as const)
    whole.writeUInt16LE(value, at(tag) + 8)
  const sign = at(0x00280103)
  const said = pixelRepresentation === null ? [] : [element(0x00280103, 'US', word(pixelRepresentation))]
  const padding = element(0x00280120, 'SS', word(0x10000 - 2_000))
  return Buffer.concat([whole.subarray(0, sign), ...said, padding, whole.subarray(sign + 10)])
}

test.each([null, 2])(
  'Pixel Representation %s: the sign is that of the padding, and it is said that nothing says it',
  async (said) => {
    const path = folder()
    writeFileSync(join(path, 'a.dcm'), signedSlice(said))
    const library = createLibrary({ workerPath: null })
    const root = await library.addRoot(path)
    if (!root.ok) throw new Error(root.refusal.reason)
    const result = await library.scan([root.value], () => undefined, new AbortController().signal)
    if (!result.ok) throw new Error(result.refusal.reason)
    const [series] = result.value.series
    const shown = await library.slicePixels(series?.seriesUid ?? '', 0)
    if (!shown.ok) throw new Error(shown.refusal.reason)
    const { type, minStored, maxStored, warnings } = shown.value.description
    expect([type, minStored, maxStored]).toEqual(['int16', -1_000, ROWS * COLUMNS - 1_001])
    expect([...(series?.warnings ?? []), ...warnings].map(({ code }) => code)).toContain('pixel-sign-unknown')
    await library.close()
  },
)
