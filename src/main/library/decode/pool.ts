/** A few decode threads with a queue. A job that takes too long costs its thread, not the program. */
import { Worker } from 'node:worker_threads'
import type { Answer, Job } from './job'
import { CANONICAL_LIMIT_MS, FILE_LIMIT_MS, THREAD_HEAP_MB } from './limits'
import { performWhenReady } from './perform'

export interface DecodePool {
  readonly run: (job: Job) => Promise<Answer>
  readonly close: () => Promise<void>
}

/** Does the jobs in the calling thread: for tests and for programs without the built worker. No time limit holds here. */
export const inlinePool = (): DecodePool => ({
  run: performWhenReady,
  close: () => Promise.resolve(),
})

interface Waiting {
  readonly job: Job
  readonly settle: (answer: Answer) => void
}

const limitMs = (job: Job): number => (job.kind === 'canonical' ? CANONICAL_LIMIT_MS : FILE_LIMIT_MS)

type RefusedCode = 'limit-reached' | 'internal' | 'cancelled'
const CLOSED = 'The library was closed.'

const refusedAs = (job: Job, code: RefusedCode, reason: string): Answer => ({
  kind: 'refused',
  refusal: { code, reason, path: job.path },
})

interface Thread {
  readonly worker: Worker
  /** What it is busy with; null while it waits. */
  current: (Waiting & { readonly timer: NodeJS.Timeout }) | null
}

/** Threads are started when there is work for them and replaced when they die or hang. */
class WorkerPool implements DecodePool {
  readonly #workerPath: string
  readonly #limit: number
  readonly #queue: Waiting[] = []
  readonly #threads = new Set<Thread>()
  #isClosed = false

  constructor(workerPath: string, limit: number) {
    this.#workerPath = workerPath
    this.#limit = limit
  }

  readonly run = (job: Job): Promise<Answer> =>
    new Promise((settle) => {
      if (this.#isClosed) {
        settle(refusedAs(job, 'cancelled', CLOSED))
        return
      }
      this.#queue.push({ job, settle })
      this.#next()
    })

  readonly close = async (): Promise<void> => {
    this.#isClosed = true
    for (const { job, settle } of this.#queue.splice(0)) settle(refusedAs(job, 'cancelled', CLOSED))
    await Promise.all([...this.#threads].map((thread) => this.#end(thread, 'cancelled', CLOSED)))
  }

  #next(): void {
    if (this.#queue.length === 0 || this.#isClosed) return
    const waiting = [...this.#threads].find((thread) => thread.current === null)
    const thread = waiting ?? (this.#threads.size < this.#limit ? this.#start() : null)
    const work = thread === null ? undefined : this.#queue.shift()
    if (thread === null || work === undefined) return
    const timer = setTimeout(() => {
      const seconds = limitMs(work.job) / 1000
      void this.#end(
        thread,
        'limit-reached',
        `The file took longer than ${seconds} s to read and was given up.`,
      )
      this.#next()
    }, limitMs(work.job))
    thread.current = { ...work, timer }
    thread.worker.postMessage(work.job)
  }

  #start(): Thread {
    const worker = new Worker(this.#workerPath, {
      resourceLimits: { maxOldGenerationSizeMb: THREAD_HEAP_MB },
    })
    const thread: Thread = { worker, current: null }
    this.#threads.add(thread)
    thread.worker.on('message', (answer: Answer) => {
      this.#settle(thread, answer)
      this.#next()
    })
    thread.worker.on('error', (error) => {
      const isMemory = error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY'
      if (isMemory) {
        void this.#end(thread, 'limit-reached', `The file needs more than ${THREAD_HEAP_MB} MiB to be read.`)
        this.#next()
        return
      }
      const words = error instanceof Error ? error.message : String(error)
      void this.#end(thread, 'internal', `The decode thread failed: ${words}`)
      this.#next()
    })
    thread.worker.on('exit', () => {
      void this.#end(thread, 'internal', 'The decode thread ended.')
      this.#next()
    })
    return thread
  }

  #settle(thread: Thread, answer: Answer): void {
    const { current } = thread
    if (current === null) return
    clearTimeout(current.timer)
    thread.current = null
    current.settle(answer)
  }

  async #end(thread: Thread, code: RefusedCode, reason: string): Promise<void> {
    this.#threads.delete(thread)
    if (thread.current !== null) this.#settle(thread, refusedAs(thread.current.job, code, reason))
    await thread.worker.terminate()
  }
}

/** `threads` decode threads that run the built file `workerPath`. */
export const workerPool = (workerPath: string, threads: number): DecodePool =>
  new WorkerPool(workerPath, threads)
