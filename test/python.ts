import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')

/** The trainer's Python, or null where it is not set up. */
export function trainerPython(): string | null {
  const places = [join(root, '.venv', 'bin', 'python'), join(root, '.venv', 'Scripts', 'python.exe')]
  return places.find((path) => existsSync(path)) ?? null
}

/** Runs a piece of Python with the trainer's package in reach and gives what it printed; null where there is no Python. */
export function runPython(): ((code: string, input?: string) => string) | null {
  const python = trainerPython()
  if (python === null) return null
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
