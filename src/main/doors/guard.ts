import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** Takes a request, gives a response: a hono app, or a door in front of one. */
export type Fetch = (request: Request) => Response | Promise<Response>

/** Why a request does not come in. The words of each stand on the page that answers it (refused-page.ts). */
export type GuardRefusal = 'host' | 'origin' | 'session' | 'link'

/**
 * Same-origin rules, for both doors. A page of another site, or of another program on this computer, can make the
 * browser send requests here; it cannot make it hide where they come from. `Sec-Fetch-Site` is absent outside browsers.
 */
export function foreignRequest(headers: Headers, ownOrigin: string): boolean {
  const origin = headers.get('origin')
  if (origin !== null && origin !== ownOrigin) return true
  const site = headers.get('sec-fetch-site')
  return site !== null && site !== 'same-origin' && site !== 'none'
}

/** A secret that is compared in constant time. */
export interface Secret {
  readonly text: string
  readonly is: (candidate: string) => boolean
}

/** 256 random bits. */
export function createSecret(): Secret {
  const text = randomBytes(32).toString('base64url')
  const digest = (value: string): Buffer => createHash('sha256').update(value).digest()
  const own = digest(text)
  return { text, is: (candidate) => timingSafeEqual(own, digest(candidate)) }
}
