import { randomBytes } from 'node:crypto'
import { availableParallelism, freemem } from 'node:os'
import { accept } from '../../contract'
import type { Result } from '../../contract'
import { findTrainerPython, type TrainerPython } from '../training/find-python'
import { startByWords } from '../training/worker'
import { createTrainerPython } from '../training/python/trainer-python'
import type { TrainerPythonService } from '../training/python/trainer-python'
import type { TrainingOptions } from '../training/training-options'
import type { Resources } from './resources'

interface Here {
  readonly resources: Resources
  readonly environment: NodeJS.ProcessEnv
}

/** The Python that trains, set up in the user's own data. */
export const trainerPythonHere = ({ resources: { trainer }, environment }: Here): TrainerPythonService =>
  createTrainerPython({
    ...{ environment, platform: process.platform, pid: process.pid },
    ...{ ...trainer, folder: trainer.builtDir },
  })

/** What training takes of this computer. */
export function trainingHere({
  resources,
  environment,
}: Here): Pick<TrainingOptions, 'findWorker' | 'memory' | 'pid' | 'clock' | 'randomKey'> {
  let found: TrainerPython | null = null
  const find = async (): Promise<Result<TrainerPython>> => {
    // One that was found is kept; one that was missing may be put up meanwhile.
    if (found !== null) return accept(found)
    const asked = await findTrainerPython({ environment, platform: process.platform, ...resources.trainer })
    found = asked.ok ? asked.value : null
    return asked
  }
  return {
    findWorker: async () => {
      const trainer = await find()
      if (!trainer.ok) return trainer
      const { python, directory } = trainer.value
      return accept({
        start: startByWords([python, '-m', 'margin_trainer'], directory, environment),
        words: python,
      })
    },
    // Half of the processors: who reads beside it keeps the other half.
    memory: () => ({
      freeBytes: freemem(),
      threads: Math.max(1, Math.floor(availableParallelism() / 2)),
    }),
    pid: process.pid,
    clock: () => Date.now(),
    randomKey: () => randomBytes(32).toString('hex'),
  }
}
