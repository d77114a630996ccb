import { createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import type { ReceiverSettings, Refusal } from '../../../contract'
import type { ArchiveFolder } from '../archive-folder'
import { loadDimse } from '../dimse/load-dimse'
import { diskRefusal } from '../pacs-failure'
import { isKnownAddress, shownAddress } from './admit'
import { ReceivingAssociation } from './association'
import type { EndedAssociation, Told } from './association'
import { openReceived } from './received-objects'

/** All that the receiver's thread is given. */
export interface ReceivingJob {
  readonly settings: ReceiverSettings
  readonly folder: ArchiveFolder
  readonly keys: ReceivingKeys | null
}

/** PEM; `ca`: senders show a certificate that it signed. */
export interface ReceivingKeys {
  readonly certificate: string
  readonly key: string
  readonly ca: string | undefined
}

/** What the thread says. */
export type ReceiverSaid =
  | { readonly kind: 'listening' }
  | { readonly kind: 'failed'; readonly refusal: Refusal }
  | { readonly kind: 'open'; readonly count: number }
  | {
      readonly kind: 'kept'
      readonly from: string
      readonly studyUid: string
      readonly seriesUid: string
      readonly sopInstanceUid: string
      readonly isNew: boolean
    }
  | ({ readonly kind: 'ended' } & EndedAssociation)
  | { readonly kind: 'turned away'; readonly from: string; readonly address: string; readonly why: string }

export interface Listening {
  /** Ends every association; nothing half is left. */
  readonly close: () => Promise<void>
}

const MEGABYTE = 1_000_000
const MOST_CONNECTIONS = 64
/** Connections from addresses that may not send have this many places, and no more. */
const MOST_STRANGERS = 4
/** One address that opens connections without end leaves places to the others. */
const MOST_OF_ONE_ADDRESS = 24
const HANDSHAKE_MS = 10_000

/** Listens in the calling thread until it is closed; what happens is said, a failure too. */
export async function listen(job: ReceivingJob, say: (said: ReceiverSaid) => void): Promise<Listening> {
  const { settings, folder } = job
  try {
    const ready = await prepare(job, say)
    await new Promise<void>((done, fail) => {
      ready.server.once('error', fail)
      ready.server.listen(settings.port, settings.host, done)
    })
    say({ kind: 'listening' })
    return ready
  } catch (error) {
    say({ kind: 'failed', refusal: diskRefusal(error, folder.root) ?? notListening(settings, error) })
    return { close: () => Promise.resolve() }
  }
}

async function prepare(
  { settings, folder, keys }: ReceivingJob,
  say: (said: ReceiverSaid) => void,
): Promise<Listening & { readonly server: Server }> {
  const sockets = new Set<Socket>()
  const told: Told = {
    onKept: (from, kept) => {
      say({ kind: 'kept', from, ...kept })
    },
    onTurnedAway: (from, address, why) => {
      say({ kind: 'turned away', from, address, why })
    },
    onEnded: (ended) => {
      say({ kind: 'ended', ...ended })
    },
    onOpen: (count) => {
      say({ kind: 'open', count })
    },
  }
  const received = openReceived(folder, settings.keepFreeMegabytes * MEGABYTE)
  const ground = { dimse: await loadDimse(), settings, received, told, associated: new Set<Socket>() }
  const enter = doorOf(settings, told, sockets)
  const open = (socket: Socket): void => {
    const address = shownAddress(socket.remoteAddress)
    if (address === '') socket.destroy()
    else new ReceivingAssociation(ground, socket, address)
  }
  const server = serverOf(keys, enter, open, (error, socket) => {
    const address = shownAddress(socket.remoteAddress)
    if (address !== '') told.onTurnedAway('', address, failedHandshake(error))
    socket.destroy()
  })
  server.maxConnections = MOST_CONNECTIONS
  return {
    server,
    close: () =>
      new Promise((closed) => {
        server.close(() => {
          closed()
        })
        for (const socket of sockets) socket.destroy()
      }),
  }
}

/**
 * At the door, before a handshake: few places for those who may not send, and not all of them for one address. Who comes
 * in is among `sockets` until it closes.
 */
function doorOf(
  settings: ReceiverSettings,
  told: Pick<Told, 'onTurnedAway'>,
  sockets: Set<Socket>,
): (socket: Socket) => boolean {
  let strangers = 0
  const connections = new Map<string, number>()
  const whyNot = (address: string, isStranger: boolean): string | null => {
    if (isStranger && strangers >= MOST_STRANGERS) return 'nobody at this address may send'
    const isFull = (connections.get(address) ?? 0) >= MOST_OF_ONE_ADDRESS
    return isFull ? 'it has too many connections open' : null
  }
  return (socket) => {
    const address = shownAddress(socket.remoteAddress)
    const isStranger = !isKnownAddress(settings, address)
    const why = whyNot(address, isStranger)
    if (address === '' || why !== null) {
      // One that was reset at once has no address, and nothing to be told of.
      if (address !== '' && why !== null) told.onTurnedAway('', address, why)
      socket.destroy()
      return false
    }
    if (isStranger) strangers += 1
    connections.set(address, (connections.get(address) ?? 0) + 1)
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('close', () => {
      sockets.delete(socket)
      if (isStranger) strangers -= 1
      connections.set(address, (connections.get(address) ?? 1) - 1)
      if (connections.get(address) === 0) connections.delete(address)
    })
    return true
  }
}

/** Every connection passes the door; TLS begins behind it. */
function serverOf(
  keys: ReceivingKeys | null,
  enter: (socket: Socket) => boolean,
  open: (socket: Socket) => void,
  onNoTls: (error: Error, socket: Socket) => void,
): Server {
  if (keys === null)
    return createServer((socket) => {
      if (enter(socket)) open(socket)
    })
  const { certificate, key, ca } = keys
  const asksBack = ca === undefined ? {} : { ca, requestCert: true, rejectUnauthorized: true }
  const tls = { cert: certificate, key, minVersion: 'TLSv1.2', handshakeTimeout: HANDSHAKE_MS } as const
  const behind = createTlsServer({ ...tls, ...asksBack }, open).on('tlsClientError', onNoTls)
  return createServer((socket) => {
    if (enter(socket)) behind.emit('connection', socket)
  })
}

/** Why there was no TLS: by the error's number alone, for its words may hold what was sent. */
function failedHandshake(error: Error): string {
  const code = 'code' in error ? String(error.code) : ''
  if (code === 'ERR_SSL_HTTP_REQUEST' || code === 'ERR_SSL_WRONG_VERSION_NUMBER')
    return 'it did not speak TLS, which is asked for here'
  const isClosed = code === '' || code === 'ECONNRESET' || code === 'ERR_TLS_HANDSHAKE_TIMEOUT'
  return isClosed ? 'it ended before its TLS was agreed on' : `its TLS was not agreed on (${code})`
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there, perhaps another Margin',
  EACCES: 'the system gives ports below 1024 to its administrator alone',
  EADDRNOTAVAIL: 'this computer does not have that address',
}

function notListening({ host, port }: ReceiverSettings, error: unknown): Refusal {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
  const isKeys = code.startsWith('ERR_OSSL') || code.startsWith('ERR_SSL')
  const why = isKeys ? 'certificate and key do not fit' : (REASONS[code] ?? code)
  return {
    code: 'pacs-settings',
    reason: `Nothing can be received at ${host}, port ${port}: ${why}.`,
    next: 'Put the receiver right in archives.json, or end the other program; then restart receiving.',
  }
}
