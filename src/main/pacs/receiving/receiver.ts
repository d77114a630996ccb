import { statfs } from 'node:fs/promises'
import { accept } from '../../../contract'
import type { ReceiverSettings, ReceiverStatus, Refusal, Result, TurnedAway } from '../../../contract'
import type { ArchiveFolder } from '../archive-folder'
import { readPem, readSettings } from '../read-settings'
import { openDeliveries } from './deliveries'
import type { Deliveries, ReceivedLibrary } from './deliveries'
import type { Listening, ReceiverSaid, ReceivingKeys } from './listen'
import { receiveInThread } from './receiver-thread'

/** Images that other programs send here. Nothing listens until `start`, nor where the settings name no receiver. */
export interface Receiver {
  /** Reads the settings, again where it was started before; gives what has come of it. */
  readonly start: () => Promise<ReceiverStatus>
  readonly status: () => ReceiverStatus
  /** What the settings say, without listening; null: they name no receiver. */
  readonly look: () => Promise<Result<ReceiverFound | null>>
  readonly close: () => Promise<void>
}

export interface ReceiverFound {
  readonly settings: NonNullable<ReceiverStatus['settings']>
  /** Folder in which objects are kept. */
  readonly received: string
  /** Of its disk; null: it is not known. */
  readonly freeBytes: number | null
  readonly keepFreeBytes: number
}

export interface ReceiverOptions {
  readonly folder: ArchiveFolder
  /** The built `receiver-worker.js`; null: in the calling thread (tests). */
  readonly workerPath: string | null
  readonly library: ReceivedLibrary
  readonly log: (refusal: Refusal) => void
  readonly nowMs: () => number
}

const MOST_TURNED_AWAY = 20
/** A thread that ended by what was sent to it begins again, so often before it has listened well for a while. */
const MOST_REVIVALS = 5
const REVIVE_MS = 1_000
const LISTENED_WELL_MS = 600_000

export function createReceiver(options: ReceiverOptions): Receiver {
  const { folder, workerPath, log, nowMs } = options
  const deliveries = openDeliveries(options)
  const away = createTurnedAway(nowMs, log)
  const now: Now = { ...NOTHING }
  let listening: Listening | null = null
  const revivals = createRevivals(nowMs)
  let reviving: NodeJS.Timeout | undefined
  const inTurn = oneAfterAnother()
  const fail = (refusal: Refusal): void => {
    Object.assign(now, { state: 'failed', refusal, sending: 0 } satisfies Partial<Now>)
    log(refusal)
    if (refusal.code !== 'internal' || !revivals.isOneLeft()) return
    reviving = setTimeout(() => void inTurn(begin), REVIVE_MS)
  }
  const hear = (said: ReceiverSaid): void => {
    if (said.kind === 'listening') {
      now.state = 'listening'
      revivals.listens()
    } else if (said.kind === 'failed') fail(said.refusal)
    else if (said.kind === 'kept') deliveries.kept(said)
    else if (said.kind === 'ended') deliveries.ended(said)
    else if (said.kind === 'turned away') away.note(said.from, said.address, said.why)
    else now.sending = said.count
    if (said.kind === 'open' && said.count === 0) deliveries.quiet()
  }
  const stop = async (): Promise<void> => {
    clearTimeout(reviving)
    await listening?.close()
    listening = null
    Object.assign(now, NOTHING)
  }
  const begin = async (): Promise<void> => {
    await stop()
    const read = await readReceiver(folder)
    if (!read.ok) fail(read.refusal)
    if (!read.ok || read.value === null) return
    deliveries.openEarlier()
    const job = { ...read.value, folder }
    Object.assign(now, { state: 'starting', settings: job.settings } satisfies Partial<Now>)
    await new Promise<void>((done) => {
      listening = receiveInThread(workerPath, job, (said) => {
        hear(said)
        if (now.state !== 'starting') done()
      })
    })
  }
  const status = (): ReceiverStatus => statusOf(now, deliveries, away.list())
  return {
    start: () => inTurn(() => begin().then(status)),
    status,
    look: () => lookAtReceiver(folder),
    close: () =>
      inTurn(async () => {
        await stop()
        await deliveries.close()
      }),
  }
}

/** How often a thread that ended begins again. */
function createRevivals(nowMs: () => number): {
  readonly listens: () => void
  /** Takes one. */
  readonly isOneLeft: () => boolean
} {
  let taken = 0
  let sinceMs = Number.POSITIVE_INFINITY
  return {
    listens: () => {
      sinceMs = nowMs()
    },
    isOneLeft: () => {
      if (nowMs() - sinceMs >= LISTENED_WELL_MS) taken = 0
      sinceMs = Number.POSITIVE_INFINITY
      if (taken >= MOST_REVIVALS) return false
      taken += 1
      return true
    },
  }
}

interface Now {
  state: ReceiverStatus['state']
  settings: ReceiverSettings | null
  refusal: Refusal | null
  sending: number
}
const NOTHING: Now = { state: 'off', settings: null, refusal: null, sending: 0 }

/** Starting and closing never overlap. */
function oneAfterAnother(): <T>(work: () => Promise<T>) => Promise<T> {
  let turn: Promise<unknown> = Promise.resolve()
  return (work) => {
    const done = turn.then(work)
    turn = done.catch(() => undefined)
    return done
  }
}

/** Who was turned away last, newest first; the same is logged once. */
function createTurnedAway(
  nowMs: () => number,
  log: (refusal: Refusal) => void,
): {
  readonly note: (from: string, address: string, why: string) => void
  readonly list: () => readonly TurnedAway[]
} {
  let turnedAway: readonly TurnedAway[] = []
  return {
    note: (from, address, why) => {
      const isSame = (other: TurnedAway): boolean =>
        other.from === from && other.address === address && other.why === why
      const times = (turnedAway.find(isSame)?.times ?? 0) + 1
      const told = { at: new Date(nowMs()).toISOString(), from, address, why, times }
      turnedAway = [told, ...turnedAway.filter((other) => !isSame(other))].slice(0, MOST_TURNED_AWAY)
      if (times === 1) log({ code: 'pacs-refused', reason: `${from || 'Somebody'} at ${address}: ${why}.` })
    },
    list: () => turnedAway,
  }
}

const statusOf = (
  { state, refusal, sending, settings }: Now,
  deliveries: Deliveries,
  turnedAway: readonly TurnedAway[],
): ReceiverStatus => ({
  ...{ state, refusal, sending, earlier: deliveries.earlier() },
  ...{ deliveries: [...deliveries.list()], turnedAway: [...turnedAway] },
  settings: settings === null ? null : shownSettings(settings),
})

const shownSettings = ({ aeTitle, host, port, tls, from }: ReceiverSettings): ReceiverFound['settings'] => ({
  ...{ aeTitle, host, port, from },
  encrypted: tls !== undefined,
})

/** The settings with their certificate and key; null: there is no receiver. */
async function readReceiver(folder: ArchiveFolder): Promise<
  Result<{
    readonly settings: ReceiverSettings
    readonly keys: ReceivingKeys | null
  } | null>
> {
  const read = await readSettings(folder)
  if (!read.ok) return read
  const settings = read.value.receiver
  if (settings === undefined) return accept(null)
  const { tls } = settings
  if (tls === undefined) return accept({ settings, keys: null })
  const certificate = await readPem(tls.certificateFile, 'certificate', folder)
  if (!certificate.ok) return certificate
  const key = await readPem(tls.keyFile, 'key', folder)
  if (!key.ok) return key
  const ca = tls.caFile === undefined ? accept(undefined) : await readPem(tls.caFile, 'certificate', folder)
  if (!ca.ok) return ca
  return accept({ settings, keys: { certificate: certificate.value, key: key.value, ca: ca.value } })
}

async function lookAtReceiver(folder: ArchiveFolder): Promise<Result<ReceiverFound | null>> {
  const read = await readReceiver(folder)
  if (!read.ok) return read
  if (read.value === null) return accept(null)
  const { settings } = read.value
  // The settings lie there, whether anything was ever received or not.
  const free = await statfs(folder.root).catch(() => null)
  return accept({
    settings: shownSettings(settings),
    received: folder.received,
    freeBytes: free === null ? null : free.bavail * free.bsize,
    keepFreeBytes: settings.keepFreeMegabytes * 1e6,
  })
}
