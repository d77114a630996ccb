import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { archiveFolder } from '../../../src/main/pacs/archive-folder'
import { createArchives } from '../../../src/main/pacs/archives'
import type { Archives } from '../../../src/main/pacs/archives'
import { ctImages } from '../../fixtures/ct-images'
import { unwrap } from '../../unwrap'

/** An archive that stalls, lies about lengths, breaks off, or sends what nobody asked for: named, nothing half kept. */

const SECRET = 'only-for-this-test'
const images = ctImages({ patientId: 'P-1', slices: 4 })
const others = ctImages({ patientId: 'P-2', slices: 4 })
const { studyUid, seriesUid } = images
const series = `/studies/${studyUid}/series/${seriesUid}`
const uid = (value: string): object => ({ vr: 'UI', Value: [value] })

/** What the archive does when it is asked for objects; everything else it answers well. */
type Sending = (response: ServerResponse, asked: string) => void
let sending: Sending = () => undefined
const askedPaths: string[] = []
/** How many objects it lists at once, whatever it is asked for. */
let listing = { most: 1_000, knowsOffset: true }
const BOUNDARY = 'b-17'

const part = (bytes: Uint8Array, saidBytes: number | null = null): Buffer =>
  Buffer.concat([
    Buffer.from(`--${BOUNDARY}\r\nContent-Type: application/dicom\r\n`),
    Buffer.from(saidBytes === null ? '\r\n' : `Content-Length: ${saidBytes}\r\n\r\n`),
    bytes,
    Buffer.from('\r\n'),
  ])
const END = Buffer.from(`--${BOUNDARY}--\r\n`)
const begin = (response: ServerResponse, bytes?: number): ServerResponse =>
  response.writeHead(200, {
    'content-type': `multipart/related; type="application/dicom"; boundary=${BOUNDARY}`,
    ...(bytes === undefined ? {} : { 'content-length': bytes }),
  })
const whole =
  (files: readonly Uint8Array[]): Sending =>
  (response) =>
    begin(response).end(Buffer.concat([...files.map((bytes) => part(bytes)), END]))

function answer(request: IncomingMessage, response: ServerResponse): void {
  const asked = (request.url ?? '').split('?')[0]?.replace('/dicom-web', '') ?? ''
  askedPaths.push(asked)
  const json = (value: object): void => {
    response.writeHead(200, { 'content-type': 'application/dicom+json' }).end(JSON.stringify(value))
  }
  if (asked === '/studies')
    json([{ '0020000D': uid(studyUid), '00100020': { vr: 'LO', Value: [images.patientId] } }])
  else if (asked === `/studies/${studyUid}/series`)
    json([{ '0020000E': uid(seriesUid), '00201209': { vr: 'IS', Value: [images.objects.length] } }])
  else if (asked === `${series}/instances`) {
    const { most, knowsOffset } = listing
    const offset = knowsOffset
      ? Number(new URL(request.url ?? '', 'http://here').searchParams.get('offset'))
      : 0
    const listed = images.objects.slice(offset, offset + most)
    json(listed.map(({ sopInstanceUid }) => ({ '00080018': uid(sopInstanceUid) })))
  } else sending(response, asked)
}

const server = createServer(answer)
let archives: Archives
const folder = archiveFolder(mkdtempSync(join(tmpdir(), 'margin-lying-')), '')

beforeAll(async () => {
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const url = `http://127.0.0.1:${address.port}/dicom-web/`
  mkdirSync(folder.root, { mode: 0o700 })
  const credentials = { environment: 'MARGIN_ARCHIVE_LYING' }
  const settings = { archives: [{ name: 'lying', kind: 'dicomweb', url, credentials, stallSeconds: 1 }] }
  writeFileSync(folder.settings, JSON.stringify(settings), { mode: 0o600 })
  const environment = { MARGIN_ARCHIVE_LYING: `user:${SECRET}` }
  archives = createArchives({ folder, environment, workerPath: null, nowMs: () => performance.now() })
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const fetchAll = (signal = new AbortController().signal): ReturnType<Archives['fetch']> =>
  archives.fetch('lying', { studyUid, seriesUids: [seriesUid] }, () => undefined, signal)
const files = (): readonly string[] =>
  [folder.arriving, folder.received].flatMap((at) =>
    existsSync(at)
      ? readdirSync(at, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(dcm|part)$/.test(name))
      : [],
  )

const bytesOf = (index: number): Uint8Array => images.objects[index]?.bytes ?? new Uint8Array(0)
const cut = (bytes: Uint8Array): Uint8Array => bytes.subarray(0, bytes.length - 100)

const lies: readonly (readonly [string, Sending, string])[] = [
  ['says nothing at all', () => undefined, 'pacs-stalled'],
  [
    'stalls in the middle of an object',
    (response) => begin(response).write(part(bytesOf(0)).subarray(0, 300)),
    'pacs-stalled',
  ],
  [
    'closes the connection in the middle of an object',
    (response) => {
      begin(response).write(part(bytesOf(0)).subarray(0, 300), () => response.destroy())
    },
    'pacs-damaged',
  ],
  [
    'ends the body in the middle of an object',
    (response) => begin(response).end(part(bytesOf(0)).subarray(0, 300)),
    'pacs-damaged',
  ],
  [
    'says a longer body than it sends',
    (response) => {
      begin(response, 10_000_000).write(part(bytesOf(0)).subarray(0, 300), () => response.destroy())
    },
    'pacs-damaged',
  ],
  [
    'says another length of an object',
    (response) => begin(response).end(Buffer.concat([part(bytesOf(0), 17), END])),
    'pacs-damaged',
  ],
  ['sends an object whose pixels are cut', whole([cut(bytesOf(0))]), 'pacs-damaged'],
  ['sends something that is no DICOM', whole([Buffer.from('<html>an error</html>')]), 'pacs-damaged'],
  [
    'sends a page',
    (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
    'pacs-damaged',
  ],
  [
    'sends the image of another patient',
    whole([others.objects[0]?.bytes ?? new Uint8Array(0)]),
    'pacs-mismatch',
  ],
  [
    'sends an image of the patient that was not asked for',
    whole([ctImages({ patientId: 'P-1', slices: 6 }).objects[5]?.bytes ?? new Uint8Array(0)]),
    'pacs-mismatch',
  ],
  [
    'sends us elsewhere',
    (response) => response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end(),
    'pacs-refused',
  ],
  [
    'does not let us in',
    (response) => response.writeHead(401).end(`you gave user:${SECRET}`),
    'pacs-refused',
  ],
]

test.each(lies)('one that %s', async (_, how, code) => {
  sending = how
  const refused = await fetchAll()
  expect(refused).toMatchObject({ ok: false, refusal: { code } })
  expect(JSON.stringify(refused)).not.toContain(SECRET)
  // Neither an object nor a part of one.
  expect(files()).toEqual([])
})

test('one that lists a part at once: all of it is asked for, or nothing is fetched', async () => {
  sending = whole(images.objects.map(({ bytes }) => bytes))
  listing = { most: 3, knowsOffset: false }
  const refused = await fetchAll()
  expect(refused).toMatchObject({ ok: false, refusal: { code: 'limit-reached' } })
  expect(files()).toEqual([])
  // In the test after this one, by threes.
  listing = { most: 3, knowsOffset: true }
})

test('one that lists more than it sends: what came whole waits unseen, and only the rest is fetched then', async () => {
  const [first, second, ...rest] = images.objects.map(({ bytes }) => bytes)
  sending = whole([first, second].flatMap((bytes) => bytes ?? []))
  expect(await fetchAll()).toMatchObject({ ok: false, refusal: { code: 'pacs-damaged' } })
  expect(existsSync(folder.received)).toBe(false)

  askedPaths.length = 0
  sending = (response, asked) => {
    const index = images.objects.findIndex(({ sopInstanceUid }) => asked.endsWith(sopInstanceUid))
    whole([bytesOf(index)])(response, asked)
  }
  const fetched = unwrap(await fetchAll())
  expect(fetched).toMatchObject({ objects: 4, fetchedNow: rest.length })
  expect(askedPaths.filter((path) => path.includes('/instances/'))).toHaveLength(rest.length)
  for (const { sopInstanceUid, bytes } of images.objects)
    expect(readFileSync(join(fetched.folder, seriesUid, `${sopInstanceUid}.dcm`)).equals(bytes)).toBe(true)

  askedPaths.length = 0
  expect(unwrap(await fetchAll())).toMatchObject({ objects: 4, fetchedNow: 0 })
  expect(askedPaths.some((path) => path === series || path.includes('/instances/'))).toBe(false)
})
