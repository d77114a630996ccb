import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { accept, refuse } from '../../contract'
import type { Result } from '../../contract'

export interface PythonPlaces {
  readonly environment: NodeJS.ProcessEnv
  readonly platform: NodeJS.Platform
  /** The trainer's package lies in it. */
  readonly directory: string
  /** Where the trainer's own environment may lie. */
  readonly environmentDirs: readonly string[]
}

/** What trains: a Python that has what the trainer needs, started in the trainer's folder. */
export interface TrainerPython {
  readonly python: string
  readonly directory: string
}

/** The variable in which a person names the Python that trains. */
export const PYTHON_VARIABLE = 'MARGIN_PYTHON'

/** A Python on a slow disk takes seconds to say what it has. */
const ASK_TIMEOUT_MS = 20_000
const NEEDED = ['margin_trainer', 'torch', 'numpy', 'onnx', 'safetensors']
const ASK =
  'import importlib.util as u, sys; print(" ".join(n for n in sys.argv[1:] if u.find_spec(n) is None))'

/** The Python of an environment. */
export const pythonIn = (environmentDir: string, platform: NodeJS.Platform): string =>
  join(environmentDir, ...(platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python']))

/** Every Python that may be there, the one that was named first. */
export function pythonCommands({ environment, platform, environmentDirs }: PythonPlaces): string[] {
  const named = environment[PYTHON_VARIABLE] ?? ''
  const isWindows = platform === 'win32'
  const own = environmentDirs.map((directory) => pythonIn(directory, platform))
  const minors = [14, 13, 12, 11].map((minor) => `python3.${minor}`)
  return [
    ...(named === '' ? [] : [named]),
    ...own.filter((python) => existsSync(python)),
    ...(isWindows ? ['py', 'python'] : [...minors, 'python3', 'python']),
  ]
}

/** The first Python that can train. Refused where none can, with what is missing. */
export async function findTrainerPython(places: PythonPlaces): Promise<Result<TrainerPython>> {
  const { directory } = places
  if (!existsSync(join(directory, 'margin_trainer')))
    return refuse(
      'not-found',
      'This program was put up without its trainer: everything but training works.',
      {
        next: 'Install Margin again, or train with a clone of it.',
      },
    )
  let best: { readonly python: string; readonly lacks: string } | null = null
  for (const python of pythonCommands(places)) {
    const lacks = await lacking(python, directory)
    if (lacks === '') return accept({ python, directory })
    if (lacks !== null && (best === null || lacks.length < best.lacks.length)) best = { python, lacks }
  }
  return best === null
    ? refuse('not-found', 'No Python was found: everything but training works.', {
        next: 'margin doctor --fix sets it up, as the button here does.',
      })
    : refuse(
        'not-found',
        `The Python ${best.python} lacks ${best.lacks.split(' ').join(', ')}, which training needs.`,
        {
          next: `margin doctor --fix sets one up, as the button here does; or name another Python in ${PYTHON_VARIABLE}.`,
        },
      )
}

/** Which modules it does not have; null: it does not answer. */
async function lacking(python: string, directory: string): Promise<string | null> {
  try {
    const asked = promisify(execFile)(python, ['-c', ASK, ...NEEDED], {
      cwd: directory,
      timeout: ASK_TIMEOUT_MS,
    })
    return (await asked).stdout.trim()
  } catch {
    return null
  }
}
