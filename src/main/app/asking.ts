import type { Context, MiddlewareHandler } from 'hono'
import { getCookie } from 'hono/cookie'
import type { z } from 'zod'
import type { ExposureKind, Rater, Refusal, Result, Subject } from '../../contract'
import { accept, refuse } from '../../contract'
import type { Services } from './services'
import { answerJsonInTurns, answerRefusal, parseBody } from './answer'

declare module 'hono' {
  interface ContextVariableMap {
    /** Who asks; null: nobody signed in. */
    rater: Rater | null
    /** The rater came in by a password that was given out once. */
    mustChangePassword: boolean
    /** Why nobody is known where nobody signs in; null: somebody is, or signs in. */
    nobodyBecause: Refusal | null
  }
}

/** Open to a browser that has not signed in: the page itself, and what it needs to sign in. */
const openToAll = new Set(['/api/session', '/api/session/end', '/api/status'])
/** And what a rater may ask who came in by a password that was given out once. */
const PASSWORD_PATH = '/api/session/password'

/** The origin under which the browser reached the door, as the door says; a proxy may have taken TLS off. */
export const ORIGIN_HEADER = 'x-margin-origin'
/** Where a request comes from, as the door says, for slowing down guesses of passwords. */
export const PEER_HEADER = 'x-margin-peer'
/** What a door says of a request; what the request itself says under these names is nobody's word, and goes. */
export const DOOR_HEADERS: readonly string[] = [PEER_HEADER, ORIGIN_HEADER]
const originOf = (c: Context): URL => new URL(c.req.header(ORIGIN_HEADER) ?? c.req.url)

/** Over TLS the cookie goes nowhere else (`Secure`), and to no other port of the host (`__Host-`, RFC 6265bis 4.1.3). */
export const isSecure = (c: Context): boolean => originOf(c).protocol === 'https:'

/** Cookies do not know ports: two Margins on one computer need two names. */
export const raterCookie = (c: Context): string => {
  const { port } = originOf(c)
  return `${isSecure(c) ? '__Host-' : ''}margin-rater${port === '' ? '' : `-${port}`}`
}

/** The rater that a page believes to act for: two tabs of one browser share a cookie, and so may be two people. */
const PAGE_RATER_HEADER = 'x-margin-rater'
const otherPerson = refuse('signed-out', 'Another person has signed in in this browser.', {
  next: 'Sign in again here; what you drew and is not on disk yet stays in this page.',
})

/** Finds out who asks. With accounts, everything but the page and signing in is refused to nobody. */
export function identify({ accounts }: Services): MiddlewareHandler {
  return async (c, next) => {
    if (!c.req.path.startsWith('/api/')) return next()
    const asking = await accounts.raterOf(getCookie(c, raterCookie(c)) ?? null)
    const rater = asking?.rater ?? null
    c.set('rater', rater)
    c.set('mustChangePassword', asking?.mustChangePassword ?? false)
    c.set('nobodyBecause', rater === null && !accounts.required ? await accounts.trouble() : null)
    const believed = c.req.header(PAGE_RATER_HEADER)
    if (believed !== undefined && rater !== null && believed !== rater.raterId && !openToAll.has(c.req.path))
      return answerRefusal(c, otherPerson.refusal)
    if (rater === null && accounts.required && !openToAll.has(c.req.path))
      return answerRefusal(c, signedOut.refusal)
    if (c.var.mustChangePassword && c.req.path !== PASSWORD_PATH && !openToAll.has(c.req.path))
      return answerRefusal(c, ownPasswordFirst.refusal)
    return next()
  }
}

const signedOut = refuse('signed-out', 'Nobody is signed in here.', { next: 'Sign in, then try again.' })

const ownPasswordFirst = refuse('signed-out', 'The password that you were given lets in this once.', {
  next: 'Choose one of your own.',
})

const unnoted = (trouble: Refusal): Refusal => ({
  ...trouble,
  reason: `It cannot be noted that this was shown, and it is not shown without: ${trouble.reason}`,
})

/** The rater who asks; else `signed-out`, or why nobody can be known here. */
export function askingRater(c: Context): Result<Rater> {
  const { rater, nobodyBecause } = c.var
  if (rater !== null) return accept(rater)
  return nobodyBecause === null ? signedOut : { ok: false, refusal: nobodyBecause }
}

/** A route for a rater who is known: the result as JSON, or its refusal; nobody is refused. */
export const forRater =
  (answer: (c: Context, rater: Rater) => Promise<Result<unknown>>) =>
  async (c: Context): Promise<Response> => {
    const rater = askingRater(c)
    if (!rater.ok) return answerRefusal(c, rater.refusal)
    const answered = await answer(c, rater.value)
    return answerJsonInTurns(c, answered)
  }

/** The same for a route that is sent something: its body, parsed, or the refusal of parsing. */
export const forRaterWith = <S extends z.ZodType>(
  schema: S,
  answer: (rater: Rater, request: z.infer<S>, c: Context) => Promise<Result<unknown>>,
) =>
  forRater(async (c, rater) => onParsed(await parseBody(c, schema), (request) => answer(rater, request, c)))

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
 * known because there is no workspace, it is refused as that is: what cannot be noted would let a later reading of the
 * image count as blind.
 */
export async function release(
  c: Context,
  { accounts, disclosure }: Services,
  subject: Subject,
  kind: ExposureKind,
  detail: string,
): Promise<Result<null>> {
  const { rater } = c.var
  if (rater === null) {
    const trouble = await accounts.trouble()
    return trouble === null ? accept(null) : { ok: false, refusal: unnoted(trouble) }
  }
  const released = await disclosure.release(rater, subject, kind, detail)
  // What is not open has nothing to give: the question itself is refused by whom it was put to.
  return !released.ok && released.refusal.code === 'not-found' ? accept(null) : released
}

/** Whether it could be given now: refused as `release` would be. Nothing is noted, since nothing is given yet. */
export async function isGivable(c: Context, services: Services, subject: Subject): Promise<Result<null>> {
  if (c.var.rater !== null) return isWithheld(c, services, subject)
  const trouble = await services.accounts.trouble()
  return trouble === null ? accept(null) : { ok: false, refusal: unnoted(trouble) }
}

/** For what goes on after the question: who asked is still signed in, and it is still not withheld. */
export async function isStillGiven(c: Context, services: Services, subject: Subject): Promise<Result<null>> {
  const { accounts } = services
  if (accounts.required && (await accounts.raterOf(getCookie(c, raterCookie(c)) ?? null)) === null)
    return signedOut
  return isWithheld(c, services, subject)
}

/** Refused with `blind` where it is withheld from who asks; nothing is noted, since nothing is given. */
export async function isWithheld(
  c: Context,
  { disclosure }: Services,
  subject: Subject,
): Promise<Result<null>> {
  const { rater } = c.var
  if (rater === null) return accept(null)
  const withheld = await disclosure.withheld(rater, subject)
  if (!withheld.ok) return withheld.refusal.code === 'not-found' ? accept(null) : withheld
  if (withheld.value === null) return accept(null)
  return refuse('blind', withheld.value.reason, { next: withheld.value.until })
}
