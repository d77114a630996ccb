import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { createApp } from '../app/create-app'
import { openBrowserDoor } from '../doors/browser'
import type { BrowserEntry } from '../doors/browser-session'
import type { BrowserDoor } from '../doors/browser'
import { askEarly } from '../doors/ask-early'
import { holdsPassword } from '../workspace/default-location'
import { UsageError } from './command-io'
import type { CommandIo } from './command-io'

/** What both ways into the application are told on the command line. */
export interface Entrance {
  readonly paths: readonly string[]
  readonly demo: boolean
  /** 0: a free one. */
  readonly port: number
  /** Folder or postgres:// address where readings are kept; null: MARGIN_WORKSPACE, else the user's data folder. */
  readonly workspace: string | null
  /** Where the paths hold one case alone it is shown at once, not the library. */
  readonly showsCase?: true
}

export const entranceOptions = {
  demo: { type: 'boolean' },
  port: { type: 'string' },
  workspace: { type: 'string' },
} as const

/** Paths become absolute; a port that is none is wrong usage. */
export function readEntrance(
  values: {
    readonly demo?: boolean | undefined
    readonly port?: string | undefined
    readonly workspace?: string | undefined
  },
  positionals: readonly string[],
  cwd: string,
): Entrance {
  const port = Number(values.port ?? '0')
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new UsageError(`--port ${values.port ?? ''} is not a port.`)
  }
  return {
    paths: positionals.map((path) => resolve(cwd, path)),
    demo: values.demo ?? false,
    port,
    workspace: values.workspace === undefined ? null : workspaceAt(values.workspace, cwd),
  }
}

/** A folder as an absolute path; an address of a database stays what it is. */
export function workspaceAt(given: string, cwd: string): string {
  if (holdsPassword(given))
    throw new UsageError(
      'A password on the command line can be read by everybody on this computer. Leave it out of --workspace, and give it in PGPASSWORD, in the password file (PGPASSFILE, ~/.pgpass), or as a whole address in MARGIN_WORKSPACE.',
    )
  return /^postgres(ql)?:\/\//.test(given) ? given : resolve(cwd, given)
}

/** Scheme, host and port, nothing behind them. */
function readOrigins(given: readonly string[]): string[] {
  return given.map((text) => {
    const url = URL.canParse(text) ? new URL(text) : null
    if (url === null || url.origin === 'null' || url.pathname !== '/')
      throw new UsageError(`--origin ${text} is not an origin such as https://margin.example.`)
    return url.origin
  })
}

/** `margin serve`: one JSON line with the address, then it serves until Ctrl-C. */
export async function runServe(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      ...entranceOptions,
      accounts: { type: 'boolean' },
      origin: { type: 'string', multiple: true },
    },
    strict: true,
    allowPositionals: true,
  })
  const entry = { accounts: values.accounts ?? false, origins: readOrigins(values.origin ?? []) }
  const onReady = (door: BrowserDoor): void => {
    io.out(JSON.stringify({ url: door.url }))
  }
  return serve(readEntrance(values, positionals, io.cwd), io, onReady, entry)
}

/** Opens the browser door, tells the caller its address, and closes it when the signal says so. */
export async function serve(
  entrance: Entrance,
  io: CommandIo,
  onReady: (door: BrowserDoor) => void,
  entry: BrowserEntry = { accounts: false, origins: [] },
): Promise<number> {
  const { paths, demo, workspace, showsCase = false } = entrance
  const services = await io.services({ paths, demo, workspace, showsCase, accounts: entry.accounts })
  const unopened = entrance.paths.length > 0 && services.library.roots().length === 0
  if (unopened) {
    io.err('None of the paths can be opened.')
    return 1
  }
  const app = createApp(services)
  const door = await openBrowserDoor((request) => app.fetch(request), entrance.port, entry)
  if (!door.ok) {
    io.err(`${door.refusal.reason} ${door.refusal.next ?? ''}`)
    return 1
  }
  onReady(door.value)
  askEarly(services)
  await new Promise<void>((stopped) => {
    if (io.signal.aborted) stopped()
    io.signal.addEventListener('abort', () => {
      stopped()
    })
  })
  await door.value.close()
  return 0
}
