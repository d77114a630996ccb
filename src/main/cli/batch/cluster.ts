/** The workers of a Dask cluster: a Python that has Dask carries lines there and back, and draws nothing. */
import { z } from 'zod'
import { accept, refuse, type Result } from '../../../contract'
import { type PythonPlaces, pythonCommands } from '../../training/find-python'
import { runPython } from '../../training/python/run-python'
import { startByWords, WORKER_WORDS } from './local-worker'
import type { StartBatchWorker } from './worker-pool'

export interface Cluster {
  readonly start: StartBatchWorker
  /** Items that it draws at a time. */
  readonly slots: number
}

/** Python starts, and waits for the scheduler. */
const ASK_LIMIT_MS = 60_000
const Counted = z.object({ slots: z.number().int().nonnegative() })

/** Asks the scheduler at the address. Refused: no Python with Dask, nobody there, a cluster without workers. */
export async function clusterAt(
  address: string,
  places: PythonPlaces,
  ownWords: readonly string[],
): Promise<Result<Cluster>> {
  const { environment, directory } = places
  for (const python of pythonCommands(places)) {
    const has = await runPython([python, '-c', 'import distributed'], { environment, limitMs: ASK_LIMIT_MS })
    if (has.code !== 0) continue
    const words = [python, '-m', 'margin_trainer.cluster', '--address', address]
    const asked = await runPython([...words, '--count'], {
      environment,
      limitMs: ASK_LIMIT_MS,
      cwd: directory,
    })
    if (asked.code !== 0)
      return refuse('no-answer', `${asked.lastLines.at(-1) ?? 'The cluster did not answer'}.`, {
        next: 'Start it: dask scheduler, then dask worker ADDRESS --nthreads 1 on each machine.',
      })
    const { slots } = Counted.parse(JSON.parse(asked.out.at(-1) ?? ''))
    if (slots === 0)
      return refuse('not-found', `The cluster at ${address} has no workers.`, {
        next: `On each machine: dask worker ${address} --nthreads 1.`,
      })
    return accept({ start: startByWords([...words, '--', ...ownWords, ...WORKER_WORDS], directory), slots })
  }
  return refuse('not-found', 'No Python here has Dask, which a cluster is asked by.', {
    next: 'Install it (pip install distributed), or leave --address out: this computer draws alone.',
  })
}
