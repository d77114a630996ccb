import { spawn } from 'node:child_process'
import { parseArgs } from 'node:util'
import { hasDisplay } from '../compose/electron-binary'
import type { Resources } from '../compose/resources'
import { UsageError } from './command-io'
import type { CommandIo } from './command-io'
import { entranceOptions, readEntrance, serve } from './serve'
import type { Entrance } from './serve'

/** `margin open`: the window where Electron and a display are there, else the browser. --door forces one. */
export async function runOpen(
  args: readonly string[],
  io: CommandIo,
  { window }: Resources,
): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { ...entranceOptions, door: { type: 'string' } },
    strict: true,
    allowPositionals: true,
  })
  const entrance = readEntrance(values, positionals, io.cwd)
  const display = hasDisplay(process.platform, process.env)
  switch (values.door) {
    case 'browser':
      return openBrowser(entrance, io, display)
    case 'electron': {
      if (window === null) {
        io.err('The Electron program is not there. Fetch it: node node_modules/electron/install.js')
        return 1
      }
      return (await openWindow(window, entrance, io)) ?? 1
    }
    case undefined: {
      if (window === null || !display) return openBrowser(entrance, io, display)
      if (process.getuid?.() === 0 && process.platform === 'linux') {
        io.err('As root there is no window: Chromium keeps its sandbox for normal users only.')
        return openBrowser(entrance, io, display)
      }
      const ended = await openWindow(window, entrance, io)
      if (ended !== null) return ended
      io.err('The window does not open here (the words above say why): the browser does the same.')
      return openBrowser(entrance, io, false)
    }
    default:
      throw new UsageError(`--door is electron or browser, not ${values.door}.`)
  }
}

/** Starts Electron on the built window and stays as long as it does. Null where no window ever opened. */
async function openWindow(
  { binary, words }: NonNullable<Resources['window']>,
  entrance: Entrance,
  io: CommandIo,
): Promise<number | null> {
  const { paths, demo, workspace } = entrance
  const child = spawn(binary, [...words], {
    // The channel carries one word: that the window, or the one that is open already, is there.
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, MARGIN_OPEN: JSON.stringify({ paths, demo, workspace, showsCase: true }) },
  })
  const told: unknown[] = []
  child.on('message', (word) => told.push(word))
  const stop = (): void => {
    child.kill('SIGTERM')
  }
  io.signal.addEventListener('abort', stop)
  const code = await new Promise<number | null | Error>((ended) => {
    child.on('exit', ended)
    child.on('error', ended)
  })
  io.signal.removeEventListener('abort', stop)
  if (io.signal.aborted || code === 0) return 0
  return told.length > 0 ? 1 : null
}

function openBrowser(entrance: Entrance, io: CommandIo, display: boolean): Promise<number> {
  return serve({ ...entrance, showsCase: true }, io, ({ url }) => {
    io.err('')
    io.err('Margin is ready. Open this address in a browser on this computer:')
    io.err('')
    io.out(`  ${url}`)
    io.err('')
    io.err('The address works once. Ctrl-C ends Margin. For research use only: not a medical device.')
    if (display) showInBrowser(url)
  })
}

/** Asks the system to show the address. Where it cannot, the printed address is the way. */
function showInBrowser(url: string): void {
  const openers: Partial<Record<NodeJS.Platform, string>> = { darwin: 'open', win32: 'explorer' }
  const opener = openers[process.platform] ?? 'xdg-open'
  const child = spawn(opener, [url], { stdio: 'ignore', detached: true })
  child.on('error', () => undefined)
  child.unref()
}
