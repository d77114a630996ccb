/** A few decode threads with a queue. A job that takes too long costs its thread, not the program. */
import { Worker } from 'node:worker_threads'
import type { Answer, Job } from './job'
import { CANONICAL_LIMIT_MS, FILE_LIMIT_MS, THREAD_HEAP_MB } from './limits'
import { performWhenReady } from './perform'

export interface DecodePool {
  readonly run: (job: Job) => Promise<Answer>
  /** Starts its threads, so that the first job need not. */
  readonly warm: () => void
  readonly close: () => Promise<void>
}

/** Does the jobs in the calling thread: for tests and for programs without the built worker. No time limit holds here. */
export const inlinePool = (): DecodePool => ({
  run: performWhenReady,
  warm: () => undefined,
  close: () => Promise.resolve(),
})

interface Waiting {
  readonly job: Job
  readonly settle: (answer: Answer) => void
  /** It was given to a thread together with one that took the thread down; which of them did is told by doing each alone. */
  readonly isSuspect?: true
}

/**
 * Files that a thread is given to look into at once: waking a thread costs as much as looking into a file. A slice that
 * is asked for meanwhile waits for two milliseconds of them.
 */
const MOST_TOGETHER = 16

const limitMs = (job: Job): number => (job.kind === 'canonical' ? CANONICAL_LIMIT_MS : FILE_LIMIT_MS)

type RefusedCode = 'limit-reached' | 'internal' | 'cancelled'
const CLOSED = 'The library was closed.'

const refusedAs = (job: Job, code: RefusedCode, reason: string): Answer => ({
  kind: 'refused',
  refusal: { code, reason, path: job.path },
})

interface Thread {
  readonly worker: Worker
  /** What it is busy with, in the order in which it answers; empty while it waits. */
  readonly current: Waiting[]
  timer: NodeJS.Timeout | undefined
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

  readonly warm = (): void => {
    while (this.#threads.size < this.#limit && !this.#isClosed) this.#start()
  }

  readonly close = async (): Promise<void> => {
    this.#isClosed = true
    for (const { job, settle } of this.#queue.splice(0)) settle(refusedAs(job, 'cancelled', CLOSED))
    await Promise.all([...this.#threads].map((thread) => this.#end(thread, 'cancelled', CLOSED)))
  }

  #next(): void {
    while (this.#queue.length > 0 && !this.#isClosed) {
      const waiting = [...this.#threads].find((thread) => thread.current.length === 0)
      const thread = waiting ?? (this.#threads.size < this.#limit ? this.#start() : null)
      if (thread === null) return
      thread.current.push(...this.#take())
      this.#watch(thread)
      thread.worker.postMessage(thread.current.map(({ job }) => job))
    }
  }

  /** The next job; of files that are only looked into, this thread's share of those that wait. */
  #take(): readonly Waiting[] {
    const isShared = ({ job, isSuspect }: Waiting): boolean => job.kind === 'inspect' && isSuspect !== true
    const share = Math.min(MOST_TOGETHER, Math.ceil(this.#queue.length / this.#limit))
    const first = this.#queue.findIndex((waiting) => !isShared(waiting))
    const together = first === -1 ? this.#queue.length : first
    return this.#queue.splice(0, Math.max(1, Math.min(share, together)))
  }

  /** Gives the thread its time for the job that it answers next. */
  #watch(thread: Thread): void {
    clearTimeout(thread.timer)
    const [work] = thread.current
    if (work === undefined) return
    thread.timer = setTimeout(() => {
      const seconds = limitMs(work.job) / 1000
      void this.#end(
        thread,
        'limit-reached',
        `The file took longer than ${seconds} s to read and was given up.`,
      )
      this.#next()
    }, limitMs(work.job))
  }

  #start(): Thread {
    const worker = new Worker(this.#workerPath, {
      resourceLimits: { maxOldGenerationSizeMb: THREAD_HEAP_MB },
    })
    const thread: Thread = { worker, current: [], timer: undefined }
    this.#threads.add(thread)
    thread.worker.on('message', (answers: readonly Answer[]) => {
      for (const answer of answers) thread.current.shift()?.settle(answer)
      this.#watch(thread)
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

  async #end(thread: Thread, code: RefusedCode, reason: string): Promise<void> {
    this.#threads.delete(thread)
    clearTimeout(thread.timer)
    const works = thread.current.splice(0)
    if (works.length > 1 && !this.#isClosed)
      this.#queue.unshift(...works.map((work): Waiting => ({ ...work, isSuspect: true })))
    else for (const { job, settle } of works) settle(refusedAs(job, code, reason))
    await thread.worker.terminate()
  }
}

/** `threads` decode threads that run the built file `workerPath`. */
export const workerPool = (workerPath: string, threads: number): DecodePool =>
  new WorkerPool(workerPath, threads)
