import { Worker } from 'node:worker_threads'
import type { Refusal } from '../../../contract'
import { listen } from './listen'
import type { Listening, ReceiverSaid, ReceivingJob } from './listen'

/** Commands, what connections buffer, and one object while it is looked at, outside of the heap. */
const HEAP_MB = 256
/** A thread that was told to stop and does not is ended. */
const STOP_MS = 2_000

/** Receives in a thread of its own; `workerPath` null: in the calling thread (tests). */
export function receiveInThread(
  workerPath: string | null,
  job: ReceivingJob,
  say: (said: ReceiverSaid) => void,
): Listening {
  if (workerPath !== null) return threaded(workerPath, job, say)
  const listening = listen(job, say)
  return { close: async () => (await listening).close() }
}

const broke: Refusal = {
  code: 'internal',
  reason: 'Receiving ended: what was sent was too much for it.',
  next: 'Restart receiving. If it repeats, ask whoever sends.',
}

function threaded(workerPath: string, job: ReceivingJob, say: (said: ReceiverSaid) => void): Listening {
  const worker = new Worker(workerPath, {
    workerData: job,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
    // What a library says of what it reads may name patients: it goes nowhere.
    stdout: true,
    stderr: true,
  })
  worker.stdout.resume()
  worker.stderr.resume()
  let isStopping = false
  const ended = new Promise<void>((done) => {
    worker.once('exit', () => {
      if (!isStopping) say({ kind: 'failed', refusal: broke })
      done()
    })
  })
  worker.on('message', say)
  // The end of the thread tells it.
  worker.on('error', () => undefined)
  return {
    close: async () => {
      isStopping = true
      worker.postMessage('stop')
      const late = setTimeout(() => void worker.terminate(), STOP_MS)
      await ended
      clearTimeout(late)
    },
  }
}
