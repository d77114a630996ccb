import { cookieValue, createSecret, foreignRequest } from './guard'
import type { Fetch } from './guard'
import { moveOnPage, refusedPage } from './refused-page'

export const TOKEN_PARAMETER = 'token'

/** The guarded application and the address that lets one browser in. */
export interface BrowserSession {
  readonly fetch: Fetch
  /** Good for one visit: the token is exchanged for a cookie that no script can read. */
  readonly url: string
}

/**
 * Puts the guard of the browser door in front of an application that is served on 127.0.0.1:`port`.
 *
 * In: the Host is ours (else DNS rebinding), the Origin is ours or absent, the fetch was not started by another site,
 * and the session cookie is there. The token of the start address gives the cookie, once.
 */
export function openBrowserSession(app: Fetch, port: number): BrowserSession {
  const token = createSecret()
  const session = createSecret()
  // Cookies do not know ports: two Margins on one computer need two names.
  const cookieName = `margin-${port}`
  const hosts = new Set([`127.0.0.1:${port}`, `localhost:${port}`])
  let tokenUsed = false

  function enter(request: Request, candidate: string): Response {
    const prefetch = request.headers.get('sec-purpose') !== null
    if (request.method !== 'GET' || prefetch || tokenUsed || !token.is(candidate)) return refusedPage('link')
    tokenUsed = true
    const site = request.headers.get('sec-fetch-site')
    const cameByLink = site !== null && site !== 'none' && site !== 'same-origin'
    const answer = cameByLink ? moveOnPage() : new Response(null, { status: 303, headers: { location: '/' } })
    answer.headers.set('cache-control', 'no-store')
    answer.headers.set('set-cookie', `${cookieName}=${session.text}; Path=/; HttpOnly; SameSite=Strict`)
    return answer
  }

  function fetch(request: Request): Response | Promise<Response> {
    const host = request.headers.get('host') ?? ''
    if (!hosts.has(host)) return refusedPage('host')
    const url = new URL(request.url)
    const known = session.is(cookieValue(request.headers.get('cookie'), cookieName) ?? '')
    const candidate = url.searchParams.get(TOKEN_PARAMETER)
    if (url.pathname === '/' && candidate !== null) {
      return known
        ? new Response(null, { status: 303, headers: { location: '/' } })
        : enter(request, candidate)
    }
    if (foreignRequest(request.headers, `http://${host}`)) return refusedPage('origin')
    return known ? app(request) : refusedPage('session')
  }

  return { fetch, url: `http://127.0.0.1:${port}/?${TOKEN_PARAMETER}=${token.text}` }
}
