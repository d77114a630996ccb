import { Worker } from 'node:worker_threads'
import { refuse } from '../../contract'
import type { Result } from '../../contract'
import type { ExchangeReading } from '../../core/exchange/exchange-reading'
import { handOut, type HandedOut, type HandOut } from '../../core/exchange/hand-out'
import { inflate } from './image-of-subject'

/** What is written, and how; only data, so that it can go to another thread. */
export interface WriteJob extends Omit<HandOut, 'inflate'> {
  readonly readings: readonly ExchangeReading[]
}

export const writeHere = ({ readings, ...how }: WriteJob): Result<HandedOut> =>
  handOut(readings, { ...how, inflate })

/**
 * Writes readings and reads them back in a thread of its own: a label map of a whole series takes seconds, in which
 * nobody else would be answered. Without the built worker (tests, the command line) it is done here.
 */
export function writeFiles(workerPath: string | null, job: WriteJob): Promise<Result<HandedOut>> {
  if (workerPath === null) return Promise.resolve(writeHere(job))
  return new Promise((settle) => {
    const worker = new Worker(workerPath, { workerData: job })
    worker.on('message', (written: Result<HandedOut>) => {
      settle(written)
    })
    worker.on('error', (error: Error) => {
      settle(refuse('internal', `The files could not be written: ${error.message}.`))
    })
    worker.on('exit', () => {
      settle(refuse('internal', 'Writing the files ended without a result.', { next: 'Try again.' }))
    })
  })
}
