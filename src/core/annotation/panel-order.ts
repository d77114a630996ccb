/**
 * Orders that nobody chose: each rater's order of cases with hidden repeats, and the numbers that peers carry in one
 * case. All are functions of the panel's seed by the counter-based generator, so that they can be drawn again.
 */
import type { PanelProtocol } from '../../contract'
import { philoxBlock, STREAM_CASES, uniforms, type Words4 } from '../sampling/counter-rng'
import type { AssignedCase } from './blinding'

/** Wanted number of places from a case to its repeat, where the panel is long enough. */
const REPEAT_DISTANCE = 10

/** Least number of places from the first showing of a case to its repeat in a panel of so many subjects; at least 1. */
export const repeatDistance = (subjectCount: number): number =>
  Math.max(1, Math.min(REPEAT_DISTANCE, Math.floor(subjectCount / 2)))

/** How many of the subjects come a second time. */
export const repeatCount = (subjectCount: number, repeatShare: number): number =>
  Math.round(subjectCount * repeatShare)

/**
 * The places of all raters: for each rater (in the order given) every subject once, in an order of the rater's own,
 * and `repeatShare` of them a second time, `repeatDistance` or more places later, which ones drawn for each rater.
 * Positions are 1, 2, … . The i-th rater's order depends on the seed, on i and on how many subjects there are.
 * `subjects` and `raterIds` each without doubles.
 */
export const drawPanelCases = ({
  protocol,
  subjects,
  raterIds,
}: {
  readonly protocol: Pick<PanelProtocol, 'seed' | 'repeatShare'>
  readonly subjects: readonly string[]
  readonly raterIds: readonly string[]
}): readonly Omit<AssignedCase, 'panelId'>[] =>
  raterIds.flatMap((raterId, raterIndex) =>
    drawOrder(protocol, raterIndex, subjects).map(({ subject, isRepeat }, index) => ({
      raterId,
      position: index + 1,
      subject,
      isRepeat,
    })),
  )

interface Place {
  readonly subject: string
  readonly isRepeat: boolean
}

function drawOrder(
  { seed, repeatShare }: Pick<PanelProtocol, 'seed' | 'repeatShare'>,
  raterIndex: number,
  subjects: readonly string[],
): readonly Place[] {
  const count = subjects.length
  const draws = uniforms(seed, raterIndex, STREAM_CASES, 4 * count)
  let drawn = 0
  /** A whole number below `limit`. */
  const below = (limit: number): number => Math.floor((draws[drawn++] ?? 0) * limit)

  const first = shuffled(subjects, below)
  const repeats = repeatCount(count, repeatShare)
  const distance = repeatDistance(count)
  // Only these can come again far enough from their first showing when little else follows.
  const early = shuffled(first.slice(0, count - distance + 1), below)
  if (repeats > early.length) {
    // So many repeats are a second round: the early ones in a new order, then of the late ones as many as are asked for.
    const late = shuffled(first.slice(count - distance + 1), below)
    return [...shownFirst(first), ...shownAgain([...early, ...late].slice(0, repeats))]
  }
  // Each repeat goes before the first showing of another case, `distance` or more after its own; or to the end.
  const placeOf = new Map(first.map((subject, place) => [subject, place]))
  const before = new Map<number, string[]>()
  for (const subject of early.slice(0, repeats)) {
    const nearest = (placeOf.get(subject) ?? 0) + distance
    const place = nearest + below(count - nearest + 1)
    before.set(place, [...(before.get(place) ?? []), subject])
  }
  return [...first.keys(), count].flatMap((place) => [
    ...shownAgain(before.get(place) ?? []),
    ...shownFirst(first.slice(place, place + 1)),
  ])
}

const shownFirst = (subjects: readonly string[]): readonly Place[] =>
  subjects.map((subject) => ({ subject, isRepeat: false }))
const shownAgain = (subjects: readonly string[]): readonly Place[] =>
  subjects.map((subject) => ({ subject, isRepeat: true }))

/** Fisher–Yates: every order equally likely. */
function shuffled(subjects: readonly string[], below: (limit: number) => number): readonly string[] {
  const order = [...subjects]
  for (let left = order.length; left > 1; left -= 1) {
    const other = below(left)
    const [a, b] = [order[left - 1], order[other]]
    if (a === undefined || b === undefined) continue
    order[left - 1] = b
    order[other] = a
  }
  return order
}

/**
 * The numbers (1, 2, …) that peers carry for one rater in one case ("Peer 1"): drawn anew for every panel seed, subject
 * and rater who asks, the same at every asking. They do not depend on the order given nor on anything that a peer is
 * called. `peerIds`: those who have a reading; where one is added the others keep their order.
 */
export function peerNumbers({
  seed,
  subject,
  raterId,
  peerIds,
}: {
  readonly seed: number
  readonly subject: string
  readonly raterId: string
  readonly peerIds: readonly string[]
}): ReadonlyMap<string, number> {
  const ranked = [...new Set(peerIds)]
    .map((peerId) => ({ peerId, rank: scramble(JSON.stringify([seed, subject, raterId, peerId])) }))
    .sort((a, b) => (a.rank < b.rank || (a.rank === b.rank && a.peerId < b.peerId) ? -1 : 1))
  return new Map(ranked.map(({ peerId }, index) => [peerId, index + 1]))
}

/** A text's place in a random order, as 32 hex digits: its bytes go through the generator 8 at a time. */
function scramble(text: string): string {
  const bytes = new TextEncoder().encode(text)
  const wordAt = (at: number): number =>
    [0, 1, 2, 3].reduce((word, byte) => word + (bytes[at + byte] ?? 0) * 2 ** (8 * byte), 0)
  let state: Words4 = [bytes.length, STREAM_CASES, 0, 0]
  for (let at = 0; at < bytes.length; at += 8) {
    state = philoxBlock([wordAt(at), wordAt(at + 4), state[0], state[1]], [state[2], state[3]])
  }
  return state.map((word) => word.toString(16).padStart(8, '0')).join('')
}
