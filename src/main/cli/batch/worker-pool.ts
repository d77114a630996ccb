/** Items handed to workers: one item a worker at a time, an item whose worker died again, at most so many times. */
import { setTimeout as wait } from 'node:timers/promises'
import {
  type BatchAnswer,
  type BatchTask,
  refuse,
  type Refusal,
  type Result,
  accept,
} from '../../../contract'

/** A process that takes items and answers each, here or on another machine. */
export interface BatchWorker {
  readonly send: (item: BatchTask) => void
  /** Nothing more comes: it ends. */
  readonly end: () => void
  readonly kill: () => void
}

export interface WorkerEars {
  readonly onAnswer: (answer: BatchAnswer) => void
  /** Told once, with how it ended. */
  readonly onEnd: (reason: string) => void
}

export type StartBatchWorker = (ears: WorkerEars) => BatchWorker

export interface PoolOptions {
  readonly start: StartBatchWorker
  readonly workers: number
  readonly signal: AbortSignal
  /** Told once an item; null: it was done. */
  readonly onEnded: (item: BatchTask, refusal: Refusal | null) => void
  /** A worker was lost while it did this, which is done again. */
  readonly onLost: (item: BatchTask, reason: string) => void
  readonly silentMs?: number
}

/** An item that ends its worker so often does it by what it is. */
export const MOST_TRIES = 3
/** Workers say something at every slice; one that is silent this long hangs. */
const SILENT_MS = 600_000
/** A moment for what ended a worker, memory say, to be given back. */
const PAUSE_MS = 50
/** So many workers lost one after another without an item done between say that none can live here. */
const MOST_LOSSES = 12

/** Works through the items. Refused: stopped by the signal, or workers that do not live; what was ended stays ended. */
export async function workThrough(items: readonly BatchTask[], options: PoolOptions): Promise<Result<null>> {
  const pool = new Pool(items, options)
  const count = Math.min(options.workers, items.length)
  await Promise.all(Array.from({ length: count }, () => pool.work()))
  if (options.signal.aborted) return refuse('cancelled', 'The batch was stopped.')
  return pool.gaveUp === null ? accept(null) : { ok: false, refusal: pool.gaveUp }
}

type Outcome = { readonly refusal: Refusal | null } | { readonly lost: string }

class Pool {
  readonly #queue: BatchTask[]
  readonly #options: PoolOptions
  readonly #tries = new Map<string, number>()
  #losses = 0
  gaveUp: Refusal | null = null

  constructor(items: readonly BatchTask[], options: PoolOptions) {
    this.#queue = [...items]
    this.#options = options
  }

  /** One worker after another, until nothing is left. */
  work = async (): Promise<void> => {
    let worker: AttendedWorker | null = null
    const { signal } = this.#options
    const isStopped = (): boolean => signal.aborted || this.gaveUp !== null
    const stop = (): void => worker?.port.kill()
    signal.addEventListener('abort', stop)
    for (let item = this.#queue.shift(); item !== undefined && !isStopped(); item = this.#queue.shift()) {
      worker ??= new AttendedWorker(this.#options)
      const outcome: Outcome = await worker.run(item)
      if (signal.aborted) break
      if ('lost' in outcome) {
        worker = null
        this.#lose(item, outcome.lost)

        await wait(PAUSE_MS)
      } else {
        this.#losses = 0
        this.#options.onEnded(item, outcome.refusal)
      }
    }
    signal.removeEventListener('abort', stop)
    worker?.port.end()
  }

  #lose(item: BatchTask, reason: string): void {
    const tries = (this.#tries.get(item.itemId) ?? 0) + 1
    this.#tries.set(item.itemId, tries)
    this.#losses += 1
    if (tries < MOST_TRIES) {
      this.#options.onLost(item, reason)
      this.#queue.unshift(item)
    } else this.#options.onEnded(item, diedTooOften(reason))
    if (this.#losses >= MOST_LOSSES) this.gaveUp = noneLives(this.#losses, reason)
  }
}

const diedTooOften = (reason: string): Refusal => ({
  code: 'internal',
  reason: `Its worker ended ${MOST_TRIES} times while it was done, the last time with ${reason}.`,
  next: 'Draw it alone with the command of the manifest; with less memory than it needs, use fewer workers.',
})

const noneLives = (losses: number, reason: string): Refusal => ({
  code: 'internal',
  reason: `${losses} workers ended one after another without an item done, the last one with ${reason}.`,
  next: 'See that memory and disk are free, then give the same line again: what is done stays done.',
})

/** A worker with its ears on: one question at a time, ended when it is silent for too long. */
class AttendedWorker {
  readonly port: BatchWorker
  readonly #silentMs: number
  #told: ((outcome: Outcome) => void) | null = null
  #itemId = ''
  #watch: NodeJS.Timeout | null = null
  #ended: string | null = null

  constructor({ start, silentMs = SILENT_MS }: PoolOptions) {
    this.#silentMs = silentMs
    this.port = start({
      onAnswer: (answer) => {
        this.#hear(answer)
      },
      onEnd: (reason) => {
        this.#ended = reason
        this.#tell({ lost: reason })
      },
    })
  }

  run(item: BatchTask): Promise<Outcome> {
    if (this.#ended !== null) return Promise.resolve({ lost: this.#ended })
    return new Promise((told) => {
      this.#told = told
      this.#itemId = item.itemId
      this.#listen()
      this.port.send(item)
    })
  }

  #hear(answer: BatchAnswer): void {
    if (answer.kind === 'said') this.#listen()
    else if (answer.itemId === this.#itemId)
      this.#tell({ refusal: answer.kind === 'refused' ? answer.refusal : null })
  }

  #listen(): void {
    if (this.#watch !== null) clearTimeout(this.#watch)
    this.#watch = setTimeout(() => {
      this.#tell({ lost: `no sign of life for ${this.#silentMs / 1000} s` })
      this.port.kill()
    }, this.#silentMs)
  }

  #tell(outcome: Outcome): void {
    if (this.#watch !== null) clearTimeout(this.#watch)
    this.#told?.(outcome)
    this.#told = null
  }
}
