import { createHash, randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
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
/** Tries that are held or looked at in all; each is an open request and a few words. */
const MOST_HELD_IN_ALL = 1_000
const TOKEN_BYTES = 32
/** Longer names are nobody's; what is counted by name stays small. */
const LONGEST_NAME = 80

interface Session {
  readonly raterId: string
  /** The password hash that it began with. */
  readonly credential: string
  readonly beganMs: number
  readonly lastSeenMs: number
}

export interface SignInTry {
  readonly name: string
  /** Where it comes from: the peer's IP address. */
  readonly address: string
  /** Whose name it is; null: nobody's. */
  readonly raterId: string | null
  /** What the password is checked against now: a session ends when it is another one. */
  readonly credential: string
  /** Checks the password; takes as long for nobody's name (`checkPassword(null, …)`). */
  readonly isRight: () => Promise<boolean>
}

/** Who is signed in. Kept in memory: a restart signs everybody out, and no token lies on a disk. */
export interface Sessions {
  /**
   * Gives a token of 256 random bits. Refused with `signed-out`: name or password is wrong, and the answer does not say
   * which; with `limit-reached`: several tries of the name wait at this place already. After wrong ones it takes up to ten
   * seconds.
   */
  readonly signIn: (one: SignInTry) => Promise<Result<string>>
  /** The rater of a token, who is thereby seen, and the credential of the sign-in; null: signed out. */
  readonly raterOf: (token: string) => { readonly raterId: string; readonly credential: string } | null
  readonly end: (token: string) => void
  /** Ends every other session of whoever has this token. */
  readonly endOthersOf: (token: string) => void
  /** Signs a rater out everywhere, for a new password. */
  readonly endAllOf: (raterId: string) => void
}

/** Tokens are kept hashed: what reads the memory cannot sign in with it. */
const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex')

/** `nowMs`: any clock of milliseconds; best one that is never set back. `wait`: fulfils after so many of them. */
export function createSessions({
  nowMs,
  wait = sleep,
}: {
  readonly nowMs: () => number
  readonly wait?: (ms: number) => Promise<unknown>
}): Sessions {
  const sessions = new Map<string, Session>()
  const delay = new SignInDelay()
  const inTurn = limited(MOST_CHECKS)
  let held = 0

  function begin(raterId: string, credential: string): string {
    const token = randomBytes(TOKEN_BYTES).toString('base64url')
    const now = nowMs()
    sessions.set(hashOf(token), { raterId, credential, beganMs: now, lastSeenMs: now })
    // The least recently seen stands first.
    const oldest = sessions.size > MOST_SESSIONS ? sessions.keys().next() : null
    if (oldest !== null && oldest.done !== true) sessions.delete(oldest.value)
    return token
  }

  async function signIn({ name, address, raterId, credential, isRight }: SignInTry): Promise<Result<string>> {
    const key = nameKey(name).slice(0, LONGEST_NAME)
    const waitMs = held >= MOST_HELD_IN_ALL ? null : delay.take(key, address, nowMs())
    if (waitMs === null) return tooMany
    held += 1
    try {
      if (waitMs > 0) await wait(waitMs)
      const fits = await inTurn(isRight)
      if (!fits || raterId === null) return wrong
      delay.right(key, address)
      return accept(begin(raterId, credential))
    } finally {
      held -= 1
      delay.leave(key, address)
    }
  }

  function raterOf(token: string): ReturnType<Sessions['raterOf']> {
    const hash = hashOf(token)
    const session = sessions.get(hash)
    if (session === undefined) return null
    const now = nowMs()
    sessions.delete(hash)
    if (now - session.lastSeenMs > IDLE_MS || now - session.beganMs > LONGEST_MS) return null
    sessions.set(hash, { ...session, lastSeenMs: now })
    return { raterId: session.raterId, credential: session.credential }
  }

  return {
    signIn,
    raterOf,
    end: (token) => {
      sessions.delete(hashOf(token))
    },
    endOthersOf: (token) => {
      endOthers(sessions, hashOf(token))
    },
    endAllOf: (raterId) => {
      for (const [hash, session] of sessions) if (session.raterId === raterId) sessions.delete(hash)
    },
  }
}

function endOthers(sessions: Map<string, Session>, own: string): void {
  const whose = sessions.get(own)?.raterId
  for (const [hash, { raterId }] of sessions) if (hash !== own && raterId === whose) sessions.delete(hash)
}

const wrong = refuse('signed-out', 'The name or the password is not right.', {
  next: 'Try again, or ask the owner of the workspace for a new password.',
})

const tooMany = refuse('limit-reached', 'Several tries under this name wait for their answer already.', {
  next: 'Wait for their answer, then try again.',
})

/** At most `most` at a time, the others in the order in which they came. */
function limited(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = []
  let running = 0
  return async (work) => {
    if (running >= most) await new Promise<void>((next) => waiting.push(next))
    running += 1
    try {
      return await work()
    } finally {
      running -= 1
      waiting.shift()?.()
    }
  }
}
