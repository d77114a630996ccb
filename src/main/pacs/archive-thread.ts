import { Worker } from 'node:worker_threads'
import { refuse } from '../../contract'
import type { FetchProgress, Result } from '../../contract'
import { performArchiveJob } from './archive-job'
import type { ActGround, ActKind, ArchiveActs, ArchiveJob } from './archive-job'

/** Values of a search, and what a connection buffers; the bytes of images are written as they come. */
const HEAP_MB = 512
/** A thread that was told to stop and does not is ended. */
const STOP_MS = 2_000

/** What the thread says: how far it is, and once how it ended. */
type Said = { readonly progress: FetchProgress } | { readonly result: Result<unknown> }

/** Does an act in a thread of its own; `workerPath` null: in the calling thread (tests). */
export async function inArchiveThread<Kind extends ActKind>(
  workerPath: string | null,
  job: Extract<ArchiveJob, { readonly kind: Kind }>,
  ground: ActGround,
): Promise<Result<ArchiveActs[Kind]['given']>> {
  const done = workerPath === null ? performArchiveJob(job, ground) : threaded(workerPath, job, ground)
  return (await done) as Result<ArchiveActs[Kind]['given']>
}

function threaded(
  workerPath: string,
  job: ArchiveJob,
  { signal, onProgress }: ActGround,
): Promise<Result<unknown>> {
  const { name } = job.settings
  return new Promise((settle) => {
    const worker = new Worker(workerPath, {
      workerData: job,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
      // What a library says of what it reads may name patients: it goes nowhere.
      stdout: true,
      stderr: true,
    })
    worker.stdout.resume()
    worker.stderr.resume()
    let stopping: NodeJS.Timeout | undefined
    const end = (result: Result<unknown>): void => {
      clearTimeout(stopping)
      signal.removeEventListener('abort', stop)
      settle(result)
      void worker.terminate()
    }
    const stop = (): void => {
      worker.postMessage('stop')
      stopping = setTimeout(() => {
        end(refuse('cancelled', `${name} was asked no further.`))
      }, STOP_MS)
    }
    worker.on('message', (said: Said) => {
      if ('result' in said) end(said.result)
      else onProgress(said.progress)
    })
    worker.on('error', (error) => {
      const isMemory = error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY'
      const what = isMemory ? `needs more than ${HEAP_MB} MiB` : 'makes no sense to the program'
      end(
        refuse(isMemory ? 'limit-reached' : 'internal', `What ${name} sent ${what}.`, {
          next: 'Ask whoever runs the archive.',
        }),
      )
    })
    worker.on('exit', () => {
      end(refuse('internal', `Asking ${name} ended without a result.`, { next: 'Try again.' }))
    })
    signal.addEventListener('abort', stop)
    if (signal.aborted) stop()
  })
}
