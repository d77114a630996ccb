import { Worker } from 'node:worker_threads'
import { refuse } from '../../contract'
import type { Result } from '../../contract'
import { performArchiveJob } from './archive-job'
import type { ActKind, ArchiveActs, ArchiveJob } from './archive-job'

/** Values of a search, and what a connection buffers; the bytes of images are written as they come. */
const HEAP_MB = 512
/** A thread that was told to stop and does not is ended. */
const STOP_MS = 2_000

/** Does an act in a thread of its own; `workerPath` null: in the calling thread (tests). */
export async function inArchiveThread<Kind extends ActKind>(
  workerPath: string | null,
  job: Extract<ArchiveJob, { readonly kind: Kind }>,
  signal: AbortSignal,
): Promise<Result<ArchiveActs[Kind]['given']>> {
  const done =
    workerPath === null ? performArchiveJob(job, process.env, signal) : threaded(workerPath, job, signal)
  return (await done) as Result<ArchiveActs[Kind]['given']>
}

function threaded(workerPath: string, job: ArchiveJob, signal: AbortSignal): Promise<Result<unknown>> {
  const { name } = job.settings
  return new Promise((settle) => {
    const worker = new Worker(workerPath, {
      workerData: job,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
    })
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
    worker.on('message', ({ result }: { readonly result: Result<unknown> }) => {
      end(result)
    })
    worker.on('error', (error) => {
      const isMemory = error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY'
      end(
        isMemory
          ? refuse('limit-reached', `What ${name} sent needs more than ${HEAP_MB} MiB.`, {
              next: 'Ask whoever runs the archive.',
            })
          : refuse(
              'internal',
              `Asking ${name} failed: its answer was more than the program could make sense of.`,
              {
                next: 'Ask whoever runs the archive.',
              },
            ),
      )
    })
    worker.on('exit', () => {
      end(refuse('internal', `Asking ${name} ended without a result.`, { next: 'Try again.' }))
    })
    signal.addEventListener('abort', stop)
    if (signal.aborted) stop()
  })
}
