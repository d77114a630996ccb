/** Workers as processes: this program, started again, here or on a cluster by what carries its lines there. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { BatchAnswer } from '../../../contract'
import type { StartBatchWorker } from './worker-pool'

const LAST_WORDS_LENGTH = 600
/** Says that a process of this command works for another: it reads items, and writes answers. */
export const WORKER_WORDS = ['batch', '--worker'] as const

/** `ownWords` start this program's command line. */
export const startHere = (ownWords: readonly string[]): StartBatchWorker =>
  startByWords([...ownWords, ...WORKER_WORDS])

/** `cwd`: where the words are started; null: here. */
export const startByWords =
  ([program = '', ...words]: readonly string[], cwd: string | null = null): StartBatchWorker =>
  (ears) => {
    const child = spawn(program, words, {
      ...(cwd === null ? {} : { cwd }),
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
    })
    let lastWords = ''
    let told = false
    const end = (reason: string): void => {
      if (!told) ears.onEnd([reason, lastWords.trim()].filter(Boolean).join(': '))
      told = true
    }
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      lastWords = (lastWords + text).slice(-LAST_WORDS_LENGTH)
    })
    createInterface({ input: child.stdout, crlfDelay: Infinity }).on('line', (line) => {
      const answer = answerOf(line)
      if (answer !== null) ears.onAnswer(answer)
    })
    child.on('error', (error) => {
      end(error.message)
    })
    child.on('close', (code, signal) => {
      end(signal === null ? `exit code ${code ?? 'unknown'}` : `signal ${signal}`)
    })
    // One that is gone is told by its end; the error of writing to it adds nothing.
    child.stdin.on('error', () => undefined)
    return {
      send: (item) => {
        child.stdin.write(`${JSON.stringify(item)}\n`)
      },
      end: () => {
        child.stdin.end()
      },
      kill: () => {
        child.kill('SIGKILL')
      },
    }
  }

/** Null: it is none of ours, a line of some library say. */
export function answerOf(line: string): BatchAnswer | null {
  try {
    const parsed = BatchAnswer.safeParse(JSON.parse(line))
    return parsed.success ? parsed.data : null
  } catch {
    return null
  }
}
