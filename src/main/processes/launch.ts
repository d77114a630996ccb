import { fork } from 'node:child_process'

/** A process that takes messages and gives messages. Electron's utilityProcess fits as well as Node's fork. */
export interface ChildPort {
  readonly send: (message: unknown) => void
  readonly onMessage: (listener: (message: unknown) => void) => void
  /** Told once, with what the process last said and how it ended. */
  readonly onExit: (listener: (reason: string) => void) => void
  readonly kill: () => void
}

export type Launch = (path: string) => ChildPort

const LAST_WORDS_LENGTH = 600

/** Starts the inference process by Node. Its standard output is closed: the program's own belongs to JSON. */
export function launchByFork(environment?: NodeJS.ProcessEnv): Launch {
  return (path) => {
    const child = fork(path, {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      execArgv: [],
      ...(environment === undefined ? {} : { env: environment }),
    })
    let lastWords = ''
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      lastWords = (lastWords + text).slice(-LAST_WORDS_LENGTH)
    })
    return {
      send: (message) => {
        // A process that is gone is told by its exit; the error of this one message adds nothing.
        if (child.connected) child.send(message as object, () => undefined)
      },
      onMessage: (listener) => {
        child.on('message', listener)
      },
      onExit: (listener) => {
        let told = false
        const tell = (reason: string): void => {
          if (!told) listener(reason)
          told = true
        }
        child.on('error', (error) => {
          tell(error.message)
        })
        child.on('exit', (code, signal) => {
          tell(
            [signal === null ? `exit code ${code ?? 'unknown'}` : `signal ${signal}`, lastWords.trim()]
              .filter(Boolean)
              .join(': '),
          )
        })
      },
      kill: () => {
        child.kill('SIGKILL')
      },
    }
  }
}
