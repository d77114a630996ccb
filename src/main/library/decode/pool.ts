/** A few decode threads with a queue. A job that takes too long costs its thread, not the program. */
import { Worker } from 'node:worker_threads'
import type { Answer, Job } from './job'
import { CANONICAL_LIMIT_MS, FILE_LIMIT_MS } from './limits'
import { perform } from './perform'

export interface DecodePool {
  readonly run: (job: Job) => Promise<Answer>
  readonly close: () => Promise<void>
}

/** Does the jobs in the calling thread: for tests and for programs without the built worker. No time limit holds here. */
export const inlinePool = (): DecodePool => ({
  run: (job) => Promise.resolve().then(() => perform(job)),
  close: () => Promise.resolve(),
})

interface Waiting {
  readonly job: Job
  readonly settle: (answer: Answer) => void
}

const limitMs = (job: Job): number => (job.kind === 'canonical' ? CANONICAL_LIMIT_MS : FILE_LIMIT_MS)

const refusedAs = (job: Job, code: 'limit-reached' | 'internal' | 'cancelled', reason: string): Answer => ({
  kind: 'refused',
  refusal: { code, reason, path: job.path },
})

/** Threads are started when there is work for them and replaced when they die or hang. */
class WorkerPool implements DecodePool {
  readonly #workerPath: string
  readonly #threads: number
  readonly #queue: Waiting[] = []
  readonly #idle: Worker[] = []
  readonly #busy = new Set<Worker>()
  #isClosed = false

  constructor(workerPath: string, threads: number) {
    this.#workerPath = workerPath
    this.#threads = threads
  }

  readonly run = (job: Job): Promise<Answer> =>
    new Promise((settle) => {
      if (this.#isClosed) {
        settle(refusedAs(job, 'cancelled', 'The library was closed.'))
        return
      }
      this.#queue.push({ job, settle })
      this.#next()
    })

  readonly close = async (): Promise<void> => {
    this.#isClosed = true
    for (const { job, settle } of this.#queue.splice(0))
      settle(refusedAs(job, 'cancelled', 'The library was closed.'))
    await Promise.all([...this.#idle, ...this.#busy].map((worker) => worker.terminate()))
  }

  #next(): void {
    if (this.#queue.length === 0) return
    const worker = this.#idle.pop() ?? (this.#busy.size < this.#threads ? new Worker(this.#workerPath) : null)
    const waiting = worker === null ? undefined : this.#queue.shift()
    if (worker !== null && waiting !== undefined) this.#give(worker, waiting)
  }

  #give(worker: Worker, { job, settle }: Waiting): void {
    this.#busy.add(worker)
    worker.ref()
    const finish = (answer: Answer, isReusable: boolean): void => {
      clearTimeout(timer)
      // Only our own: a worker whose inner listeners are removed as well never answers again.
      worker.off('message', onMessage).off('error', onError).off('exit', onExit)
      this.#busy.delete(worker)
      if (isReusable && !this.#isClosed) {
        worker.unref()
        this.#idle.push(worker)
      } else void worker.terminate()
      settle(answer)
      this.#next()
    }
    const onMessage = (answer: Answer): void => {
      finish(answer, true)
    }
    const onError = (error: Error): void => {
      finish(refusedAs(job, 'internal', `The decode thread failed: ${error.message}`), false)
    }
    const onExit = (): void => {
      finish(refusedAs(job, this.#isClosed ? 'cancelled' : 'internal', 'The decode thread ended.'), false)
    }
    const timer = setTimeout(() => {
      finish(
        refusedAs(
          job,
          'limit-reached',
          `The file took longer than ${limitMs(job) / 1000} s to read and was given up.`,
        ),
        false,
      )
    }, limitMs(job))
    worker.once('message', onMessage).once('error', onError).once('exit', onExit)
    worker.postMessage(job)
  }
}

/** `threads` decode threads that run the built file `workerPath`. */
export const workerPool = (workerPath: string, threads: number): DecodePool =>
  new WorkerPool(workerPath, threads)
