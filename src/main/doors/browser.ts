import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { accept, refuse } from '../../contract'
import type { Result } from '../../contract'
import { openBrowserSession } from './browser-session'
import type { BrowserEntry } from './browser-session'
import type { Fetch } from './guard'

/** This computer only. Another address needs accounts and TLS, which this door has not. */
const LOOPBACK = '127.0.0.1'

/** Where a request comes from, for slowing down guesses of passwords. Set by the door, whatever the request says. */
export const PEER_HEADER = 'x-margin-peer'

/** Behind a proxy that the start command named, the proxy says who asks. */
function peerOf(request: IncomingMessage, entry: BrowserEntry | undefined): string {
  const forwarded = request.headers['x-forwarded-for']
  const first = (Array.isArray(forwarded) ? forwarded[0] : forwarded)?.split(',').at(-1)?.trim()
  const behindProxy = entry !== undefined && entry.origins.length > 0
  return (behindProxy ? first : undefined) ?? request.socket.remoteAddress ?? ''
}

/** Replaces what the request itself says under that name. Requests are read from their raw headers. */
function namePeer(request: IncomingMessage, entry: BrowserEntry | undefined): void {
  const pairs = Array.from({ length: request.rawHeaders.length / 2 }, (_, index) =>
    request.rawHeaders.slice(2 * index, 2 * index + 2),
  )
  const others = pairs.filter(([name]) => name?.toLowerCase() !== PEER_HEADER)
  request.rawHeaders = [...others.flat(), PEER_HEADER, peerOf(request, entry)]
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
    namePeer(request, entry)
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
