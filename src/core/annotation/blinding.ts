/**
 * What may be given to a reader of an image: one pure rule, asked before every release. Nobody is exempt while they
 * are a reader of the case, the owner neither. No words here tell a count, another reader's progress, or which cases
 * come twice.
 */
import type { Attempt, Exposure, PanelProtocol, Withheld } from '../../contract'
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
  /** The owner runs the study: a panel in which the owner does not read withholds nothing from the owner. */
  readonly isOwner: boolean
  readonly subject: string
  /** At least all attempts at the subject, and all of this rater in the panels that hold it. */
  readonly attempts: readonly CaseAttempt[]
  /** At least all places of the panels that hold the subject. */
  readonly cases: readonly AssignedCase[]
  readonly panels: readonly {
    readonly panelId: string
    readonly protocol: Pick<PanelProtocol, 'blind' | 'reveal'>
    /** Since when nothing of it is committed any more; null: it is open. */
    readonly closedAt: string | null
  }[]
  /** Raters who read no more: nobody waits for them. */
  readonly retired: ReadonlySet<string>
}

export interface Disclosure {
  /**
   * Null: model, peers, consensus, agreement, counts and readings from files may be given to this rater. Otherwise
   * none of it, why, and what ends that.
   */
  readonly withheld: Withheld | null
  /** Whether what this rater committed on the subject before must not be shown to them either. */
  readonly ownWithheld: boolean
}

/**
 * Withheld while any of these holds:
 * - a blind attempt of the rater at the subject is open;
 * - a blind panel has a place of the rater for the subject that is not committed. Where any case of the rater comes
 *   twice in the panel, not before every place of the rater in it is committed: an image that is shown earlier than
 *   another would be known not to come again;
 * - a blind panel of the rater that reveals when all have committed has a place of anyone for the subject that is not,
 *   but of raters who are retired;
 * - a blind panel in which the rater, not the owner, has no place for the subject has one of anyone else that is not
 *   committed, but of raters who are retired. Where any case comes twice in it, any place of the panel. A reader's
 *   second account, or who reads in the next round, is shown no more than the readers themselves.
 *
 * A closed panel withholds nothing, nor does a draft in it: no reading of it comes any more that it could protect.
 * A further attempt that is not blind withholds nothing, whatever its state. With an open place or blind attempt of
 * their own, the rater's earlier readings of the subject are withheld too: the memory of them is not a reading.
 */
export const disclosure = ({ raterId, isOwner, subject, ...facts }: DisclosureQuestion): Disclosure =>
  disclosures({ raterId, isOwner }, facts)(subject)

/** The same rule for many subjects of one rater, over facts that are sorted once. */
export function disclosures(
  { raterId, isOwner }: Pick<DisclosureQuestion, 'raterId' | 'isOwner'>,
  facts: Omit<DisclosureQuestion, 'raterId' | 'isOwner' | 'subject'>,
): (subject: string) => Disclosure {
  const closed = new Set(
    facts.panels.flatMap(({ panelId, closedAt }) => (closedAt === null ? [] : [panelId])),
  )
  /** Panels of the rater's open blind attempts, by subject; null: read beside any panel. */
  const openBlind = new Map(
    facts.attempts
      .filter((one) => one.raterId === raterId && one.blind && one.state === 'draft')
      .filter(({ panelId }) => panelId === null || !closed.has(panelId))
      .map(({ subject, panelId }) => [subject, panelId]),
  )
  const isCommitted = committedPlaces(facts.attempts)
  const own = facts.cases.filter((one) => one.raterId === raterId)
  const ownOfPanel = groupedBy(own, ({ panelId }) => panelId)
  const ownOfSubject = groupedBy(own, ({ subject }) => subject)
  const allOfSubject = groupedBy(facts.cases, ({ subject }) => subject)
  /** Panels of the rater where a case comes twice: whether every place in them is committed. */
  const finished = new Map(
    [...ownOfPanel]
      .filter(([, places]) => places.some(({ isRepeat }) => isRepeat))
      .map(([panelId, places]) => [panelId, places.every(isCommitted)]),
  )
  const openPanels = facts.panels.filter(({ panelId, protocol }) => protocol.blind && !closed.has(panelId))
  const blindPanels = openPanels.filter(({ panelId }) => ownOfPanel.has(panelId))
  const fromOutside = isOwner ? () => null : seenFromOutside(raterId, openPanels, facts, isCommitted)
  return (subject) => {
    const places = ownOfSubject.get(subject) ?? []
    const asked = blindPanels.filter(({ panelId }) => places.some((one) => one.panelId === panelId))
    const everybodys = allOfSubject.get(subject) ?? []
    const outside = fromOutside(everybodys)
    const until = untilOf(
      asked.some(({ panelId }) => finished.get(panelId) === false),
      asked.some(({ protocol }) => protocol.reveal === 'all-committed') || outside !== null,
      outside === EVERY_CASE,
    )
    const ownFirst = (withheld: Omit<Withheld, 'until'>): Disclosure => ({
      withheld: { ...withheld, until },
      ownWithheld: true,
    })
    const blindIn = openBlind.get(subject)
    if (blindIn !== undefined) return ownFirst({ reason: OWN_BLIND, readFirst: true, panelId: blindIn })
    for (const { panelId } of asked) {
      const isFinished = finished.get(panelId)
      // Whether this very image is still to be read is not said: that it is would tell that it comes again.
      if (isFinished === false) return ownFirst({ reason: OWN_PANEL, readFirst: false, panelId })
      const isOpen = places.some((one) => one.panelId === panelId && !isCommitted(one))
      if (isFinished === undefined && isOpen) return ownFirst({ reason: OWN_CASE, readFirst: true, panelId })
    }
    const awaitsOthers = asked.some(
      ({ panelId, protocol }) =>
        protocol.reveal === 'all-committed' &&
        everybodys.some(
          (one) => one.panelId === panelId && !facts.retired.has(one.raterId) && !isCommitted(one),
        ),
    )
    return { withheld: outside ?? (awaitsOthers ? OTHERS : null), ownWithheld: false }
  }
}

/** What blind panels withhold of a subject from a rater who has no place for it in them: `places` are its places. */
function seenFromOutside(
  raterId: string,
  panels: readonly { readonly panelId: string }[],
  { cases, retired }: Pick<DisclosureQuestion, 'cases' | 'retired'>,
  isCommitted: (one: AssignedCase) => boolean,
): (places: readonly AssignedCase[]) => Withheld | null {
  const isAwaited = (one: AssignedCase): boolean => !retired.has(one.raterId) && !isCommitted(one)
  const open = new Set(panels.map(({ panelId }) => panelId))
  const comesTwice = new Set(cases.flatMap(({ panelId, isRepeat }) => (isRepeat ? [panelId] : [])))
  const unfinished = new Set(cases.filter(isAwaited).map(({ panelId }) => panelId))
  return (places) => {
    const inside = new Set(places.flatMap((one) => (one.raterId === raterId ? [one.panelId] : [])))
    const others = places.filter(({ panelId }) => open.has(panelId) && !inside.has(panelId))
    if (others.some(({ panelId }) => comesTwice.has(panelId) && unfinished.has(panelId))) return EVERY_CASE
    return others.some((one) => !comesTwice.has(one.panelId) && isAwaited(one)) ? OTHERS : null
  }
}

function committedPlaces(attempts: readonly CaseAttempt[]): (one: AssignedCase) => boolean {
  const committed = new Set(
    attempts
      .filter((one) => one.panelId !== null && one.state !== 'draft')
      .map(({ panelId, raterId, casePosition }) => placeKey(panelId, raterId, casePosition)),
  )
  return ({ panelId, raterId, position }) => committed.has(placeKey(panelId, raterId, position))
}

function groupedBy<T>(all: readonly T[], keyOf: (one: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>()
  for (const one of all) {
    const group = groups.get(keyOf(one))
    if (group === undefined) groups.set(keyOf(one), [one])
    else group.push(one)
  }
  return groups
}

const placeKey = (panelId: string | null, raterId: string, position: number | null): string =>
  JSON.stringify([panelId, raterId, position])

const OWN_BLIND = 'Your blind reading of this image is open.'
const OWN_CASE = 'A blind panel asks for your own reading of this image first.'
const OWN_PANEL = 'This image belongs to a blind panel that you have not finished.'
const OTHERS: Withheld = {
  reason: 'The panel of this image shows its readings when all readers have committed theirs.',
  until: 'Model and other readings are shown when all have.',
  ...{ readFirst: false, panelId: null },
}
const EVERY_CASE: Withheld = {
  reason: 'The panel of this image shows its readings when all readers have finished it.',
  until: 'Model and other readings are shown when all have committed every case of the panel.',
  ...{ readFirst: false, panelId: null },
}

/** What ends it: never less than the panel's own rule asks for. */
function untilOf(wholePanel: boolean, allReaders: boolean, everyCase: boolean): string {
  const own = wholePanel ? 'you have committed every case of the panel' : 'you have committed your reading'
  const theirs = everyCase ? 'every case of theirs' : 'theirs of this image'
  const others = allReaders ? `, and all other readers ${theirs}` : ''
  return `Model and other readings are shown when ${own}${others}.`
}

/**
 * Whether an attempt counts as blind: opened so, and nothing of the subject had been given to the rater before the
 * commit, in this attempt or ever before. `exposures`: all of this rater and subject.
 */
export const isBlindReading = (
  attempt: Pick<Attempt, 'blind' | 'committedAt'>,
  exposures: readonly Exposure[],
): boolean => attempt.blind && exposuresBefore(exposures, attempt.committedAt).length === 0
