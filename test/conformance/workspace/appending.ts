import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { bundle } from '../../bundle'

/** `appending-process.ts`, started and listened to. */
export interface Appending {
  readonly child: ChildProcess
  /** Workspace folder, attempt, thread, number of gestures, text of a gesture, what to do when one is refused. */
  readonly go: (...args: readonly string[]) => void
  /** Lines so far. */
  readonly lines: () => readonly string[]
  /** Loaded, and waiting. */
  readonly ready: Promise<void>
  /** Ended, and everything it said has been heard. */
  readonly ended: Promise<void>
}

export const appendingProgram = (): Promise<string> =>
  bundle('test/conformance/workspace/appending-process.ts', 'appending-process')

export function startAppending(program: string): Appending {
  const child = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] })
  let said = ''
  const lines = (): readonly string[] => said.split('\n').slice(0, -1)
  const ready = new Promise<void>((done) => {
    child.stdout.on('data', (bytes: Buffer) => {
      said += bytes.toString()
      if (said.includes('ready')) done()
    })
  })
  const ended = new Promise<void>((done) =>
    child.once('close', () => {
      done()
    }),
  )
  const go = (...args: readonly string[]): void => {
    child.stdin.write(`${JSON.stringify(args)}\n`)
  }
  return { child, go, lines, ready, ended }
}
