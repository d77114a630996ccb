import { randomUUID } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { accept } from '../../../src/contract'
import type { DocumentEdit, RunLine } from '../../../src/contract'
import { encodeBoxMask } from '../../../src/core/contour/box-mask'
import { makePatch } from '../../../src/core/contour/mask-patch'
import { rgbDescription } from '../../../src/core/image/slice-body'
import { crc32 } from '../../../src/core/files/checksums'
import { createAdmission } from '../../../src/main/app/admission'
import { createApp } from '../../../src/main/app/create-app'
import { MOST_UNREAD_BYTES } from '../../../src/main/app/unread-answers'
import { readFile } from '../../../src/main/exchange/read-files'
import { openBrowserDoor } from '../../../src/main/doors/browser'
import { createLibrary } from '../../../src/main/library/library'
import { listArchive } from '../../../src/main/library/decode/archive-listing'
import { readLidc } from '../../../src/main/library/read-beside'
import { picturesInProcess } from '../../../src/main/pictures/picture-process'
import { createReadings } from '../../../src/main/library/readings'
import { launchByFork } from '../../../src/main/processes/launch'
import { openWorkspace } from '../../../src/main/workspace/open-workspace'
import { bundle } from '../../bundle'
import { longestTurnMs, timedTest } from '../../serving-thread'
import {
  openCase,
  openPlace,
  SERIES,
  subjectOf,
  type Answer,
  type Threads,
} from '../blinding/annotation-places'
import {
  libraryInMemory,
  runInMemory,
  runsInMemory,
  samplesLine,
  servicesInMemory,
} from '../services-in-memory'

/** One person's input, meant or not, keeps nobody else waiting: the thread that serves is held no longer than this. */
const MOST_MS = 50
const SIDE_PX = 32
/** As many pixels changed on as many slices as a request may carry, in a pattern that run lengths do not shorten. */
function denseGesture(slices: number): DocumentEdit {
  const size = { widthPx: SIDE_PX, heightPx: SIDE_PX }
  const before = { ...size, pixels: new Uint8Array(SIDE_PX * SIDE_PX) }
  const after = { ...size, pixels: before.pixels.map((_, at) => ((at * 2_654_435_761) >>> 13) % 2) }
  const patch = makePatch(before, after, { column: 0, row: 0, ...size })
  const back = { ...patch, before: patch.after, after: patch.before }
  const paint = (from: number, count: number): Extract<DocumentEdit, { kind: 'paint' }> => ({
    ...{ kind: 'paint', title: 'Brush', structureId: 's', tool: 'brush', origin: null },
    slices: Array.from({ length: count }, (_, at) => ({
      sliceIndex: (from + at) % 3,
      patch: (from + at) % 6 < 3 ? patch : back,
    })),
  })
  return {
    kind: 'several',
    title: 'Brush',
    edits: [
      { kind: 'add-structure', title: 'New', structureId: 's', label: 'Nodule', position: 0 },
      ...Array.from({ length: Math.ceil(slices / MOST_SLICES) }, (_, at) =>
        paint(at * MOST_SLICES, Math.min(MOST_SLICES, slices - at * MOST_SLICES)),
      ),
    ],
  }
}
/** Slices of one paint, at most 4,096 and whole sixes. */
const MOST_SLICES = 4_092

describe('a gesture', () => {
  timedTest('of the largest size is taken while others are answered, a larger one refused', async () => {
    const place = await openPlace(await threads())
    const a = await place.signIn('A')
    const attemptId = await openCase(a, null)
    const entry = (edit: DocumentEdit) => ({ entryId: randomUUID(), expectedRevision: 0, edit, undoes: null })
    const large = entry(denseGesture(10_200))
    const body = JSON.stringify(large)
    expect(body.length).toBeGreaterThan(3_500_000)
    expect(body.length).toBeLessThan(4_000_000)
    let answered = 0
    const block = await longestTurnMs(async () => {
      const taken = a.post(`/api/attempts/${attemptId}/entries`, body)
      answered = (await place.asNobody.get('/api/session')).status
      expect((await taken).status).toBe(200)
    })
    expect(answered).toBe(200)
    expect(block).toBeLessThan(MOST_MS)
    const again = await longestTurnMs(async () => {
      const headers = { cookie: a.cookie }
      expect((await place.app.request(`/api/attempts/${attemptId}`, { headers })).status).toBe(200)
    })
    expect(again).toBeLessThan(MOST_MS)
    const title = 'x'.repeat(100)
    const huge = { ...large, filler: title.repeat(135_000) }
    const refused = await a.post(`/api/attempts/${attemptId}/entries`, huge)
    expect(refused.code).toBe('limit-reached')
  })

  test('over more pixels than any structure has is refused, however short its text', async () => {
    const place = await openPlace()
    const a = await place.signIn('A')
    const attemptId = await openCase(a, null)
    const box = { column: 0, row: 0, widthPx: 20_000, heightPx: 20_000 }
    const edit: DocumentEdit = {
      ...{ kind: 'paint', title: 'B', structureId: 's', tool: 'brush', origin: null },
      slices: [{ sliceIndex: 0, patch: { box, before: 'AQ==', after: 'AAE=' } }],
    }
    const refused = await a.post(`/api/attempts/${attemptId}/entries`, {
      ...{ entryId: randomUUID(), expectedRevision: 0, edit, undoes: null },
    })
    expect(refused.code).toBe('request-invalid')
    expect(refused.text).toContain('million pixels')
  })
})

timedTest('a LIDC file full of entities costs its own thread a few seconds, and nobody else', async () => {
  const worker = await bundle('src/main/library/beside-worker.ts', 'beside-worker-one-person')
  const text = `<LidcReadMessage><ResponseHeader><SeriesInstanceUid>1.2</SeriesInstanceUid></ResponseHeader>${'&amp;'.repeat(12_000_000)}</LidcReadMessage>`
  const bytes = new TextEncoder().encode(text)
  let result: { ok: boolean } = { ok: true }
  const block = await longestTurnMs(async () => {
    result = await readLidc(worker, { bytes, series: null })
  })
  expect(block).toBeLessThan(MOST_MS)
  expect(typeof result.ok).toBe('boolean')
})

/** A square grey PNG of one bit a pixel, all black (PNG, 5.3 and 11.2). */
function blackPng(sidePx: number): Uint8Array {
  const chunk = (type: string, content: Uint8Array): Uint8Array => {
    const typed = Buffer.concat([Buffer.from(type, 'latin1'), content])
    const bytes = Buffer.alloc(8 + typed.length)
    bytes.writeUInt32BE(content.length, 0)
    typed.copy(bytes, 4)
    bytes.writeUInt32BE(crc32(typed), 4 + typed.length)
    return bytes
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(sidePx, 0)
  header.writeUInt32BE(sidePx, 4)
  header[8] = 1
  const rows = new Uint8Array(sidePx * (1 + Math.ceil(sidePx / 8)))
  return Buffer.concat([
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    ...[chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', new Uint8Array(0))],
  ])
}

timedTest('a photograph and mask of 10,950 x 10,950 pixels in 156 KB are refused by size', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'margin-large-'))
  const png = blackPng(10_950)
  writeFileSync(join(folder, 'eye.png'), png)
  writeFileSync(join(folder, 'eye_readerA.png'), png)
  const childPath = await bundle('src/main/pictures/picture-child.ts', 'picture-child-one-person')
  const pictures = picturesInProcess(childPath, launchByFork())
  const workerPath = await bundle('src/main/library/decode/worker.ts', 'decode-worker-one-person')
  const library = createLibrary({ workerPath, pictures })
  const root = await library.addRoot(folder)
  if (!root.ok) throw new Error(root.refusal.reason)
  const block = await longestTurnMs(() =>
    library.scan([root.value], () => undefined, new AbortController().signal),
  )
  expect(block).toBeLessThan(MOST_MS)
  const { images, refused } = library.current()
  expect(images).toEqual([])
  expect(refused.map(({ code }) => code)).toEqual(['pixels-too-large', 'pixels-too-large'])
  expect(createReadings({ library }).of({ kind: 'image', imageId: 'none' })).toBeNull()
  await library.close()
  pictures.close()
})

/** The threads that the program has built, bundled for the test. */
const threads = async (): Promise<Threads> => ({
  readingsWorkerPath: await bundle('src/main/readings/readings-worker.ts', 'readings-worker-one-person'),
  writeWorkerPath: await bundle('src/main/exchange/write-worker.ts', 'write-worker-one-person'),
  storeWorkerPath: await bundle('src/main/workspace/store-worker.ts', 'store-worker-one-person'),
})

timedTest('256 readings of one image are compared, ranked and exported, and nobody waits', async () => {
  const place = await openPlace(await threads())
  const owner = await place.signIn('Owner')
  const store = await openWorkspace(place.folder, { clock: () => Date.now() })
  if (!store.ok) throw new Error(store.refusal.reason)
  // No two alike, and dense: run lengths and boxes shorten nothing.
  for (let index = 0; index < 258; index += 1) {
    const pixels = new Uint8Array(SIDE_PX * SIDE_PX).map(
      (_zero, at) => (((at + index) * 2_654_435_761) >>> 13) % 2,
    )
    const mask = encodeBoxMask({ widthPx: SIDE_PX, heightPx: SIDE_PX, pixels }, 0, 0)
    const slices = [0, 1, 2].map((sliceIndex) => ({ sliceIndex, mask }))
    await store.value.addImport({
      ...{ subject: `series:${SERIES}`, reader: `Reader ${index}`, importedBy: owner.rater.raterId },
      source: 'coco',
      content: JSON.stringify({ structures: [{ label: 'Nodule', slices }] }),
    })
  }
  await store.value.close()
  const out = {
    ...{ subject: subjectOf(SERIES), panelId: null, format: 'bundle', readingIds: [], consensus: 'none' },
  }
  const asked: readonly (readonly [string, () => Promise<Answer>])[] = [
    ['comparison', () => owner.get(`/api/comparisons?seriesUid=${SERIES}&consensus=majority`)],
    ['worklist', () => owner.get('/api/worklist')],
    ['bundle', () => owner.post('/api/exports', out)],
    ['label maps', () => owner.post('/api/exports', { ...out, format: 'nifti', consensus: 'staple' })],
  ]
  const blocks: Record<string, number> = {}
  for (const [name, ask] of asked) {
    blocks[name] = await longestTurnMs(async () => {
      expect((await ask()).status).toBe(200)
    })
  }
  for (const block of Object.values(blocks)) expect(block).toBeLessThan(MOST_MS)
})

timedTest('a panel of 1,600 cases is listed and reckoned without holding anybody up', async () => {
  const place = await openPlace(await threads())
  const owner = await place.signIn('Owner')
  const a = await place.signIn('A')
  const store = await openWorkspace(place.folder, { clock: () => Date.now() })
  if (!store.ok) throw new Error(store.refusal.reason)
  const subjects = Array.from({ length: 1_600 }, (_, index) => `series:1.2.3.${index}`)
  const made = await store.value.addPanel(
    {
      name: 'Large',
      protocol: { blind: false, reveal: 'own-commit', startFromModel: false, repeatShare: 0, seed: 1 },
      words: { instructions: '', target: '', labels: [] },
      raterIds: [a.rater.raterId],
    },
    subjects.map((subject, index) => ({
      ...{ raterId: a.rater.raterId, position: index + 1, subject, isRepeat: false },
    })),
    owner.rater.raterId,
  )
  if (!made.ok) throw new Error(made.refusal.reason)
  await store.value.close()
  const { panelId } = made.value
  const began = process.cpuUsage()
  const block = await longestTurnMs(async () => {
    expect((await owner.get(`/api/panels/${panelId}/agreement`)).status).toBe(200)
    expect((await a.get(`/api/panels/${panelId}/cases`)).status).toBe(200)
    expect((await owner.get(`/api/panels/${panelId}/progress`)).status).toBe(200)
  })
  expect(block).toBeLessThan(MOST_MS)
  // A tenth of what it took; it grew with the square of the cases. Time on the processor, of all threads.
  const { user, system } = process.cpuUsage(began)
  expect((user + system) / 1e3).toBeLessThan(8_000)
})

timedTest('a picture of 200 MB goes in pieces, others are answered; one unread costs a piece', async () => {
  const bytes = new Uint8Array(200_000_000).fill(7)
  const description = rgbDescription({ widthPx: 10_000, heightPx: 6_667 }, [])
  const app = createApp(
    servicesInMemory({
      library: libraryInMemory({ photograph: () => Promise.resolve(accept({ description, bytes })) }),
    }),
  )
  const ask = async (): Promise<Response> => app.request('/api/images/a/pixels')
  let first: Response | null = null
  const block = await longestTurnMs(async () => {
    first = await ask()
  })
  expect(block).toBeLessThan(MOST_MS)
  const before = process.memoryUsage().arrayBuffers
  const unread = await Promise.all(Array.from({ length: 8 }, ask))
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 2 ** 20)
  for (const { body } of unread) await body?.cancel()
  const answer = first as Response | null
  expect(answer?.headers.get('content-length')).toBe(String(bytes.length))
  let read = 0
  for await (const piece of answer?.body ?? []) read += (piece as Uint8Array).length
  expect(read).toBe(bytes.length)
})

test('pictures that a person asks for and does not read are bounded in bytes; once they are given up the next is sent', async () => {
  const pictureBytes = 48 * 2 ** 20
  const description = rgbDescription({ widthPx: 4096, heightPx: 4096 }, [])
  const app = createApp(
    servicesInMemory({
      // Each picture is another one, as of many photographs.
      library: libraryInMemory({
        photograph: () => Promise.resolve(accept({ description, bytes: new Uint8Array(pictureBytes) })),
      }),
    }),
  )
  const door = await openBrowserDoor((request) => app.fetch(request), 0)
  if (!door.ok) throw new Error(door.refusal.reason)
  const entered = await fetch(door.value.url, { redirect: 'manual' })
  const cookie = entered.headers.get('set-cookie')?.split(';')[0] ?? ''
  const sockets: Socket[] = []
  const ask = (number: number): Promise<number> =>
    new Promise((answered, failed) => {
      const socket = connect(door.value.port, '127.0.0.1')
      sockets.push(socket)
      socket.on('error', failed)
      socket.once('data', (bytes: Buffer) => {
        // The head alone is read.
        socket.pause()
        answered(Number(bytes.toString('latin1').split(' ')[1]))
      })
      socket.write(
        `GET /api/images/${number}/pixels HTTP/1.1\r\nhost: 127.0.0.1:${door.value.port}\r\ncookie: ${cookie}\r\n\r\n`,
      )
    })
  const before = process.memoryUsage().arrayBuffers
  const codes: number[] = []
  for (let number = 0; number < 24; number += 1) codes.push(await ask(number))
  const sent = codes.filter((code) => code === 200).length
  expect(sent).toBe(Math.floor(MOST_UNREAD_BYTES / pictureBytes))
  expect(codes.slice(sent)).toEqual(codes.slice(sent).map(() => 413))
  for (const socket of sockets.splice(0)) socket.destroy()
  await expect.poll(() => ask(100), { timeout: 10_000 }).toBe(200)
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(24 * pictureBytes)
  for (const socket of sockets) socket.destroy()
  await door.value.close()
})

test('an archive of 20,000 entries that lie over one another is refused by its directory', () => {
  const count = 20_000
  const name = new TextEncoder().encode('a')
  const directory = new Uint8Array(count * (46 + name.length))
  const view = new DataView(directory.buffer)
  for (let index = 0; index < count; index += 1) {
    const at = index * (46 + name.length)
    view.setUint32(at, 0x02014b50, true)
    view.setUint16(at + 10, 8, true)
    view.setUint32(at + 20, 1_000_000, true)
    view.setUint16(at + 28, name.length, true)
    view.setUint32(at + 42, index, true)
    directory.set(name, at + 46)
  }
  const end = new Uint8Array(22)
  const tail = new DataView(end.buffer)
  tail.setUint32(0, 0x06054b50, true)
  tail.setUint16(10, count, true)
  tail.setUint32(12, directory.length, true)
  tail.setUint32(16, 0, true)
  const archive = new Uint8Array([...directory, ...end])
  const listed = listArchive(
    { totalBytes: archive.length, read: (offset, length) => archive.slice(offset, offset + length) },
    'bomb.zip',
  )
  expect(listed).toMatchObject({ ok: false, refusal: { code: 'archive-damaged' } })
})

test('four hundred streams of runs that nobody reads: one person has eight, and another still runs', async () => {
  const endless = async function* (): AsyncGenerator<RunLine> {
    for (;;) yield await Promise.resolve(samplesLine)
  }
  const app = createApp(servicesInMemory({ runs: runsInMemory({ start: () => endless() }) }))
  const ask = () =>
    app.request('/api/runs', {
      ...{
        method: 'POST',
        body: JSON.stringify(runInMemory),
        headers: { 'content-type': 'application/json' },
      },
    })
  const responses: Response[] = []
  for (let index = 0; index < 400; index += 1) responses.push(await ask())
  expect(responses.filter(({ status }) => status === 200)).toHaveLength(8)
  // One that is let go makes room.
  await responses[0]?.body?.cancel()
  const again = await ask()
  expect(again.status).toBe(200)
  for (const response of [...responses, again]) await response.body?.cancel()
})

test('five large files at once are read one after another, by their bytes and one for each person', async () => {
  const admission = createAdmission(100, 5_000)
  let together = 0
  let most = 0
  const work = async () => {
    together += 1
    most = Math.max(most, together)
    await new Promise((next) => setTimeout(next, 30))
    together -= 1
    return accept(null)
  }
  await Promise.all(['a', 'b', 'c', 'd', 'e'].map((who) => admission.inTurn(who, 60, work)))
  expect(most).toBe(1)
  await Promise.all(['a', 'a', 'a'].map((who) => admission.inTurn(who, 1, work)))
  expect(most).toBe(1)
  await Promise.all(['a', 'b', 'c'].map((who) => admission.inTurn(who, 30, work)))
  expect(most).toBe(3)

  // And so the program brings them in: five of one person at once, one after another.
  most = 0
  const services = servicesInMemory()
  const exchange = { ...services.exchange, bringIn: () => work().then(() => accept(OUTCOME)) }
  const app = createApp({ ...services, exchange })
  expect(await services.accounts.raterOf(null)).not.toBeNull()
  const send = async () => app.request('/api/imports?format=coco&reader=x&seriesUid=1.2', { method: 'POST' })
  expect((await Promise.all(Array.from({ length: 5 }, send))).map(({ status }) => status)).toEqual(
    Array(5).fill(200),
  )
  expect(most).toBe(1)
})
const OUTCOME = { readings: 0, structures: 0, slices: 0, refused: [], warnings: [] }

// Last: a process as large as this leaves the test is slow to start others from, which no serving program is.
test('a COCO file of a hundred thousand outlines over one another costs its own thread ten seconds at most', async () => {
  const worker = await bundle('src/main/exchange/write-worker.ts', 'write-worker-one-person')
  const parts = Array.from({ length: 120_000 }, (_unused, at) => {
    const left = (at % 900) + 0.25
    return [left, 1, left + 120, 1, left + 60, 900]
  })
  const coco = {
    images: [{ id: 1, file_name: 'eye.png', width: 1024, height: 1024 }],
    categories: [{ id: 1, name: 'vessel' }],
    annotations: [{ id: 1, image_id: 1, category_id: 1, segmentation: parts }],
  }
  const began = process.cpuUsage()
  const read = await readFile(worker, {
    ...{ kind: 'read', path: 'eye.json', format: 'coco', mask: null },
    bytes: new TextEncoder().encode(JSON.stringify(coco)),
    target: { kind: 'image', name: 'eye.png', widthPx: 1024, heightPx: 1024 },
  })
  const { user, system } = process.cpuUsage(began)
  expect(read).toMatchObject({ ok: false, refusal: { code: 'limit-reached' } })
  // All threads together: the one that reads, and what the test itself wrote.
  expect((user + system) / 1e3).toBeLessThan(16_000)
})
