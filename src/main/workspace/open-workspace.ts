import { Worker } from 'node:worker_threads'
import { accept, refuse } from '../../contract'
import type { Result } from '../../contract'
import { LOCK_WAIT_MS, openHere } from './open-here'
import { methods } from './store-calls'
import type { Method, StoreAnswer, StoreCall } from './store-calls'
import type { WorkspaceStore } from './store'

export interface WorkspaceOptions {
  /** Milliseconds since 1970. It may jump: the store's times rise all the same. */
  readonly clock: () => number
  /** The built `store-worker.js`; without it the store works in the calling thread (the command line, tests). */
  readonly workerPath?: string
  /** How long a lock of another process is waited for. */
  readonly lockWaitMs?: number
}

/**
 * Opens a workspace: a folder (made where it is missing), or a `postgres://` address. Several processes may open the
 * same one. Refused with `workspace-failed`: damaged (with the newest good backup), read-only, full, locked, written by
 * a newer Margin, not reached.
 */
export function openWorkspace(location: string, options: WorkspaceOptions): Promise<Result<WorkspaceStore>> {
  const { clock, workerPath, lockWaitMs = LOCK_WAIT_MS } = options
  if (workerPath === undefined) return openHere(location, { clock, lockWaitMs })
  return new StoreThread(workerPath, clock).open(location, lockWaitMs)
}

type Settle = (result: Result<unknown>) => void
const ended = refuse('workspace-failed', 'The thread that keeps the workspace has ended.', {
  next: 'Start Margin again. What was acknowledged is on disk; export what is open.',
})

/** The store in a thread of its own; calls are answered in any order. */
class StoreThread {
  readonly #worker: Worker
  readonly #clock: () => number
  readonly #waiting = new Map<number, Settle>()
  #opening: Settle | null = null
  #lastId = 0
  #isEnded = false
  #closed: Promise<void> | null = null

  constructor(workerPath: string, clock: () => number) {
    this.#clock = clock
    this.#worker = new Worker(workerPath)
    this.#worker.on('message', (answer: StoreAnswer) => {
      this.#take(answer)
    })
    this.#worker.on('error', (error) => {
      process.stderr.write(`The thread that keeps the workspace ended: ${String(error)}\n`)
      this.#end()
    })
    this.#worker.on('exit', () => {
      this.#end()
    })
  }

  async open(location: string, lockWaitMs: number): Promise<Result<WorkspaceStore>> {
    const result = await new Promise<Result<unknown>>((settle) => {
      this.#opening = settle
      this.#send({ kind: 'open', location, lockWaitMs, nowMs: this.#clock() })
    })
    const opened = result as Result<Pick<WorkspaceStore, 'kind' | 'name'>>
    if (opened.ok) return accept(this.#store(opened.value))
    await this.#worker.terminate()
    return opened
  }

  #store(about: Pick<WorkspaceStore, 'kind' | 'name'>): WorkspaceStore {
    const calls = methods.map((method) => [method, (...args: unknown[]) => this.#call(method, args)] as const)
    // The list of methods is checked against the interface where it stands; each is answered by the same method there.
    const store = Object.fromEntries(calls) as Pick<WorkspaceStore, Method>
    return { ...about, ...store, close: () => (this.#closed ??= this.#close()) }
  }

  #call(method: Method, args: readonly unknown[]): Promise<Result<unknown>> {
    if (this.#isEnded || this.#closed !== null) return Promise.resolve(ended)
    const id = (this.#lastId += 1)
    return new Promise((settle) => {
      this.#waiting.set(id, settle)
      this.#send({ kind: 'call', id, method, args, nowMs: this.#clock() })
    })
  }

  #close(): Promise<void> {
    if (this.#isEnded) return Promise.resolve()
    return new Promise((done) => {
      this.#worker.once('exit', () => {
        done()
      })
      this.#send({ kind: 'close', nowMs: this.#clock() })
    })
  }

  #send(call: StoreCall): void {
    this.#worker.postMessage(call)
  }

  #take(answer: StoreAnswer): void {
    if (answer.kind === 'opened') {
      this.#opening?.(answer.result)
      return
    }
    const settle = this.#waiting.get(answer.id)
    this.#waiting.delete(answer.id)
    settle?.(answer.kind === 'answered' ? answer.result : (JSON.parse(answer.text) as Result<unknown>))
  }

  #end(): void {
    this.#isEnded = true
    this.#opening?.(ended)
    for (const settle of this.#waiting.values()) settle(ended)
    this.#waiting.clear()
  }
}
