import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { accept, refuse } from '../../contract'
import type { Result } from '../../contract'
import { DOOR_HEADERS, ORIGIN_HEADER, PEER_HEADER } from '../app/asking'
import { openBrowserSession } from './browser-session'
import type { BrowserEntry } from './browser-session'
import type { Fetch } from './guard'

/** This computer only. Another address needs accounts and TLS, which this door has not. */
const LOOPBACK = '127.0.0.1'

/** A connection that has not asked for anything in this time is let go. */
const SILENT_MS = 30_000

/** Behind a proxy that the start command named, the proxy says who asks. */
function peerOf(request: IncomingMessage, entry: BrowserEntry | undefined): string {
  const forwarded = request.headers['x-forwarded-for']
  const first = (Array.isArray(forwarded) ? forwarded[0] : forwarded)?.split(',').at(-1)?.trim()
  const behindProxy = entry !== undefined && entry.origins.length > 0
  return (behindProxy ? first : undefined) ?? request.socket.remoteAddress ?? ''
}

/** The origin under which the browser knows the door: that of the proxy in front, where the host is the proxy's. */
function originOf({ headers: { host = '' } }: IncomingMessage, entry: BrowserEntry | undefined): string {
  return entry?.origins.find((origin) => new URL(origin).host === host) ?? `http://${host}`
}

/**
 * Replaces what the request itself says under those names, in both places where a request is read: its raw headers and,
 * where it is asked for one name, those that Node has parsed.
 */
function nameOrigin(request: IncomingMessage, entry: BrowserEntry | undefined): void {
  const pairs = Array.from({ length: request.rawHeaders.length / 2 }, (_, index) =>
    request.rawHeaders.slice(2 * index, 2 * index + 2),
  )
  const others = pairs.filter(([name]) => !DOOR_HEADERS.includes(name?.toLowerCase() ?? ''))
  const named = { [PEER_HEADER]: peerOf(request, entry), [ORIGIN_HEADER]: originOf(request, entry) }
  request.rawHeaders = [...others.flat(), ...Object.entries(named).flat()]
  Object.assign(request.headers, named)
}

export interface BrowserDoor {
  readonly url: string
  readonly port: number
  readonly close: () => Promise<void>
}

/**
 * Serves the application to browsers of this computer. Port 0 takes a free one. Refused: a port that is taken or not
 * allowed.
 */
export async function openBrowserDoor(
  app: Fetch,
  port: number,
  entry?: BrowserEntry,
): Promise<Result<BrowserDoor>> {
  const server = createServer()
  server.on('connection', (socket) => {
    // One that never asks goes, and so does one whose other end has gone without a word.
    socket.setTimeout(SILENT_MS, () => socket.destroy())
    socket.setKeepAlive(true, SILENT_MS)
  })
  server.listen(port, LOOPBACK)
  try {
    await once(server, 'listening')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    return refuse('request-invalid', `Port ${port} cannot be used (${code}).`, {
      next: 'Leave --port out: Margin then takes a free one.',
    })
  }
  const address = server.address()
  const taken = typeof address === 'object' && address !== null ? address.port : port
  const session = openBrowserSession(app, taken, entry)
  const listener = getRequestListener(session.fetch, { overrideGlobalObjects: false })
  server.on('request', (request, response) => {
    request.socket.setTimeout(0)
    nameOrigin(request, entry)
    void listener(request, response)
  })
  return accept({
    url: session.url,
    port: taken,
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  })
}
