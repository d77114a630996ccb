import { setTimeout as wait } from 'node:timers/promises'
import { accept, refuse } from '../../contract'
import type { FromWorker, Job, JobAct, JobDetail, Refusal, Result, ToWorker } from '../../contract'
import type { JobFiles } from './job-files'
import type { StartWorker, WorkerCommand, WorkerPort } from './worker'

export interface JobsOptions {
  readonly files: JobFiles
  /** Finds what trains; asked when a job is about to start. */
  readonly findWorker: () => Promise<Result<StartWorker>>
  /** What the worker is told first; refused where disk or memory do not suffice, or the set is gone. */
  readonly openingOf: (job: Job) => Promise<Result<ToWorker>>
  /** A candidate was made: it is installed, or refused by name. */
  readonly onDone: (job: Job, done: Extract<FromWorker, { type: 'done' }>) => Promise<Result<Job>>
  /** A candidate was judged. */
  readonly onGated: (job: Job, gated: Extract<FromWorker, { type: 'gated' }>) => Promise<Result<Job>>
  readonly clock: () => number
  readonly nowMs: () => number
}

/** A worker without a sign of life this long is told as stalled, and after the second time is ended and begun anew. */
const STALLED_MS = 30_000
const DEAD_MS = 120_000
const LOOK_EVERY_MS = 5_000
/** A worker that dies again and again has a reason that another start does not mend. */
const MOST_RESTARTS = 3
/** How long a worker may take to save and end. */
const END_MS = 8_000

interface Running {
  job: Job
  readonly port: WorkerPort
  lastSignMs: number
  /** The last word was said, or is being acted on. */
  settled: boolean
  /** Somebody asked for the end. */
  cancelling: boolean
}

export interface Jobs {
  readonly add: (job: Job) => Promise<Result<Job>>
  readonly act: (jobId: string, act: Exclude<JobAct['act'], 'discard'>) => Promise<Result<Job>>
  readonly list: () => Promise<readonly Job[]>
  readonly detail: (jobId: string) => Promise<Result<JobDetail>>
  /** Takes up what an earlier process left, and the queue. */
  readonly resume: () => Promise<void>
  readonly close: () => Promise<void>
}

/** The queue: one worker at a time, the oldest job first; what was under way when a program ended goes on. */
export function createJobs(options: JobsOptions): Jobs {
  return new Queue(options)
}

class Queue implements Jobs {
  readonly #options: JobsOptions
  #running: Running | null = null
  #closed = false
  #turn: Promise<unknown> = Promise.resolve()
  #watch: NodeJS.Timeout | null = null

  constructor(options: JobsOptions) {
    this.#options = options
  }

  list = async (): Promise<readonly Job[]> => this.#options.files.list()

  detail = async (jobId: string): Promise<Result<JobDetail>> => {
    const job = await this.#options.files.read(jobId)
    if (!job.ok) return job
    const own = this.#running?.job.jobId === jobId ? this.#running : null
    const silentMs = own === null ? null : this.#options.nowMs() - own.lastSignMs
    return accept({
      job: job.value,
      lines: [...(await this.#options.files.lines(jobId))],
      lastSignSeconds: silentMs === null ? null : Math.round(silentMs / 1000),
      isStalled: silentMs !== null && silentMs > STALLED_MS,
    })
  }

  add = (job: Job): Promise<Result<Job>> =>
    this.#inTurn(async () => {
      const held = await this.#hold()
      if (!held.ok) return held
      await this.#options.files.keep(job)
      await this.#next()
      return this.#options.files.read(job.jobId)
    })

  act = (jobId: string, act: Exclude<JobAct['act'], 'discard'>): Promise<Result<Job>> =>
    this.#inTurn(async () => {
      const found = await this.#options.files.read(jobId)
      if (!found.ok) return found
      const held = await this.#hold()
      if (!held.ok) return held
      const running = this.#running
      const own = running?.job.jobId === jobId && !running.settled ? running : null
      const done = own === null ? await this.#actOnResting(found.value, act) : this.#actOnRunning(own, act)
      if (!done.ok) return done
      await this.#next()
      return this.#options.files.read(jobId)
    })

  resume = (): Promise<void> =>
    this.#inTurn(async () => {
      const left = (await this.list()).filter(({ state }) => state === 'training' || state === 'judging')
      const waiting = (await this.list()).some(({ state }) => state === 'queued')
      if (left.length === 0 && !waiting) return
      if (!(await this.#hold()).ok) return
      for (const job of left)
        if (this.#running?.job.jobId !== job.jobId) await this.#keep({ ...job, state: 'queued' })
      await this.#next()
    })

  close = async (): Promise<void> => {
    this.#closed = true
    if (this.#watch !== null) clearInterval(this.#watch)
    const running = this.#running
    if (running !== null) {
      running.port.end()
      for (let waitedMs = 0; waitedMs < END_MS && this.#running !== null; waitedMs += 50) await wait(50)
      if (this.#running !== null) running.port.kill()
    }
    await this.#turn.catch(() => undefined)
    await this.#options.files.release()
  }

  /** One act after another: two would both find the queue free. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work)
    this.#turn = done.catch(() => undefined)
    return done
  }

  async #hold(): Promise<Result<null>> {
    const other = await this.#options.files.hold()
    if (other === null) return accept(null)
    return refuse('not-allowed', `Another Margin (process ${other}) trains in this workspace.`, {
      next: 'Go on there, or end it first.',
    })
  }

  async #keep(job: Job): Promise<void> {
    await this.#options.files.keep(job)
    if (this.#running?.job.jobId === job.jobId) this.#running.job = job
  }

  #actOnRunning(running: Running, act: JobAct['act']): Result<null> {
    if (act === 'pause' || act === 'resume') running.port.send({ type: act })
    else if (act === 'cancel') {
      running.cancelling = true
      running.port.send({ type: 'cancel' })
      setTimeout(() => {
        if (this.#running === running) running.port.kill()
      }, END_MS).unref()
    } else
      return refuse('request-invalid', 'The candidate is not made yet.', {
        next: 'Wait until it is trained.',
      })
    return accept(null)
  }

  async #actOnResting(job: Job, act: JobAct['act']): Promise<Result<null>> {
    const { state } = job
    if (act === 'cancel' && (state === 'queued' || state === 'paused')) {
      // What waits to be judged keeps its candidate.
      const back = job.candidate === null ? 'cancelled' : 'trained'
      await this.#keep({ ...job, state: back, waitsFor: null, endedAt: this.#now() })
    } else if (act === 'pause' && state === 'queued') await this.#keep({ ...job, state: 'paused' })
    else if (act === 'resume' && (state === 'paused' || state === 'failed' || state === 'cancelled')) {
      const again = { restarts: 0, refusal: null, endedAt: null } as const
      await this.#keep({
        ...job,
        ...again,
        state: 'queued',
        waitsFor: job.candidate === null ? 'train' : 'judge',
      })
    } else if (act === 'judge' && (state === 'trained' || state === 'judged'))
      await this.#keep({ ...job, state: 'queued', waitsFor: 'judge', refusal: null })
    else return refuse('request-invalid', `Training ${job.number} is ${state}: nothing to ${act} there.`)
    return accept(null)
  }

  #now(): string {
    return new Date(this.#options.clock()).toISOString()
  }

  async #next(): Promise<void> {
    if (this.#running !== null || this.#closed) return
    const waiting = (await this.list()).filter(({ state }) => state === 'queued').toReversed()
    for (const job of waiting) if (await this.#start(job)) return
  }

  /** Whether a worker runs now; a job that cannot start has failed and says why. */
  async #start(job: Job): Promise<boolean> {
    const worker = await this.#options.findWorker()
    const opening = worker.ok ? await this.#options.openingOf(job) : worker
    if (!opening.ok || !worker.ok) {
      await this.#fail(job, opening.ok ? NO_WORKER : opening.refusal)
      return false
    }
    const command: WorkerCommand = job.waitsFor === 'judge' ? 'gate' : 'fine-tune'
    await this.#keep({ ...job, state: command === 'gate' ? 'judging' : 'training' })
    const begun: { running: Running | null } = { running: null }
    const own = (work: (running: Running) => void): void => {
      if (begun.running !== null) work(begun.running)
    }
    const port = worker.value(command, {
      onMessage: (message) => {
        own((running) => void this.#inTurn(() => this.#hear(running, message)))
      },
      onFault: (said) => {
        own((running) => void this.#inTurn(() => this.#fault(running, said)))
      },
      onExit: (reason) => {
        own((running) => void this.#inTurn(() => this.#ended(running, reason)))
      },
    })
    const started = { ...job, state: command === 'gate' ? ('judging' as const) : ('training' as const) }
    begun.running = {
      job: started,
      port,
      lastSignMs: this.#options.nowMs(),
      settled: false,
      cancelling: false,
    }
    this.#running = begun.running
    port.send(opening.value)
    this.#watch ??= setInterval(() => {
      this.#look()
    }, LOOK_EVERY_MS).unref()
    return true
  }

  #look(): void {
    const running = this.#running
    if (running !== null && this.#options.nowMs() - running.lastSignMs > DEAD_MS) running.port.kill()
  }

  async #hear(running: Running, message: FromWorker): Promise<void> {
    running.lastSignMs = this.#options.nowMs()
    if (running.settled) return
    if (message.type === 'heartbeat') return
    await this.#options.files.say(running.job.jobId, { at: this.#now(), line: message })
    const { job } = running
    switch (message.type) {
      case 'paused':
        return this.#keep({ ...job, state: 'paused' })
      case 'resumed':
        return this.#keep({ ...job, state: job.waitsFor === 'judge' ? 'judging' : 'training' })
      case 'cancelled':
        return this.#settle(running, { ...job, state: 'cancelled' })
      case 'failed': {
        const refusal: Refusal = { code: 'request-invalid', reason: message.reason, next: message.nextStep }
        return this.#settle(running, { ...job, state: 'failed', refusal })
      }
      case 'done':
      case 'gated': {
        const acted =
          message.type === 'done'
            ? await this.#options.onDone(job, message)
            : await this.#options.onGated(job, message)
        const failed: Job = { ...job, state: 'failed', refusal: acted.ok ? null : acted.refusal }
        return this.#settle(running, acted.ok ? acted.value : failed)
      }
      default:
        return
    }
  }

  async #settle(running: Running, job: Job): Promise<void> {
    running.settled = true
    await this.#keep({ ...job, waitsFor: null, endedAt: this.#now() })
    running.port.end()
  }

  async #fail(job: Job, refusal: Refusal): Promise<void> {
    await this.#keep({ ...job, state: 'failed', waitsFor: null, endedAt: this.#now(), refusal })
  }

  async #fault(running: Running, said: string): Promise<void> {
    if (running.settled) return
    const reason = `The trainer said something that this program does not understand: ${said}`
    await this.#settle(running, {
      ...running.job,
      state: 'failed',
      refusal: {
        code: 'request-invalid',
        reason,
        next: 'Use the trainer that came with this version of Margin.',
      },
    })
    running.port.kill()
  }

  async #ended(running: Running, reason: string): Promise<void> {
    this.#running = null
    const { job } = running
    if (!running.settled && !this.#closed) {
      if (running.cancelling)
        await this.#keep({ ...job, state: 'cancelled', waitsFor: null, endedAt: this.#now() })
      else if (job.restarts >= MOST_RESTARTS) await this.#fail(job, diedTooOften(reason))
      // What it saved is gone on from.
      else await this.#keep({ ...job, state: 'queued', restarts: job.restarts + 1 })
    }
    await this.#next()
  }
}

const NO_WORKER: Refusal = { code: 'not-found', reason: 'There is nothing here that trains.' }

const diedTooOften = (reason: string): Refusal => ({
  code: 'internal',
  reason: `The trainer ended ${MOST_RESTARTS + 1} times without a last word, the last time with ${reason}.`,
  next: 'Read its last words above; with less memory than it needs, choose a smaller set or another method.',
})
