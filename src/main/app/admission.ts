import { setTimeout as sleep } from 'node:timers/promises'
import type { Context } from 'hono'
import { refuse } from '../../contract'
import type { Result } from '../../contract'

/**
 * Lets bodies in by their bytes: what is in memory together stays below a limit, and one person brings in one at a time.
 * The others wait for their turn; who waits too long is refused, and nothing of theirs was read.
 */
export interface Admission {
  /** `who`: the person who sends; `bytes`: what is declared, or the most that is read. */
  readonly inTurn: <T>(who: string, bytes: number, work: () => Promise<Result<T>>) => Promise<Result<T>>
}

const POLL_MS = 25

export function createAdmission(limitBytes: number, longestWaitMs: number): Admission {
  let heldBytes = 0
  const busy = new Set<string>()
  return {
    inTurn: async (who, bytes, work) => {
      const size = Math.min(bytes, limitBytes)
      for (let waitedMs = 0; busy.has(who) || heldBytes + size > limitBytes; waitedMs += POLL_MS) {
        if (waitedMs >= longestWaitMs)
          return refuse('limit-reached', 'Other files are being read.', { next: 'Try again in a moment.' })
        await sleep(POLL_MS)
      }
      busy.add(who)
      heldBytes += size
      try {
        return await work()
      } finally {
        busy.delete(who)
        heldBytes -= size
      }
    },
  }
}

/** The bytes that a request says it has; the most that would be read where it does not say. */
export function declaredBytes(c: Context, most: number): number {
  const declared = Number(c.req.header('content-length') ?? most)
  return Number.isFinite(declared) && declared >= 0 ? Math.min(declared, most) : most
}
