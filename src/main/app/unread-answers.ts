import { accept, refuse } from '../../contract'
import type { Result } from '../../contract'

/**
 * Large answers that are under way, by who asked: each keeps its bytes in memory until it is read or given up, and who
 * asks for many and reads none keeps all of them. The same bytes in several answers are in memory once.
 */

/** Two of the largest photographs, and room for more than a page ever asks for at a time. */
export const MOST_UNREAD_BYTES = 512 * 2 ** 20

const underWay = new Map<string, Map<Uint8Array, number>>()

/** Takes note of an answer; what it gives is called once the answer is read to its end or given up. */
export function noteUnread(who: string, bytes: Uint8Array): Result<() => void> {
  const own = underWay.get(who) ?? new Map<Uint8Array, number>()
  const heldBytes = [...own.keys()].reduce((sum, one) => sum + one.length, 0)
  if (!own.has(bytes) && heldBytes > 0 && heldBytes + bytes.length > MOST_UNREAD_BYTES)
    return refuse('limit-reached', 'You have asked for more pictures than were read so far.', {
      next: 'Wait until those on their way are there, or close pages that you do not use, then try again.',
    })
  underWay.set(who, own.set(bytes, (own.get(bytes) ?? 0) + 1))
  let isOver = false
  return accept(() => {
    if (isOver) return
    isOver = true
    const left = (own.get(bytes) ?? 1) - 1
    if (left > 0) own.set(bytes, left)
    else own.delete(bytes)
    if (own.size === 0 && underWay.get(who) === own) underWay.delete(who)
  })
}
