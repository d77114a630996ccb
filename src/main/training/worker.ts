import { spawn } from 'node:child_process'
import { constants, setPriority } from 'node:os'
import { createInterface } from 'node:readline'
import { FromWorker } from '../../contract'
import type { ToWorker } from '../../contract'

/** A worker process: takes messages, gives messages, ends. */
export interface WorkerPort {
  readonly send: (message: ToWorker) => void
  /** Nothing more comes: the worker saves and ends. */
  readonly end: () => void
  readonly kill: () => void
}

export interface WorkerEars {
  readonly onMessage: (message: FromWorker) => void
  /** It said something that is no message; what it was, shortened. */
  readonly onFault: (said: string) => void
  /** Told once, with how it ended and what it last said on its standard error. */
  readonly onExit: (reason: string) => void
}

/** `fine-tune` makes a candidate, `gate` judges one. */
export type WorkerCommand = 'fine-tune' | 'gate'
export type StartWorker = (command: WorkerCommand, ears: WorkerEars) => WorkerPort

const LAST_WORDS_LENGTH = 2_000
/** A gate report of thousands of patients has some hundred kB. */
const MOST_LINE_LENGTH = 8_000_000
const SHOWN_LENGTH = 200

/** Starts `words` in `directory`: `python -m margin_trainer` in the trainer's folder. Niced, so that reading stays smooth. */
export const startByWords =
  (words: readonly string[], directory: string, environment: NodeJS.ProcessEnv): StartWorker =>
  (command, ears) => {
    const [program = '', ...more] = words
    const child = spawn(program, [...more, command], {
      cwd: directory,
      env: { ...environment, PYTHONUNBUFFERED: '1', PYTHONUTF8: '1' },
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
    })
    let lastWords = ''
    let told = false
    const exit = (reason: string): void => {
      if (!told) ears.onExit([reason, lastWords.trim()].filter(Boolean).join(': '))
      told = true
    }
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      lastWords = (lastWords + text).slice(-LAST_WORDS_LENGTH)
    })
    createInterface({ input: child.stdout, crlfDelay: Infinity }).on('line', (line) => {
      hear(line, ears)
    })
    child.on('error', (error) => {
      exit(error.message)
    })
    // `close`, not `exit`: what it last said is read before.
    child.on('close', (code, signal) => {
      exit(signal === null ? `exit code ${code ?? 'unknown'}` : `signal ${signal}`)
    })
    // A worker that is gone is told by its end; the error of writing to it adds nothing.
    child.stdin.on('error', () => undefined)
    beNice(child.pid)
    return {
      send: (message) => {
        if (child.stdin.writable) child.stdin.write(`${JSON.stringify(message)}\n`)
      },
      end: () => {
        child.stdin.end()
      },
      kill: () => {
        child.kill('SIGKILL')
      },
    }
  }

function hear(line: string, ears: WorkerEars): void {
  if (line.trim() === '') return
  const message = line.length > MOST_LINE_LENGTH ? null : parsed(line)
  if (message === null) ears.onFault(line.slice(0, SHOWN_LENGTH))
  else ears.onMessage(message)
}

function parsed(line: string): FromWorker | null {
  try {
    const message = FromWorker.safeParse(JSON.parse(line))
    return message.success ? message.data : null
  } catch {
    return null
  }
}

function beNice(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_LOW)
  } catch {
    // It ended already, or the system does not allow it: it trains all the same.
  }
}
