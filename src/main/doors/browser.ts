import { once } from 'node:events'
import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { accept, refuse } from '../../contract'
import type { Result } from '../../contract'
import { openBrowserSession } from './browser-session'
import type { Fetch } from './guard'

/** This computer only. Another address needs accounts and TLS, which this door has not. */
const LOOPBACK = '127.0.0.1'

export interface BrowserDoor {
  readonly url: string
  readonly port: number
  readonly close: () => Promise<void>
}

/**
 * Serves the application to browsers of this computer. Port 0 takes a free one. Refused: a port that is taken or not
 * allowed.
 */
export async function openBrowserDoor(app: Fetch, port: number): Promise<Result<BrowserDoor>> {
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
  const session = openBrowserSession(app, taken)
  const listener = getRequestListener(session.fetch, { overrideGlobalObjects: false })
  server.on('request', (request, response) => {
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
