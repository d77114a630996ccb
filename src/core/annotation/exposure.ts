/** What a rater had been shown before the commit, in the words that go with every export. */
import type { Attempt, Exposure, ExposureKind } from '../../contract'

/**
 * The exposures that came before the commit, by the store's clock, which only rises; all of them for an open attempt.
 * One at the very instant of the commit counts: a reading is never called blind in doubt.
 */
export const exposuresBefore = (
  exposures: readonly Exposure[],
  committedAt: string | null,
): readonly Exposure[] =>
  // The instants of the contract are of one form (UTC, milliseconds), so that their texts are in order of time.
  committedAt === null ? exposures : exposures.filter(({ at }) => at <= committedAt)

const KINDS: readonly (readonly [ExposureKind, string])[] = [
  ['model', 'model samples'],
  ['peers', 'peers’ outlines'],
  ['consensus', 'consensus'],
  ['agreement', 'agreement figures'],
  ['counts', 'counts'],
]

/**
 * "blind"; "after model samples (12 s), peers’ outlines (time not known)"; "not blind, nothing shown" for an attempt
 * that was not opened as a blind one. `exposures`: all of this rater and subject. Times of one kind are summed; an
 * entry without a time is the release of something whose time on screen stands in other entries, where the page told it.
 */
export function exposureWords(
  attempt: Pick<Attempt, 'blind' | 'committedAt'>,
  exposures: readonly Exposure[],
): string {
  const before = exposuresBefore(exposures, attempt.committedAt)
  if (before.length === 0) return attempt.blind ? 'blind' : 'not blind, nothing shown'
  const shown = KINDS.flatMap(([kind, words]) => {
    const ofKind = before.filter((exposure) => exposure.kind === kind)
    return ofKind.length === 0 ? [] : [`${words} (${durationWords(ofKind)})`]
  })
  return `after ${shown.join(', ')}`
}

function durationWords(exposures: readonly Exposure[]): string {
  const timesMs = exposures.flatMap(({ shownMs }) => (shownMs === null ? [] : [shownMs]))
  if (timesMs.length === 0) return 'time not known'
  const seconds = timesMs.reduce((total, ms) => total + ms, 0) / 1000
  if (seconds < 1) return 'under 1 s'
  const whole = Math.round(seconds)
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`
}
