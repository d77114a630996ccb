import type { Context, MiddlewareHandler } from 'hono'
import { getCookie } from 'hono/cookie'
import type { ExposureKind, Rater, Result, Subject } from '../../contract'
import { accept, refuse } from '../../contract'
import type { Services } from './services'
import { answerJson, answerRefusal } from './answer'

declare module 'hono' {
  interface ContextVariableMap {
    /** Who asks; null: nobody signed in. */
    rater: Rater | null
  }
}

/** Open to a browser that has not signed in: the page itself, and what it needs to sign in. */
const openToAll = new Set(['/api/session', '/api/status'])

/** Cookies do not know ports: two Margins on one computer need two names. */
export const raterCookie = (c: Context): string => {
  const { port } = new URL(c.req.url)
  return `margin-rater${port === '' ? '' : `-${port}`}`
}

/** Finds out who asks. With accounts, everything but the page and signing in is refused to nobody. */
export function identify({ accounts }: Services): MiddlewareHandler {
  return async (c, next) => {
    if (!c.req.path.startsWith('/api/')) return next()
    const rater = await accounts.raterOf(getCookie(c, raterCookie(c)) ?? null)
    c.set('rater', rater)
    if (rater === null && accounts.required && !openToAll.has(c.req.path))
      return answerRefusal(c, signedOut.refusal)
    return next()
  }
}

const signedOut = refuse('signed-out', 'Nobody is signed in here.', { next: 'Sign in, then try again.' })

/** The rater who asks, or `signed-out`. */
export function askingRater(c: Context): Result<Rater> {
  const { rater } = c.var
  return rater === null ? signedOut : accept(rater)
}

/** A route for a rater who is known: the result as JSON, or its refusal; nobody is refused. */
export const forRater =
  (answer: (c: Context, rater: Rater) => Promise<Result<unknown>>) =>
  async (c: Context): Promise<Response> => {
    const rater = askingRater(c)
    return rater.ok ? answerJson(c, await answer(c, rater.value)) : answerRefusal(c, rater.refusal)
  }

/** Goes on with what was parsed, or refuses as parsing did. */
export const onParsed = async <T, U>(
  parsed: Result<T>,
  work: (value: T) => Promise<Result<U>>,
): Promise<Result<U>> => (parsed.ok ? work(parsed.value) : parsed)

/** Refused to anybody but the owner, where there are accounts. */
export function ownerOnly(c: Context, what: string): Result<null> {
  const { rater } = c.var
  if (rater === null || rater.role === 'owner') return accept(null)
  return refuse('not-allowed', `${what} is for the owner of this workspace.`, { next: 'Ask the owner.' })
}

/**
 * Before anything but the image itself leaves: refused with `blind`, or noted in the exposure log. Where nobody is
 * known because there is no workspace, nothing is blind and nothing can be noted.
 */
export async function release(
  c: Context,
  { disclosure }: Services,
  subject: Subject,
  kind: ExposureKind,
  detail: string,
): Promise<Result<null>> {
  const { rater } = c.var
  if (rater === null) return accept(null)
  const released = await disclosure.release(rater, subject, kind, detail)
  // What is not open has nothing to give: the question itself is refused by whom it was put to.
  return !released.ok && released.refusal.code === 'not-found' ? accept(null) : released
}
