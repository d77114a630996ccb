import type { Attempt, Refusal } from '../../contract'

/** "3 min 42 s". */
export function durationWords(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  const minutes = Math.floor(seconds / 60)
  return minutes === 0 ? `${seconds} s` : `${minutes} min ${seconds % 60} s`
}

/** "11:04:52" in the reader's own time zone, from an instant of the store. */
export const timeOfDay = (instant: string): string =>
  new Date(instant).toLocaleTimeString('en-GB', { hour12: false })

/** "5 January 2026" in the reader's own time zone, from an instant of the store. */
export const dayOf = (instant: string): string =>
  new Date(instant).toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric' })

const ORDINALS = ['first', 'second', 'third', 'fourth', 'fifth']

export const attemptWords = ({ number, blind }: Attempt): string =>
  `${ORDINALS[number - 1] ?? `${number}th`} attempt${blind ? ', blind' : ''}`

/** "7c1e…90ab": enough of a digest to compare by eye. */
export const shortDigest = (digest: string): string => `${digest.slice(0, 4)}…${digest.slice(-4)}`

const ALONE = 'What is not on disk is in this page alone: save a copy before you close it.'
const STAY = 'Leave this page open: what you drew is kept here and tried again. Save a copy if it stays so.'

/** Why gestures do not reach the disk, and what to do: never to reload, which would lose what is only in the page. */
export function troubleWords(trouble: Refusal): Refusal {
  const { code, reason } = trouble
  if (code === 'no-answer') return { code, reason: 'Margin does not answer.', next: STAY }
  if (code === 'internal') return { code, reason, next: STAY }
  return code === 'workspace-failed'
    ? { code, reason, next: `${ALONE} ${trouble.next ?? ''}`.trim() }
    : trouble
}
