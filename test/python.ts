import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')

const ownPython = join(
  root,
  '.venv',
  ...(process.platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python']),
)

/** The Python that tests ask: MARGIN_PYTHON, else the trainer's own environment, which `npm test` makes. */
export const python = process.env['MARGIN_PYTHON'] ?? ownPython

/** For a program that is to train by this Python; empty: by the one that it finds. */
export const trainingBy = (named: string): NodeJS.ProcessEnv => ({ MARGIN_PYTHON: named })

/** The same, or null where it is not set up. */
export const trainerPython = (): string | null => (existsSync(python) ? python : null)

/** The environment of a program that is to train with another one. */
export const trainsWith = (program: string): NodeJS.ProcessEnv => ({ MARGIN_PYTHON: program })

/** Whether it is there and has these packages. */
export const pythonHas = (...packages: readonly string[]): boolean =>
  existsSync(python) &&
  spawnSync(python, [
    '-c',
    'import importlib.util as u, sys; sys.exit(None in map(u.find_spec, sys.argv[1:]))',
    ...packages,
  ]).status === 0

/** Runs a piece of Python with the trainer's package in reach and gives what it printed; null where there is no Python. */
export function runPython(): ((code: string, input?: string) => string) | null {
  if (trainerPython() === null) return null
  return (code, input = '') => {
    const ran = spawnSync(python, ['-c', code], {
      cwd: join(root, 'trainer'),
      input,
      encoding: 'utf8',
      maxBuffer: 256 * 2 ** 20,
    })
    if (ran.status !== 0) throw new Error(ran.stderr)
    return ran.stdout
  }
}
