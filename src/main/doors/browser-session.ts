import { parse, serialize } from 'hono/utils/cookie'
import { createSecret, foreignRequest } from './guard'
import type { Fetch } from './guard'
import { moveOnPage, refusedPage } from './refused-page'

export const TOKEN_PARAMETER = 'token'

/** How people come in by the browser door. */
export interface BrowserEntry {
  /** Raters sign in by themselves: any browser gets the page, and nothing but the page without signing in. */
  readonly accounts: boolean
  /** Further origins (scheme, host, port) under which a proxy in front reaches the door. */
  readonly origins: readonly string[]
}

/** The guarded application and the address that lets one browser in. */
export interface BrowserSession {
  readonly fetch: Fetch
  /** Good for one visit: the token is exchanged for a cookie that no script can read. With accounts, good for all. */
  readonly url: string
}

/**
 * Puts the guard of the browser door in front of an application that is served on 127.0.0.1:`port`.
 *
 * In: the Host is ours (else DNS rebinding), the Origin is ours or absent, the fetch was not started by another site,
 * and the session cookie is there. The token of the start address gives the cookie, once.
 */
export function openBrowserSession(
  app: Fetch,
  port: number,
  entry: BrowserEntry = { accounts: false, origins: [] },
): BrowserSession {
  const token = createSecret()
  const session = createSecret()
  // Cookies do not know ports: two Margins on one computer need two names.
  const cookieName = `margin-${port}`
  const own = [`http://127.0.0.1:${port}`, `http://localhost:${port}`]
  const originOfHost = new Map([...own, ...entry.origins].map((origin) => [new URL(origin).host, origin]))
  let tokenUsed = false

  function enter(request: Request, candidate: string): Response {
    const prefetch = request.headers.get('sec-purpose') !== null
    if (request.method !== 'GET' || prefetch || tokenUsed || !token.is(candidate)) return refusedPage('link')
    tokenUsed = true
    const site = request.headers.get('sec-fetch-site')
    const cameByLink = site !== null && site !== 'none' && site !== 'same-origin'
    const answer = cameByLink ? moveOnPage() : new Response(null, { status: 303, headers: { location: '/' } })
    answer.headers.set('cache-control', 'no-store')
    answer.headers.set(
      'set-cookie',
      serialize(cookieName, session.text, { path: '/', httpOnly: true, sameSite: 'Strict' }),
    )
    return answer
  }

  function fetch(request: Request): Response | Promise<Response> {
    const host = request.headers.get('host') ?? ''
    const ownOrigin = originOfHost.get(host)
    if (ownOrigin === undefined) return refusedPage('host')
    if (entry.accounts)
      return foreignRequest(request.headers, ownOrigin) ? refusedPage('origin') : app(request)
    const url = new URL(request.url)
    const known = session.is(parse(request.headers.get('cookie') ?? '', cookieName)[cookieName] ?? '')
    const candidate = url.searchParams.get(TOKEN_PARAMETER)
    if (url.pathname === '/' && candidate !== null) {
      return known
        ? new Response(null, { status: 303, headers: { location: '/' } })
        : enter(request, candidate)
    }
    if (foreignRequest(request.headers, ownOrigin)) return refusedPage('origin')
    return known ? app(request) : refusedPage('session')
  }

  const start = `http://127.0.0.1:${port}/`
  return { fetch, url: entry.accounts ? start : `${start}?${TOKEN_PARAMETER}=${token.text}` }
}
