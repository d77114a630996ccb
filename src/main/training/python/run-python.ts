import { spawn } from 'node:child_process'
import { devNull } from 'node:os'
import { createInterface } from 'node:readline'

/** How a program ended. */
export interface Ended {
  /** null: it could not be started, or was ended by a signal. */
  readonly code: number | null
  readonly out: readonly string[]
  /** What it said of what went wrong, both streams in order, the last lines of it. */
  readonly lastLines: readonly string[]
}

const KEPT_LINES = 60

/** Without what a Python of the user's own settings would mix in; silent, and asking nothing. */
const cleaned = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  ...environment,
  ...{ PYTHONHOME: undefined, PYTHONPATH: undefined, VIRTUAL_ENV: undefined, PYTHONNOUSERSITE: '1' },
  ...{ PIP_NO_INPUT: '1', PIP_DISABLE_PIP_VERSION_CHECK: '1', PYTHONUTF8: '1', PYTHONUNBUFFERED: '1' },
  ORT_DISABLE_TELEMETRY: '1',
})

/** The same without any setting of pip: what it is told is all that it knows. */
export const withoutPipSettings = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(environment).filter(([name]) => !/^pip_/i.test(name))),
  PIP_CONFIG_FILE: devNull,
})

/** Runs a program to its end, at most `limitMs`; each line that it says is heard at once. Aborted: it is killed. */
export function runPython(
  [program = '', ...words]: readonly string[],
  {
    environment,
    limitMs,
    signal,
    onLine = () => undefined,
    cwd,
  }: {
    readonly environment: NodeJS.ProcessEnv
    readonly limitMs: number
    readonly signal?: AbortSignal
    readonly onLine?: (line: string) => void
    readonly cwd?: string
  },
): Promise<Ended> {
  return new Promise((settle) => {
    const out: string[] = []
    const lastLines: string[] = []
    const child = spawn(program, words, {
      ...(cwd === undefined ? {} : { cwd }),
      env: cleaned(environment),
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
      ...(signal === undefined ? {} : { signal }),
      killSignal: 'SIGKILL',
    })
    const timer = setTimeout(() => child.kill('SIGKILL'), limitMs)
    const end = (code: number | null): void => {
      clearTimeout(timer)
      settle({ code, out, lastLines: lastLines.slice(-KEPT_LINES) })
    }
    const hear = (line: string): void => {
      lastLines.push(line)
      if (lastLines.length > 2 * KEPT_LINES) lastLines.splice(0, KEPT_LINES)
      onLine(line)
    }
    createInterface({ input: child.stdout, crlfDelay: Infinity }).on('line', (line) => {
      out.push(line)
      hear(line)
    })
    createInterface({ input: child.stderr, crlfDelay: Infinity }).on('line', hear)
    child.on('error', (error) => {
      lastLines.push(error.message)
      end(null)
    })
    child.on('close', end)
  })
}
