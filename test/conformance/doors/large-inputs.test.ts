import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import { afterAll, expect, test } from 'vitest'
import type { DocumentEdit } from '../../../src/contract'
import { emptyDocument, type AnnotationDocument } from '../../../src/core/annotation/document'
import { emptyTiledMask } from '../../../src/core/annotation/tiled-mask'
import { makePatch } from '../../../src/core/contour/mask-patch'
import { crc32 } from '../../../src/core/files/checksums'
import type { Mask } from '../../../src/core/image/mask'
import { createApp } from '../../../src/main/app/create-app'
import { photographForModel } from '../../../src/core/sampling/photograph-input'
import { createInference } from '../../../src/main/inference/process/host'
import { createLibrary } from '../../../src/main/library/library'
import type { LibraryService } from '../../../src/main/library/library-service'
import { picturesInProcess } from '../../../src/main/pictures/picture-process'
import { launchByFork } from '../../../src/main/processes/launch'
import { admitInPieces } from '../../../src/main/readings/in-pieces'
import { servicesInMemory } from '../services-in-memory'
import { bundle } from '../../bundle'
import { longestTurnMs, timedTest } from '../../serving-thread'

/** Inputs that are legal, and as large as the limits let them be: the thread that serves goes on serving. */

const MOST_MS = 50
const root = mkdtempSync(join(tmpdir(), 'margin-large-inputs-'))
const pictures = picturesInProcess(
  await bundle('src/main/pictures/picture-child.ts', 'picture-child-large-inputs'),
  launchByFork(),
)
const workerPath = await bundle('src/main/library/decode/worker.ts', 'decode-worker-large-inputs')
afterAll(() => {
  pictures.close()
  rmSync(root, { recursive: true })
})

/** A chunk of PNG (5.3). */
function chunk(type: string, content: Uint8Array): Buffer {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), content])
  const bytes = Buffer.alloc(8 + typed.length)
  bytes.writeUInt32BE(content.length, 0)
  typed.copy(bytes, 4)
  bytes.writeUInt32BE(crc32(typed), 4 + typed.length)
  return bytes
}

/** A square grey PNG of 8 bits a pixel that is white but for its last row, with some chunks before its pixels. */
function greyPng(sidePx: number, before: readonly Uint8Array[] = []): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(sidePx, 0)
  header.writeUInt32BE(sidePx, 4)
  header[8] = 8
  const rowBytes = 1 + sidePx
  const rows = new Uint8Array(sidePx * rowBytes).fill(255)
  for (let row = 0; row < sidePx; row += 1) rows[row * rowBytes] = 0
  rows.fill(0, (sidePx - 1) * rowBytes)
  return Buffer.concat([
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    ...[chunk('IHDR', header), ...before, chunk('IDAT', deflateSync(rows, { level: 1 }))],
    chunk('IEND', new Uint8Array(0)),
  ])
}

async function withLibrary(
  files: Readonly<Record<string, Uint8Array>>,
  work: (library: LibraryService, place: string) => Promise<void>,
) {
  const folder = mkdtempSync(join(root, 'case-'))
  mkdirSync(folder, { recursive: true })
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes)
  const library = createLibrary({ workerPath, pictures })
  try {
    const place = await library.addRoot(folder)
    if (!place.ok) throw new Error(place.refusal.reason)
    await work(library, place.value)
  } finally {
    await library.close()
  }
}

const scanned = (library: LibraryService, place: string) =>
  library.scan([place], () => undefined, new AbortController().signal)

timedTest('a photograph of 8,000 x 8,000 pixels is listed and shown, and nobody waits', async () => {
  await withLibrary({ 'eye.png': greyPng(8_000) }, async (library, place) => {
    const first = await longestTurnMs(() => scanned(library, place))
    expect(first).toBeLessThan(MOST_MS)
    const [image] = library.current().images
    if (image === undefined) throw new Error('the photograph is not listed')
    const shown: Uint8Array[] = []
    const block = await longestTurnMs(async () => {
      const answer = await library.photograph(image.imageId)
      if (!answer.ok) throw new Error(answer.refusal.reason)
      shown.push(answer.value.bytes)
    })
    const [bytes = new Uint8Array(0)] = shown
    expect(bytes.length).toBe(3 * 8_000 ** 2)
    const row = 3 * 8_000
    expect([bytes[0], bytes.at(-row - 1), bytes.at(-row), bytes.at(-1)]).toEqual([255, 255, 0, 0])
    expect(block).toBeLessThan(MOST_MS)
  })
})

test('a PNG of more text chunks than a photograph has is refused by that, at once', async () => {
  const text = chunk('tEXt', Buffer.from('Comment\0x', 'latin1'))
  const many = greyPng(
    16,
    Array.from({ length: 400_000 }, () => text),
  )
  const few = greyPng(
    16,
    Array.from({ length: 900 }, () => text),
  )
  await withLibrary({ 'a.png': many, 'b.png': few, 'b_readerA.png': many }, async (library, place) => {
    const began = process.hrtime.bigint()
    await scanned(library, place)
    // Each took 15 s, and longer by the square.
    expect(Number(process.hrtime.bigint() - began) / 1e9).toBeLessThan(10)
    const { images, refused } = library.current()
    expect(images.map(({ name }) => name)).toEqual(['b.png'])
    expect(refused.map(({ code }) => code)).toEqual(['limit-reached', 'limit-reached'])
    expect(refused[0]?.reason).toContain('chunks')
  })
})

timedTest('a body of half a million wrong values is refused by their number, and nobody waits', async () => {
  const app = createApp(servicesInMemory())
  const many = 0.97e6
  const wrong: Readonly<Record<string, string>> = {
    numbers: JSON.stringify({ paths: Array<number>(Math.floor(many / 2)).fill(1) }),
    objects: JSON.stringify({ paths: Array<object>(Math.floor(many / 3)).fill({}) }),
    lists: `${'['.repeat(9)}${'[],'.repeat(Math.floor(many / 3))}0${']'.repeat(9)}`,
    keys: JSON.stringify(Object.fromEntries(Array.from({ length: 90_000 }, (_, at) => [`k${at}`, 1]))),
  }
  for (const path of ['/api/scans', '/api/runs', '/api/panels'])
    for (const body of Object.values(wrong)) {
      const headers = { 'content-type': 'application/json', host: 'localhost', origin: 'http://localhost' }
      let code: unknown = null
      const block = await longestTurnMs(async () => {
        const answer = await app.request(path, { method: 'POST', headers, body })
        code = ((await answer.json()) as { refusal?: { code: string } }).refusal?.code
      })
      expect(code).toBe('limit-reached')
      expect(block).toBeLessThan(MOST_MS)
    }
})

test('masks of one reading end at 512 MiB, and what is smaller is taken even then', async () => {
  const side = { widthPx: 8_000, heightPx: 8_000 }
  const whole = emptyTiledMask(side.widthPx, side.heightPx)
  const tile = new Uint8Array(64 * 64).fill(1)
  const full = { ...whole, tiles: whole.tiles.map(() => tile) }
  // 15,625 tiles a slice: eight slices fit, and the ninth does not.
  const filled = (slices: number): AnnotationDocument => ({
    ...emptyDocument(side.widthPx, side.heightPx),
    structures: [
      {
        structureId: 's',
        label: 'L',
        origin: null,
        slices: new Map(Array.from({ length: slices }, (_, at) => [at, full])),
      },
    ],
  })
  const dot = { widthPx: 1, heightPx: 1, pixels: Uint8Array.of(1) }
  const none = { ...dot, pixels: Uint8Array.of(0) }
  const paint = (sliceIndex: number, before: Mask, after: Mask): DocumentEdit => ({
    ...{ kind: 'paint', title: 'Brush', structureId: 's', tool: 'brush', origin: null },
    slices: [{ sliceIndex, patch: makePatch(before, after, { column: 0, row: 0, widthPx: 1, heightPx: 1 }) }],
  })
  const admitted = async (slices: number, edit: DocumentEdit): Promise<string> => {
    const result = await admitInPieces(filled(slices), [], { edit, undoes: null })
    return result.ok ? 'taken' : result.refusal.code
  }
  expect(await admitted(8, paint(8, none, dot))).toBe('taken')
  expect(await admitted(9, paint(9, none, dot))).toBe('limit-reached')
  expect(await admitted(9, paint(0, dot, none))).toBe('taken')
})

test('a photograph that goes to the process of models in pieces is the same there', async () => {
  const inference = createInference({
    childPath: await bundle('src/main/inference/process/child.ts', 'inference-large-inputs'),
    ...{ platform: 'linux', forcedDevice: 'cpu', nowMs: () => performance.now() },
  })
  const [widthPx, heightPx] = [1_300, 1_200]
  const rgb = new Uint8Array(3 * widthPx * heightPx).map((_zero, at) => (at * 2_654_435_761) >>> 24)
  const wanted = { heightPx: 64, multipleOf: 8 }
  const sent = await inference.preparePhotograph({ widthPx, heightPx, rgb }, null, wanted)
  inference.close()
  const here = photographForModel({ widthPx, heightPx, rgb }, null, wanted)
  if (!sent.ok || !here.ok) throw new Error('it cannot be brought to the size')
  expect(Buffer.from(sent.value.values.buffer).equals(Buffer.from(here.value.values.buffer))).toBe(true)
  expect(rgb.length).toBeGreaterThan(2 ** 22)
})
