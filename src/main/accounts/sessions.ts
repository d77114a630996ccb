import { createHash, randomBytes } from 'node:crypto'
import { accept, refuse } from '../../contract'
import type { Result } from '../../contract'
import { SignInDelay } from './sign-in-delay'
import { nameKey } from '../workspace/stored-raters'

/** A working day without a sign of life. */
const IDLE_MS = 10 * 3_600_000
/** A token is not good for longer, however busy. */
const LONGEST_MS = 7 * 24 * 3_600_000
const MOST_SESSIONS = 1_000
/** Checks of passwords at a time: each takes 19 MiB and a core. */
const MOST_CHECKS = 8
const TOKEN_BYTES = 32
/** Longer names are nobody's; what is counted by name stays small. */
const LONGEST_NAME = 80

interface Session {
  readonly raterId: string
  readonly beganMs: number
  readonly lastSeenMs: number
}

export interface SignInTry {
  readonly name: string
  /** Where it comes from: the peer's IP address. */
  readonly address: string
  /** Whose name it is; null: nobody's. */
  readonly raterId: string | null
  /** Checks the password; takes as long for nobody's name (`checkPassword(null, …)`). */
  readonly isRight: () => Promise<boolean>
}

/** Who is signed in. Kept in memory: a restart signs everybody out, and no token lies on a disk. */
export interface Sessions {
  /**
   * Gives a token of 256 random bits. Refused with `signed-out`: name or password is wrong, and the answer does not say
   * which; with `limit-reached`: too early after wrong ones, with the seconds to wait.
   */
  readonly signIn: (one: SignInTry) => Promise<Result<string>>
  /** The rater of a token, who is thereby seen; null: signed out. */
  readonly raterOf: (token: string) => string | null
  readonly end: (token: string) => void
  /** Signs a rater out everywhere, for a new password. */
  readonly endAllOf: (raterId: string) => void
}

/** Tokens are kept hashed: what reads the memory cannot sign in with it. */
const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex')

/** `nowMs`: any clock of milliseconds; best one that is never set back. */
export function createSessions({ nowMs }: { readonly nowMs: () => number }): Sessions {
  const sessions = new Map<string, Session>()
  const delay = new SignInDelay()
  let checks = 0

  function begin(raterId: string): string {
    const token = randomBytes(TOKEN_BYTES).toString('base64url')
    const now = nowMs()
    sessions.set(hashOf(token), { raterId, beganMs: now, lastSeenMs: now })
    // The least recently seen stands first.
    const oldest = sessions.size > MOST_SESSIONS ? sessions.keys().next() : null
    if (oldest !== null && oldest.done !== true) sessions.delete(oldest.value)
    return token
  }

  async function signIn({ name, address, raterId, isRight }: SignInTry): Promise<Result<string>> {
    const key = nameKey(name).slice(0, LONGEST_NAME)
    const now = nowMs()
    const waitMs = checks >= MOST_CHECKS ? 1_000 : delay.waitMs(key, address, now)
    if (waitMs > 0) return tooEarly(waitMs)
    delay.begin(key, address, now)
    checks += 1
    try {
      const fits = await isRight()
      if (!fits || raterId === null) return wrong
      delay.right(key, address)
      return accept(begin(raterId))
    } finally {
      checks -= 1
    }
  }

  function raterOf(token: string): string | null {
    const hash = hashOf(token)
    const session = sessions.get(hash)
    if (session === undefined) return null
    const now = nowMs()
    sessions.delete(hash)
    if (now - session.lastSeenMs > IDLE_MS || now - session.beganMs > LONGEST_MS) return null
    sessions.set(hash, { ...session, lastSeenMs: now })
    return session.raterId
  }

  return {
    signIn,
    raterOf,
    end: (token) => {
      sessions.delete(hashOf(token))
    },
    endAllOf: (raterId) => {
      for (const [hash, session] of sessions) if (session.raterId === raterId) sessions.delete(hash)
    },
  }
}

const wrong = refuse('signed-out', 'The name or the password is not right.', {
  next: 'Try again, or ask the owner of the workspace for a new password.',
})

const tooEarly = (waitMs: number): Result<never> =>
  refuse('limit-reached', 'There were too many wrong passwords.', {
    next: `Try again in ${Math.ceil(waitMs / 1000)} s.`,
  })
