import type { PythonPlan, PythonProgress, PythonReady, Result } from '../../../contract'
import { refuse } from '../../../contract'
import type { PythonPlaces } from '../find-python'
import { buildPython } from './build-python'
import { planPython } from './python-plan'

/** The Python that trains, set up by this program when it is asked to. */
export interface TrainerPythonService {
  /** What would be done; nothing is fetched. `wheels`: from a folder of them. */
  readonly plan: (wheels: string | null) => Promise<PythonPlan>
  /** Made, or made anew where it does not train; aborted or refused, what was there stands. */
  readonly build: (
    wheels: string | null,
    onProgress: (progress: PythonProgress) => void,
    signal: AbortSignal,
  ) => Promise<Result<PythonReady>>
}

export function createTrainerPython(
  places: PythonPlaces & { readonly folder: string; readonly pid: number },
): TrainerPythonService {
  let isBuilding = false
  return {
    plan: (wheels) => planPython({ ...places, wheels }),
    build: async (wheels, onProgress, signal) => {
      if (isBuilding)
        return refuse('limit-reached', "The trainer's Python is being set up already.", {
          next: 'Wait until it is done.',
        })
      isBuilding = true
      try {
        return await buildPython({ ...places, wheels, onProgress, signal })
      } finally {
        isBuilding = false
      }
    },
  }
}
