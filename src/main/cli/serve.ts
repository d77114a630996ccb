import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { createApp } from '../app/create-app'
import { openBrowserDoor } from '../doors/browser'
import type { BrowserDoor } from '../doors/browser'
import { checkModelsEarly } from '../doors/check-models-early'
import { UsageError } from './command-io'
import type { CommandIo } from './command-io'

/** What both ways into the application are told on the command line. */
export interface Entrance {
  readonly paths: readonly string[]
  readonly demo: boolean
  /** 0: a free one. */
  readonly port: number
}

export const entranceOptions = { demo: { type: 'boolean' }, port: { type: 'string' } } as const

/** Paths become absolute; a port that is none is wrong usage. */
export function readEntrance(
  values: { readonly demo?: boolean | undefined; readonly port?: string | undefined },
  positionals: readonly string[],
  cwd: string,
): Entrance {
  const port = Number(values.port ?? '0')
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new UsageError(`--port ${values.port ?? ''} is not a port.`)
  }
  return { paths: positionals.map((path) => resolve(cwd, path)), demo: values.demo ?? false, port }
}

/** `margin serve`: one JSON line with the address, then it serves until Ctrl-C. */
export async function runServe(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: entranceOptions,
    strict: true,
    allowPositionals: true,
  })
  return serve(readEntrance(values, positionals, io.cwd), io, (door) => {
    io.out(JSON.stringify({ url: door.url }))
  })
}

/** Opens the browser door, tells the caller its address, and closes it when the signal says so. */
export async function serve(
  entrance: Entrance,
  io: CommandIo,
  onReady: (door: BrowserDoor) => void,
): Promise<number> {
  const services = await io.services({ paths: entrance.paths, demo: entrance.demo })
  const unopened = entrance.paths.length > 0 && services.library.roots().length === 0
  if (unopened) {
    io.err('None of the paths can be opened.')
    return 1
  }
  const app = createApp(services)
  const door = await openBrowserDoor((request) => app.fetch(request), entrance.port)
  if (!door.ok) {
    io.err(`${door.refusal.reason} ${door.refusal.next ?? ''}`)
    return 1
  }
  onReady(door.value)
  checkModelsEarly(services)
  await new Promise<void>((stopped) => {
    if (io.signal.aborted) stopped()
    io.signal.addEventListener('abort', () => {
      stopped()
    })
  })
  await door.value.close()
  return 0
}
