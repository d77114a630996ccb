import { utilityProcess } from 'electron'
import type { ChildPort, Launch } from '../processes/launch'

const LAST_WORDS_LENGTH = 600

/** What the system's list of processes shows. */
const nameOf = (path: string): string => (path.endsWith('pictures.js') ? 'Margin pictures' : 'Margin models')

/** Starts a child by Electron's own means, which needs no Node of its own: the switch that makes it one may be off. */
export const launchByUtility: Launch = (path): ChildPort => {
  const child = utilityProcess.fork(path, [], {
    stdio: ['ignore', 'ignore', 'pipe'],
    serviceName: nameOf(path),
  })
  let lastWords = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    lastWords = (lastWords + chunk.toString()).slice(-LAST_WORDS_LENGTH)
  })
  return {
    send: (message) => {
      child.postMessage(message)
    },
    onMessage: (listener) => {
      child.on('message', listener)
    },
    onExit: (listener) => {
      child.on('exit', (code) => {
        listener([`exit code ${code}`, lastWords.trim()].filter(Boolean).join(': '))
      })
    },
    kill: () => {
      // Its own kill asks politely; a child that hangs in a driver does not listen. One that is still being started has
      // no number yet.
      if (child.pid === undefined)
        child.once('spawn', () => {
          kill(child.pid)
        })
      else kill(child.pid)
    },
  }
}

function kill(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended meanwhile.
  }
}
