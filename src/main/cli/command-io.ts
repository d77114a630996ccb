import type { Result } from '../../contract'
import type { Opening } from '../compose/create-services'
import type { Services } from '../app/services'

/** What a command may touch: everything comes in, so that a test can give its own. */
export interface CommandIo {
  /** One line of the answer, on standard output. JSON unless the command says otherwise. */
  readonly out: (line: string) => void
  /** Progress and words for people, on standard error. */
  readonly err: (line: string) => void
  /** Aborted by Ctrl-C: stop, tidy up, return 1. */
  readonly signal: AbortSignal
  /** The application without a door; made at the first call, closed when the command ends. */
  readonly services: (opening?: Opening) => Promise<Services>
  /** Relative paths in arguments start here. */
  readonly cwd: string
}

/** Runs one command. Returns the exit code: 0 done, 1 failed. Wrong usage is thrown as UsageError (exit 2). */
export type Command = (args: readonly string[], io: CommandIo) => Promise<number>

/** Prints what a command made, or why it could not; the exit code. */
export function printed(io: CommandIo, done: Result<unknown>): number {
  if (done.ok) {
    io.out(JSON.stringify(done.value))
    return 0
  }
  io.err(`${done.refusal.reason} ${done.refusal.next ?? ''}`)
  return 1
}

/** The command line makes no sense. `margin` prints the message and the usage of the command, and exits with 2. */
export class UsageError extends Error {}

/** True for a UsageError and for what `parseArgs` throws when it meets an unknown or incomplete option. */
export function isUsageError(error: unknown): error is Error {
  return (
    error instanceof UsageError ||
    (error instanceof Error &&
      'code' in error &&
      typeof error.code === 'string' &&
      error.code.startsWith('ERR_PARSE_ARGS_'))
  )
}

/** What is wrong with the command line, in one sentence; `parseArgs` names the option in quotes and says more than helps. */
export function usageWords(error: Error): string {
  if (error instanceof UsageError) return error.message
  const option = /'(-[^' ]*)/.exec(error.message)?.[1]
  if (option === undefined) return error.message
  if ('code' in error && error.code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION')
    return `There is no option ${option}.`
  return /does not take an argument/.test(error.message)
    ? `${option} takes no value.`
    : `${option} takes a value, which does not begin with a dash.`
}
