/**
 * What may be given to a reader of an image: one pure rule, asked before every release. Nobody is exempt while they
 * are a reader of the case, the owner neither. No words here tell a count, another reader's progress, or which cases
 * come twice.
 */
import type { Attempt, Exposure, PanelProtocol } from '../../contract'
import { exposuresBefore } from './exposure'

/** An attempt as far as the rule asks; the store's attempts are such. `subject`: any key of the image. */
export interface CaseAttempt {
  readonly raterId: string
  readonly subject: string
  readonly panelId: string | null
  readonly casePosition: number | null
  readonly state: Attempt['state']
  readonly blind: boolean
}

/** A rater's place for a case of a panel; a repeat is a second place of the same subject. */
export interface AssignedCase {
  readonly panelId: string
  readonly raterId: string
  readonly position: number
  readonly subject: string
  readonly isRepeat: boolean
}

export interface DisclosureQuestion {
  readonly raterId: string
  readonly subject: string
  /** At least all attempts at the subject, and all of this rater in the panels that hold it. */
  readonly attempts: readonly CaseAttempt[]
  /** At least all places of the subject, and all places of this rater in the panels that hold it. */
  readonly cases: readonly AssignedCase[]
  readonly panels: readonly {
    readonly panelId: string
    readonly protocol: Pick<PanelProtocol, 'blind' | 'reveal'>
  }[]
}

export interface Disclosure {
  /**
   * Null: model, peers, consensus, agreement, counts and readings from files may be given to this rater. Otherwise
   * none of it, why, and what ends that.
   */
  readonly withheld: { readonly reason: string; readonly until: string } | null
  /** Whether what this rater committed on the subject before must not be shown to them either. */
  readonly ownWithheld: boolean
}

/**
 * Withheld while any of these holds:
 * - a blind attempt of the rater at the subject is open;
 * - a blind panel has a place of the rater for the subject that is not committed. Where any case of the rater comes
 *   twice in the panel, not before every place of the rater in it is committed: an image that is shown earlier than
 *   another would be known not to come again;
 * - a blind panel of the rater that reveals when all have committed has a place of anyone for the subject that is not.
 *
 * A further attempt that is not blind withholds nothing, whatever its state. With an open place or blind attempt of
 * their own, the rater's earlier readings of the subject are withheld too: the memory of them is not a reading.
 */
export function disclosure(question: DisclosureQuestion): Disclosure {
  const { raterId, subject, attempts, cases, panels } = question
  const openBlind = attempts.some(
    (attempt) =>
      attempt.raterId === raterId &&
      attempt.subject === subject &&
      attempt.blind &&
      attempt.state === 'draft',
  )
  if (openBlind) return { withheld: OWN_BLIND, ownWithheld: true }
  const blindPanels = panels.filter(
    ({ panelId, protocol }) =>
      protocol.blind &&
      cases.some((one) => one.panelId === panelId && one.raterId === raterId && one.subject === subject),
  )
  for (const { panelId } of blindPanels) {
    const own = cases.filter((one) => one.panelId === panelId && one.raterId === raterId)
    const repeats = own.some(({ isRepeat }) => isRepeat)
    const asked = repeats ? own : own.filter((one) => one.subject === subject)
    if (asked.some((one) => !isCommitted(one, attempts))) {
      return { withheld: repeats ? OWN_PANEL : OWN_CASE, ownWithheld: true }
    }
  }
  const awaitsOthers = blindPanels.some(
    ({ panelId, protocol }) =>
      protocol.reveal === 'all-committed' &&
      cases.some((one) => one.panelId === panelId && one.subject === subject && !isCommitted(one, attempts)),
  )
  return { withheld: awaitsOthers ? OTHERS : null, ownWithheld: false }
}

const isCommitted = (one: AssignedCase, attempts: readonly CaseAttempt[]): boolean =>
  attempts.some(
    (attempt) =>
      attempt.panelId === one.panelId &&
      attempt.raterId === one.raterId &&
      attempt.casePosition === one.position &&
      attempt.state !== 'draft',
  )

const OWN_BLIND = {
  reason: 'Your blind reading of this image is open.',
  until: 'It is shown when you have committed your reading.',
}
const OWN_CASE = {
  reason: 'A blind panel asks for your own reading of this image first.',
  until: 'It is shown when you have committed your reading.',
}
const OWN_PANEL = {
  reason: 'This image belongs to a blind panel that you have not finished.',
  until: 'It is shown when you have committed every case of the panel.',
}
const OTHERS = {
  reason: 'The panel of this image shows its readings when all readers have committed theirs.',
  until: 'It is shown when all have.',
}

/**
 * Whether an attempt counts as blind: opened so, and nothing of the subject had been given to the rater before the
 * commit, in this attempt or ever before. `exposures`: all of this rater and subject.
 */
export const isBlindReading = (
  attempt: Pick<Attempt, 'blind' | 'committedAt'>,
  exposures: readonly Exposure[],
): boolean => attempt.blind && exposuresBefore(exposures, attempt.committedAt).length === 0
