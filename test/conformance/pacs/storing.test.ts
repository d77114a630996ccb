import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { writeZip } from '../../../src/core/files/zip-file'
import { archiveFolder } from '../../../src/main/pacs/archive-folder'
import { createArchives } from '../../../src/main/pacs/archives'
import type { Archives } from '../../../src/main/pacs/archives'
import { ctImages } from '../../fixtures/ct-images'
import { unwrap } from '../../unwrap'

/** An export on its way to an archive: told object by object, and never another patient's. */

const images = ctImages({ patientId: 'P-1', slices: 4 })
const others = ctImages({ patientId: 'P-2', slices: 1 })
const { studyUid, patientId } = images
const zipOf = (objects: readonly { readonly bytes: Uint8Array }[], ending = '.dcm'): Uint8Array =>
  unwrap(writeZip(objects.map(({ bytes }, at) => ({ path: `seg/object-${at}${ending}`, bytes }))))
const UID = 'UI'

/** Whose study it is in the archive; null: it has no such study. */
let kept: string | null = patientId
/** What the archive does with the object of a number (from 0). */
let take: (at: number, response: ServerResponse) => void = taken
let stored = 0
function taken(_at: number, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/dicom+json' }).end('{}')
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  if (request.method === 'POST') {
    request.resume().on('end', () => {
      take(stored, response)
      stored += 1
    })
    return
  }
  const study = {
    '0020000D': { vr: UID, Value: [studyUid] },
    '00100020': { vr: 'LO', Value: [`${kept ?? ''} `] },
  }
  response
    .writeHead(200, { 'content-type': 'application/dicom+json' })
    .end(JSON.stringify(kept === null ? [] : [study]))
}

const server = createServer(answer)
let archives: Archives
beforeAll(async () => {
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const folder = archiveFolder(mkdtempSync(join(tmpdir(), 'margin-storing-')), '')
  mkdirSync(folder.root, { mode: 0o700 })
  const url = `http://127.0.0.1:${address.port}/dicom-web`
  const settings = { archives: [{ name: 'here', kind: 'dicomweb', url, stallSeconds: 5 }] }
  writeFileSync(folder.settings, JSON.stringify(settings), { mode: 0o600 })
  archives = createArchives({ folder, environment: {}, workerPath: null, nowMs: () => performance.now() })
})
beforeEach(() => {
  ;[kept, take, stored] = [patientId, taken, 0]
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const send = (zip: Uint8Array, signal = new AbortController().signal): ReturnType<Archives['sendExport']> =>
  archives.sendExport('here', { zip, of: { studyUid, patientId } }, signal)

test('what the archive does not take is told of that object, and the others are stored', async () => {
  take = (at, response) => {
    if (at === 1) response.writeHead(409).end('{}')
    else taken(at, response)
  }
  const { objects, studyThere } = unwrap(await send(zipOf(images.objects)))
  expect(objects.map(({ refusal }) => refusal?.code ?? null)).toEqual([null, 'pacs-refused', null, null])
  expect(objects.map(({ sopInstanceUid }) => sopInstanceUid)).toEqual(
    images.objects.map(({ sopInstanceUid }) => sopInstanceUid),
  )
  expect([studyThere, stored]).toEqual([true, 4])
})

test('a connection that ends in between is told of all that did not go out', async () => {
  take = (at, response) => {
    if (at === 2) response.destroy()
    else taken(at, response)
  }
  const { objects } = unwrap(await send(zipOf(images.objects)))
  expect(objects.map(({ refusal }) => refusal === null)).toEqual([true, true, false, false])
  expect(objects[3]?.refusal?.reason).toContain('not sent')
  expect(stored).toBe(3)
})

test('cancelled in between: what went out is told, and what did not', async () => {
  const stop = new AbortController()
  take = (at, response) => {
    if (at === 1) stop.abort()
    else taken(at, response)
  }
  const { objects } = unwrap(await send(zipOf(images.objects), stop.signal))
  expect(objects.map(({ refusal }) => refusal?.code ?? null)).toEqual([
    null,
    ...['cancelled', 'cancelled', 'cancelled'],
  ])
  expect(
    objects.map(({ refusal }) => refusal?.reason ?? '').map((reason) => /not sent/.test(reason)),
  ).toEqual([...[false, false], ...[true, true]])
  expect(stored).toBe(2)
})

test('a study that the archive does not have yet is said to be new', async () => {
  kept = null
  expect(unwrap(await send(zipOf(images.objects))).studyThere).toBe(false)
})

test.each([
  ['an object of another patient among them', () => zipOf([...images.objects, ...others.objects]), patientId],
  ['the archive has the study under another patient', () => zipOf(images.objects), 'P-2'],
])('%s: nothing goes out', async (_what, zip, inArchive) => {
  kept = inArchive
  expect(await send(zip())).toMatchObject({ ok: false, refusal: { code: 'pacs-mismatch' } })
  expect(stored).toBe(0)
})

test('an export without a DICOM object is refused by name', async () => {
  expect(await send(zipOf(images.objects, '.nii'))).toMatchObject({
    ok: false,
    refusal: { code: 'request-invalid' },
  })
  expect(stored).toBe(0)
})
