import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { archiveFolder } from '../../../src/main/pacs/archive-folder'
import { createArchives } from '../../../src/main/pacs/archives'
import { loadDimse } from '../../../src/main/pacs/dimse/load-dimse'
import type { Dimse, DimseResponse } from '../../../src/main/pacs/dimse/load-dimse'
import { builtProgram } from '../../built'
import { ctImages } from '../../fixtures/ct-images'
import { unwrap } from '../../unwrap'
import { freePort } from '../../orthanc'
import { filesIn, receiverHere, until } from './receiver-here'
import type { ReceiverHere } from './receiver-here'

/** Senders that stall, cut, lie or are killed, and a program that is killed: named, and nothing half kept. */

const CT = '1.2.840.10008.5.1.4.1.1.2'
const EXPLICIT = '1.2.840.10008.1.2.1'
/** Behind preamble and file meta group: the group says its own length. */
const dataSetOf = (file: Uint8Array): Buffer => {
  const bytes = Buffer.from(file)
  return bytes.subarray(132 + 12 + bytes.readUInt32LE(132 + 8))
}
interface Object {
  readonly uid: string
  readonly bytes: Buffer
  readonly sopClass?: string
}
const objectsOf = (patientId: string, slices = 3): readonly Object[] =>
  ctImages({ patientId, slices }).objects.map(({ sopInstanceUid, bytes }) => ({
    uid: sopInstanceUid,
    bytes: dataSetOf(bytes),
  }))
const own = objectsOf('P-1')
const [first] = own as [Object]

let dimse: Dimse
const open: ReceiverHere[] = []
async function here(settings: object = {}): Promise<ReceiverHere> {
  const made = await receiverHere({ stallSeconds: 1, ...settings })
  open.push(made)
  return made
}
beforeAll(async () => {
  dimse = await loadDimse()
  // An object comes in several messages.
  dimse.Implementation.setMaxPduLength(2_048)
})
afterAll(async () => {
  await Promise.all(open.map(({ receiver }) => receiver.close()))
})

/** Sends over one association, and gives the status of each answer; 'ended' where none came. */
async function statuses(
  port: number,
  objects: readonly Object[],
  { echoes = 0, onSocket = (_socket: Socket): void => undefined } = {},
): Promise<readonly (number | 'ended')[]> {
  class AsItIs extends dimse.Dataset {
    readonly bytes: Buffer
    constructor({ uid, bytes, sopClass = CT }: Object) {
      super({ SOPClassUID: sopClass, SOPInstanceUID: uid }, EXPLICIT)
      this.bytes = bytes
    }
    override getDenaturalizedDataset(): Buffer {
      return this.bytes
    }
  }
  const client = new dimse.Client()
  const requests = [
    ...Array.from({ length: echoes }, () => new dimse.requests.CEchoRequest()),
    ...objects.map((object) => new dimse.requests.CStoreRequest(new AsItIs(object))),
  ]
  // Each class in the objects' own syntax too, so that nothing is transcoded on the way.
  for (const sopClass of new Set(objects.map((object) => object.sopClass ?? CT)))
    client.addAdditionalPresentationContext(
      new dimse.association.PresentationContext(0, sopClass, EXPLICIT),
      true,
    )
  const answers = requests.map((request) => {
    const answer: { status: number | 'ended' } = { status: 'ended' }
    request.on('response', (response: DimseResponse) => {
      answer.status = response.getStatus()
    })
    client.addRequest(request)
    return answer
  })
  await new Promise<void>((done) => {
    for (const end of ['networkError', 'closed', 'associationRejected', 'associationReleased'])
      client.on(end, () => {
        done()
      })
    client.send('127.0.0.1', port, 'LIAR', 'MARGIN')
    onSocket((Reflect.get(client, 'network') as { readonly socket: Socket }).socket)
  })
  return answers.map(({ status }) => status)
}

const OBJECT_BYTES = first.bytes.length
const HUGE = Buffer.from([4, 0, 0xff, 0xff, 0xff, 0xf0, 0, 0, 0, 0, 0, 0])
/** After so many bytes something else happens on the wire. */
const after =
  (bytes: number, then: (write: (more: Buffer) => void, socket: Socket) => void) =>
  (socket: Socket): void => {
    const write = socket.write.bind(socket)
    let left = bytes
    socket.write = (chunk: Buffer): boolean => {
      if (left <= 0) return true
      write(chunk.subarray(0, left))
      left -= chunk.length
      if (left <= 0) then(write, socket)
      return true
    }
  }
const HALF = Math.floor(OBJECT_BYTES / 2)
/** After so many whole messages this comes in place of the rest. */
const afterMessages =
  (count: number, instead: Buffer) =>
  (socket: Socket): void => {
    const write = socket.write.bind(socket)
    let left = count
    socket.write = (chunk: Buffer): boolean => {
      left -= 1
      if (left >= 0) write(chunk)
      if (left === 0) write(instead)
      return true
    }
  }

test.each([
  ['stalls in the middle of an object', after(HALF, () => undefined), 'it sent nothing for too long'],
  [
    'breaks off in the middle of an object',
    after(HALF, (_write, socket) => socket.destroy()),
    'it broke off before its end',
  ],
  [
    'ends in the middle of an object',
    after(HALF, (_write, socket) => socket.end()),
    'it broke off before its end',
  ],
  ['declares four gigabytes', afterMessages(3, HUGE), 'declares 4294967280 bytes'],
])('one that %s', async (_, onSocket, why) => {
  const made = await here()
  expect(await statuses(made.port, [first], { onSocket })).toEqual(['ended'])
  const { turnedAway } = await until(
    made,
    ({ sending, turnedAway: [told] }) => sending === 0 && told !== undefined,
  )
  expect(turnedAway[0]?.why).toMatch(new RegExp(why))
  expect(made.files()).toEqual([])
})

test.each([
  ['nothing', Buffer.alloc(0), 'asked for nothing', 1_000],
  ['what is no DICOM', Buffer.from('GET / HTTP/1.1\r\n\r\n'), 'no DICOM', 0],
  ['an association of four gigabytes', Buffer.from([1, 0, 0xff, 0xff, 0xff, 0xff]), 'declares', 0],
  ['data before an association', Buffer.from([4, 0, 0, 0, 0, 6, 0, 0, 0, 2, 1, 3]), 'no sense', 0],
])('one that connects and sends %s', async (_, bytes, why, leastMs) => {
  const made = await here()
  const startedMs = performance.now()
  await new Promise<void>((closed) => {
    const socket = connect(made.port, '127.0.0.1')
    socket
      .on('error', () => undefined)
      .on('close', closed)
      .resume()
      .write(bytes)
  })
  expect(performance.now() - startedMs).toBeGreaterThan(leastMs * 0.9)
  expect(made.receiver.status()).toMatchObject({ sending: 0, state: 'listening' })
  expect(made.receiver.status().turnedAway[0]?.why).toContain(why)
})

test('objects that are not what was announced are refused one by one, and the rest is taken', async () => {
  const made = await here()
  const [one, two, three] = own as [Object, Object, Object]
  const sent = [
    { ...one, bytes: one.bytes.subarray(0, OBJECT_BYTES - 100) },
    { ...one, uid: '2.25.999' },
    { ...two, sopClass: '1.2.840.10008.5.1.4.1.1.7' },
    two,
    ...objectsOf('P-2').slice(2),
    three,
    three,
  ]
  expect(await statuses(made.port, sent, { echoes: 2 })).toEqual([
    ...[0, 0],
    ...[0xc000, 0xc000, 0xa900, 0, 0xc000, 0, 0],
  ])
  expect(made.files()).toHaveLength(2)
  expect(JSON.stringify([made.receiver.status(), made.logged])).not.toMatch(/P-[12]/)
})

test('the bytes of a data set lie here as they came', async () => {
  const made = await here()
  expect(await statuses(made.port, [first])).toEqual([0])
  const [file = ''] = made.files()
  expect(dataSetOf(readFileSync(join(made.folder.received, file))).equals(first.bytes)).toBe(true)
})

test('more than may send at once are told to come again, and then let in', async () => {
  const made = await here({ stallSeconds: 20 })
  const held: Socket[] = []
  const holding = Array.from({ length: 16 }, () =>
    statuses(made.port, [first], {
      onSocket: (socket) => {
        held.push(socket)
        after(HALF, () => undefined)(socket)
      },
    }),
  )
  await until(made, ({ sending }) => sending === 16)
  expect(await statuses(made.port, [first])).toEqual(['ended'])
  expect(made.receiver.status().turnedAway[0]?.why).toBe('too many are sending at once')
  for (const socket of held) socket.destroy()
  await Promise.all(holding)
  await until(made, ({ sending }) => sending === 0)
  expect(await statuses(made.port, [first])).toEqual([0])
})

test('one address that opens connections without end leaves places to the others', async () => {
  const made = await receiverHere({})
  open.push(made)
  const sockets = Array.from({ length: 80 }, () =>
    connect({ port: made.port, host: '127.0.0.1', localAddress: '127.0.0.2' }).on('error', () => undefined),
  )
  await until(made, ({ turnedAway }) => turnedAway.some(({ why }) => why.includes('too many connections')))
  expect(await statuses(made.port, own.slice(0, 1))).toEqual([0])
  for (const socket of sockets) socket.destroy()
})

test('a program that ends or is killed while an object comes keeps nothing half of it', async () => {
  const out = builtProgram()
  const folder = archiveFolder(mkdtempSync(join(tmpdir(), 'margin-killed-')), '')
  const port = await freePort()
  mkdirSync(folder.root, { mode: 0o700 })
  writeFileSync(folder.settings, JSON.stringify({ receiver: { port } }), { mode: 0o600 })
  const workspace = join(folder.root, '..')
  for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
    const program = spawn(
      process.execPath,
      [join(out, 'main', 'cli.js'), 'serve', '--workspace', workspace],
      {
        stdio: 'ignore',
      },
    )
    const ended = new Promise((done) => program.once('exit', done))
    await reachable(port)
    // What a killed program left is gone, what is whole stays.
    expect(filesIn(folder)).toEqual(signal === 'SIGTERM' ? [expect.stringContaining('.dcm')] : [])
    expect(await statuses(port, own.slice(0, 1))).toEqual([0])
    const cut = statuses(port, own.slice(1, 2), { onSocket: after(HALF, () => undefined) })
    await waitFor(() => filesIn(folder).some((name) => name.endsWith('.part')))
    program.kill(signal)
    await Promise.all([ended, cut])
  }
  expect(filesIn(folder)).toEqual([expect.stringMatching(/^[\d.]+\/[\d.]+\/[\d.]+\.dcm$/)])
}, 60_000)

async function waitFor(isSo: () => boolean): Promise<void> {
  const lastMs = performance.now() + 20_000
  while (!isSo()) {
    if (performance.now() > lastMs) throw new Error('it did not come about')
    await new Promise((next) => setTimeout(next, 20))
  }
}

async function reachable(port: number): Promise<void> {
  const lastMs = performance.now() + 30_000
  for (;;) {
    const isThere = await new Promise<boolean>((done) => {
      const socket = connect(port, '127.0.0.1')
        .once('connect', () => {
          socket.destroy()
          done(true)
        })
        .once('error', () => {
          done(false)
        })
    })
    if (isThere) return
    if (performance.now() > lastMs) throw new Error('nothing listens')
    await new Promise((next) => setTimeout(next, 50))
  }
}

const hasOpenssl = spawnSync('openssl', ['version'], { stdio: 'ignore' }).status === 0
test.skipIf(!hasOpenssl)('with a certificate it is spoken to by TLS, and by nothing else', async () => {
  const at = mkdtempSync(join(tmpdir(), 'margin-certificate-'))
  const [keyFile, certificateFile] = [join(at, 'key.pem'), join(at, 'own.pem')]
  const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
  const name = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
  const files = ['-keyout', keyFile, '-out', certificateFile]
  execFileSync('openssl', ['req', '-x509', ...made, ...name, ...files], { stdio: 'ignore' })
  const [key, certificate] = [readFileSync(keyFile, 'utf8'), readFileSync(certificateFile, 'utf8')]
  const tls = { certificateFile: 'own.pem', keyFile: 'key.pem' }
  const secure = await receiverHere({ tls }, { besides: { 'own.pem': certificate, 'key.pem': key } })
  open.push(secure)
  expect(secure.receiver.status()).toMatchObject({ state: 'listening', settings: { encrypted: true } })
  const folder = archiveFolder(mkdtempSync(join(tmpdir(), 'margin-tls-sender-')), '')
  mkdirSync(folder.root, { mode: 0o700 })
  writeFileSync(join(folder.root, 'authority.pem'), certificate, { mode: 0o600 })
  const to = { kind: 'dimse', host: 'localhost', port: secure.port, aeTitle: 'MARGIN', stallSeconds: 5 }
  const archives = [
    { ...to, name: 'secure', tls: true, caFile: 'authority.pem' },
    { ...to, name: 'plain' },
  ]
  writeFileSync(folder.settings, JSON.stringify({ archives }), { mode: 0o600 })
  const asked = createArchives({ folder, environment: {}, workerPath: null, nowMs: () => performance.now() })
  const { signal } = new AbortController()
  expect(unwrap(await asked.echo('secure', signal)).name).toBe('secure')
  expect((await asked.echo('plain', signal)).ok).toBe(false)
  // Who runs the archive can see why nothing comes.
  expect((await until(secure, ({ turnedAway }) => turnedAway.length > 0)).turnedAway[0]?.why).toMatch(/TLS/)
  const wrong = await receiverHere({ tls }, { besides: { 'own.pem': certificate, 'key.pem': 'no key' } })
  expect(wrong.receiver.status()).toMatchObject({ state: 'failed', refusal: { code: 'pacs-settings' } })
})
