import { Worker } from 'node:worker_threads'
import { refuse } from '../../contract'
import type { Result } from '../../contract'

export interface ThreadLimits {
  readonly limitMs: number
  /** What values may take beside bytes that were given. */
  readonly heapMb: number
}

/**
 * Does one job in a thread of its own, for so long and in so much memory at most: bytes from outside keep nobody else
 * waiting and cost their own thread, not the program. `bytes` and the buffers `moved` move there where they can; the job is the thread's start
 * data, and its one message the result.
 */
export function inOwnThread<T>(
  workerPath: string,
  job: object,
  bytes: Uint8Array,
  { limitMs, heapMb }: ThreadLimits,
  moved: readonly ArrayBuffer[] = [],
): Promise<Result<T>> {
  return new Promise((settle) => {
    const { buffer, byteLength } = bytes
    const isWhole = buffer instanceof ArrayBuffer && buffer.byteLength === byteLength
    const worker = new Worker(workerPath, {
      workerData: job,
      transferList: isWhole ? [buffer, ...moved] : [...moved],
      resourceLimits: { maxOldGenerationSizeMb: heapMb },
    })
    const end = (result: Result<T>): void => {
      clearTimeout(timer)
      settle(result)
      void worker.terminate()
    }
    const timer = setTimeout(() => {
      end(tooMuch(`It took longer than ${limitMs / 1000} s to read.`))
    }, limitMs)
    worker.on('message', end)
    worker.on('error', (error) => {
      const isMemory = error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY'
      const words = error instanceof Error ? error.message : String(error)
      end(
        isMemory
          ? tooMuch(`It needs more than ${heapMb} MiB to read.`)
          : refuse('internal', `The file could not be read: ${words}`),
      )
    })
    worker.on('exit', () => {
      end(refuse('internal', 'Reading the file ended without a result.', { next: 'Try again.' }))
    })
  })
}

const tooMuch = (reason: string): Result<never> =>
  refuse('limit-reached', reason, { next: 'See what the file holds; nothing of it was brought in.' })
