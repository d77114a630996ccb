import { spawn, spawnSync } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'
import { python, trainerPython } from '../python'

/** A Python program that answers JSON lines. */
export interface PythonPeer {
  readonly ask: (question: unknown) => Promise<unknown>
  readonly close: () => void
}

/** Why the peers in Python cannot run; null when they can. */
export function missingPython(): string | null {
  if (trainerPython() === null) return 'there is no .venv (npm test makes it)'
  const found = spawnSync(python, ['-c', 'import torch, skimage'], { encoding: 'utf8' })
  return found.status === 0 ? null : 'torch or scikit-image is not installed in .venv'
}

/**
 * Threads of OpenMP wait without spinning, as those of ONNX Runtime do here: on a machine with other work a spinning
 * thread holds up the one it waits for, and PyTorch would be ten times slower than it need be.
 */
const environmentOf = (root: string): NodeJS.ProcessEnv => ({
  ...process.env,
  PYTHONPATH: join(root, 'trainer'),
  OMP_WAIT_POLICY: 'PASSIVE',
  GOMP_SPINCOUNT: '0',
})

/** Runs a Python program to its end; throws with its own words when it fails. */
export function runToEnd(root: string, words: readonly string[]): void {
  const ran = spawnSync(python, words, { env: environmentOf(root), encoding: 'utf8' })
  if (ran.status !== 0) throw new Error(ran.stderr)
}

/** `by` is the Python that runs it: the trainer's own, or the system's where a reader of the system is asked. */
export function startPeer(
  root: string,
  words: readonly string[],
  { by = python, path = [] }: { readonly by?: string; readonly path?: readonly string[] } = {},
): PythonPeer {
  const own = environmentOf(root)
  const env = { ...own, PYTHONPATH: [own['PYTHONPATH'], ...path].join(delimiter) }
  const child = spawn(by, words, { env, stdio: ['pipe', 'pipe', 'inherit'] })
  const waiting: { readonly resolve: (answer: unknown) => void; readonly reject: (error: Error) => void }[] =
    []
  createInterface({ input: child.stdout }).on('line', (line) => {
    waiting.shift()?.resolve(JSON.parse(line))
  })
  child.on('exit', (code) => {
    for (const { reject } of waiting.splice(0)) reject(new Error(`the peer ended with ${code ?? 'a signal'}`))
  })
  return {
    ask: (question) =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject })
        child.stdin.write(`${JSON.stringify(question)}\n`)
      }),
    close: () => {
      child.stdin.end()
    },
  }
}
