import { createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { StudyQuery } from '../../../src/contract'
import { archiveFolder } from '../../../src/main/pacs/archive-folder'
import { createArchives } from '../../../src/main/pacs/archives'
import type { Archives } from '../../../src/main/pacs/archives'
import { loadDimse } from '../../../src/main/pacs/dimse/load-dimse'
import type { Dimse } from '../../../src/main/pacs/dimse/load-dimse'
import { ctImages } from '../../fixtures/ct-images'
import { unwrap } from '../../unwrap'

/** An archive by DIMSE that stalls, lies about lengths, breaks off, or sends what nobody asked for: named, nothing half kept. */

const images = ctImages({ patientId: 'P-1', slices: 3 })
const { studyUid, seriesUid } = images
const EXPLICIT = '1.2.840.10008.1.2.1'
const CT = '1.2.840.10008.5.1.4.1.1.2'
/** Behind preamble and file meta group: the group says its own length. */
const dataSetOf = (file: Uint8Array): Buffer => {
  const bytes = Buffer.from(file)
  return bytes.subarray(132 + 12 + bytes.readUInt32LE(132 + 8))
}
const filesOf = (patientId: string, slices: number): readonly Buffer[] =>
  ctImages({ patientId, slices }).objects.map(({ bytes }) => dataSetOf(bytes))

/** What is sent for a C-GET, and what becomes of the bytes on their way. */
interface Lie {
  readonly objects: readonly Buffer[]
  readonly status?: number
  /** It finds so many studies, and never says that these were all. */
  readonly endlessStudies?: number
  /** Of the bytes of objects so many go out; then nothing, or the end. */
  readonly after?: { readonly bytes: number; readonly then: 'silence' | 'end' | 'huge length' }
  /** In place of everything. */
  readonly instead?: Buffer
}
let lie: Lie = { objects: [] }

const HUGE = Buffer.from([4, 0, 0xff, 0xff, 0xff, 0xf0, 0, 0, 0, 0, 0, 0])

/** Lets `bytes` more bytes through, then does what the lie says. */
function limit(socket: Socket, { bytes, then }: NonNullable<Lie['after']>): void {
  const write = socket.write.bind(socket)
  let left = bytes
  if (then === 'huge length') write(HUGE)
  const limited = (chunk: Buffer): boolean => {
    const part = chunk.subarray(0, Math.max(0, left))
    const isLast = left > 0 && left <= chunk.length
    left -= chunk.length
    if (part.length > 0) write(part)
    if (isLast && then === 'end') socket.end()
    return true
  }
  socket.write = limited
}

function serverOf(dimse: Dimse): Server {
  const { CStoreRequest } = dimse.requests
  const { CFindResponse, CGetResponse } = dimse.responses
  class Sent extends dimse.Dataset {
    readonly bytes: Buffer
    constructor(bytes: Buffer, index: number) {
      super({ SOPClassUID: CT, SOPInstanceUID: images.objects[index % 3]?.sopInstanceUid }, EXPLICIT)
      this.bytes = bytes
    }
    override getDenaturalizedDataset(): Buffer {
      return this.bytes
    }
  }
  class Lying extends dimse.Scp {
    readonly wire: Socket
    constructor(socket: Socket) {
      super(socket)
      this.wire = socket
    }
    override associationRequested(
      association: Parameters<InstanceType<Dimse['Scp']>['associationRequested']>[0],
    ): void {
      for (const { context } of association.getPresentationContexts()) {
        const isOffered =
          !context.getAbstractSyntaxUid().startsWith('1.2.840.10008.5.1.4.1.1.') ||
          context.hasTransferSyntaxUid(EXPLICIT)
        context.setResult(
          isOffered ? 0 : 4,
          context.hasTransferSyntaxUid(EXPLICIT) ? EXPLICIT : context.getTransferSyntaxUids()[0],
        )
      }
      this.sendAssociationAccept()
    }
    override associationReleaseRequested(): void {
      this.sendAssociationReleaseResponse()
    }
    override cFindRequest(
      request: InstanceType<Dimse['requests']['CFindRequest']>,
      answer: (responses: InstanceType<Dimse['responses']['CFindResponse']>[]) => void,
    ): void {
      const level = request.getDataset()?.getElement('QueryRetrieveLevel') as unknown as string
      const { endlessStudies = 1 } = lie
      const found = level.startsWith('STUDY')
        ? Array.from({ length: endlessStudies }, () => ({
            StudyInstanceUID: studyUid,
            PatientID: images.patientId,
          }))
        : images.objects.map(({ sopInstanceUid }) => ({ SOPInstanceUID: sopInstanceUid, SOPClassUID: CT }))
      const matches = found.map((elements) => {
        const response = CFindResponse.fromRequest(request)
        response.setDataset(new dimse.Dataset(elements, request.getDataset()?.getTransferSyntaxUid()))
        response.setStatus(0xff00)
        return response
      })
      const last = CFindResponse.fromRequest(request)
      last.setStatus(0)
      answer(endlessStudies > 1 ? matches : [...matches, last])
    }
    override cGetRequest(
      request: InstanceType<Dimse['requests']['CGetRequest']>,
      answer: (responses: InstanceType<Dimse['responses']['CGetResponse']>[]) => void,
    ): void {
      if (lie.after !== undefined) limit(this.wire, lie.after)
      const stores = lie.objects.map((bytes, index) => new CStoreRequest(new Sent(bytes, index)))
      const over = (): void => {
        const response = CGetResponse.fromRequest(request)
        response.setStatus(lie.status ?? 0)
        answer([response])
      }
      const last = stores.at(-1)
      if (last === undefined) over()
      else last.on('response', over)
      this.sendRequests(stores)
    }
    override abort(): void {
      this.wire.destroy()
    }
  }
  return createServer((socket) => {
    socket.on('error', () => undefined)
    sockets.add(socket)
    if (lie.instead === undefined) new Lying(socket)
    else socket.write(lie.instead)
  })
}

const sockets = new Set<Socket>()
let server: Server
let archives: Archives
const folder = archiveFolder(mkdtempSync(join(tmpdir(), 'margin-lying-')), '')

beforeAll(async () => {
  server = serverOf(await loadDimse())
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  mkdirSync(folder.root, { mode: 0o700 })
  const lying = {
    name: 'lying',
    kind: 'dimse',
    host: '127.0.0.1',
    port: address.port,
    aeTitle: 'LYING',
    stallSeconds: 1,
  }
  writeFileSync(
    folder.settings,
    JSON.stringify({ archives: [lying, { ...lying, name: 'patient', stallSeconds: 60 }] }),
    { mode: 0o600 },
  )
  archives = createArchives({ folder, environment: {}, workerPath: null, nowMs: () => performance.now() })
})
afterAll(() => {
  for (const socket of sockets) socket.destroy()
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

const own = filesOf('P-1', 3)
const cut = (bytes: Buffer): Buffer => bytes.subarray(0, bytes.length - 100)
const lies: readonly (readonly [string, Lie, string])[] = [
  ['says nothing at all', { objects: [], instead: Buffer.alloc(0) }, 'pacs-stalled'],
  [
    'is no archive',
    { objects: [], instead: Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n') },
    'pacs-damaged',
  ],
  [
    'stalls in the middle of an object',
    { objects: own, after: { bytes: 5_000, then: 'silence' } },
    'pacs-stalled',
  ],
  [
    'closes in the middle of an object',
    { objects: own, after: { bytes: 5_000, then: 'end' } },
    'pacs-damaged',
  ],
  ['declares four gigabytes', { objects: own, after: { bytes: 0, then: 'huge length' } }, 'pacs-damaged'],
  ['sends an object whose pixels are cut', { objects: own.map(cut) }, 'pacs-damaged'],
  ['sends the image of another patient', { objects: filesOf('P-2', 3) }, 'pacs-mismatch'],
  ['sends an image that was not asked for', { objects: filesOf('P-1', 5).slice(4) }, 'pacs-mismatch'],
  ['refuses', { objects: [], status: 0xa702 }, 'pacs-refused'],
]

test.each(lies)('one that %s', async (_, how, code) => {
  lie = how
  expect(await fetchAll()).toMatchObject({ ok: false, refusal: { code } })
  expect(files()).toEqual([])
})

test('one that sends less than it lists: what came whole waits unseen, and all of it is here in the end', async () => {
  lie = { objects: own.slice(0, 2) }
  expect(await fetchAll()).toMatchObject({ ok: false, refusal: { code: 'pacs-damaged' } })
  expect(existsSync(folder.received)).toBe(false)
  lie = { objects: own.slice(2) }
  expect(await fetchAll()).toMatchObject({ ok: true, value: { objects: 3, fetchedNow: 1 } })
})

test('one whose studies never end: the first two hundred, and that there are more', async () => {
  lie = { objects: [], endlessStudies: 210 }
  const query = StudyQuery.parse({ modality: 'CT' })
  const { studies, complete } = unwrap(
    await archives.findStudies('patient', query, new AbortController().signal),
  )
  expect([studies.length, complete]).toEqual([200, false])
})

test('a fetch that is cancelled ends at once, and leaves nothing half', async () => {
  const stop = new AbortController()
  lie = { objects: [], instead: Buffer.alloc(0) }
  setTimeout(() => {
    stop.abort()
  }, 50)
  const startedMs = performance.now()
  expect(await fetchAll(stop.signal)).toMatchObject({ ok: false, refusal: { code: 'cancelled' } })
  expect(performance.now() - startedMs).toBeLessThan(900)
})
