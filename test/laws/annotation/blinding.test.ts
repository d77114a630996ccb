import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Exposure } from '../../../src/contract'
import {
  disclosure,
  isBlindReading,
  type AssignedCase,
  type CaseAttempt,
  type DisclosureQuestion,
} from '../../../src/core/annotation/blinding'
import { exposureWords } from '../../../src/core/annotation/exposure'

/** What became of a place: nothing, an open attempt (blind or not), a committed one, a locked one, a second look. */
const FATES = ['none', 'draft', 'blind draft', 'committed', 'locked', 'second', 'second blind'] as const
type Fate = (typeof FATES)[number]

const attemptsFor = (fate: Fate, place: Omit<CaseAttempt, 'state' | 'blind'>): readonly CaseAttempt[] => {
  const one = (state: CaseAttempt['state'], blind: boolean): CaseAttempt => ({ ...place, state, blind })
  switch (fate) {
    case 'none':
      return []
    case 'draft':
      return [one('draft', false)]
    case 'blind draft':
      return [one('draft', true)]
    case 'committed':
      return [one('committed', true)]
    case 'locked':
      return [one('locked', true)]
    case 'second':
      return [one('committed', true), one('draft', false)]
    case 'second blind':
      return [one('committed', true), one('draft', true)]
  }
}

/** The rule said again, slowly: what has to be done before anything is given out, as a list of things left to do. */
function leftToDo({
  raterId,
  isOwner,
  subject,
  attempts,
  cases,
  panels,
  retired,
}: DisclosureQuestion): readonly string[] {
  const left: string[] = []
  const isOver = (panelId: string | null): boolean =>
    panels.some((panel) => panel.panelId === panelId && panel.closedAt !== null)
  for (const attempt of attempts) {
    if (attempt.raterId !== raterId || attempt.subject !== subject) continue
    if (attempt.blind && attempt.state === 'draft' && !isOver(attempt.panelId)) left.push('own blind attempt')
  }
  for (const panel of panels) {
    if (!panel.protocol.blind || isOver(panel.panelId)) continue
    const places = cases.filter((place) => place.panelId === panel.panelId)
    const mine = places.filter((place) => place.raterId === raterId)
    const isInside = mine.some((place) => place.subject === subject)
    if (!isInside && isOwner) continue
    const twice = new Set(mine.map((place) => place.subject)).size < mine.length
    const isAsked = places.some((place) => place.subject === subject)
    const anyTwice = isAsked && places.some((place) => place.isRepeat)
    for (const place of places) {
      const done = attempts.filter(
        (one) =>
          one.panelId === place.panelId &&
          one.raterId === place.raterId &&
          one.casePosition === place.position,
      )
      if (done.some((one) => one.state === 'committed' || one.state === 'locked')) continue
      const mineHere = isInside && place.raterId === raterId && (place.subject === subject || twice)
      if (mineHere) left.push('own place')
      else if (retired.has(place.raterId)) continue
      else if (!isInside) {
        if (place.subject === subject || anyTwice) left.push('other place')
      } else if (place.subject === subject && panel.protocol.reveal === 'all-committed')
        left.push('other place')
    }
  }
  return left
}

const panelCase = (raterId: string, position: number, subject: string, isRepeat = false): AssignedCase => ({
  panelId: 'p',
  raterId,
  position,
  subject,
  isRepeat,
})

/** Me: S, T and (with repeats) S again; the other reader: S. Beside the panel an attempt of mine at S. */
function* worlds(): Generator<DisclosureQuestion> {
  const few = ['none', 'draft', 'blind draft', 'committed'] as const
  for (const blind of [true, false])
    for (const reveal of ['own-commit', 'all-committed'] as const)
      for (const mine of ['none', 'once', 'twice'] as const)
        for (const first of mine === 'none' ? (['none'] as const) : FATES)
          for (const other of few)
            for (const again of mine === 'twice' ? few : (['none'] as const))
              for (const next of mine === 'none' ? (['none'] as const) : (['none', 'committed'] as const))
                for (const beside of few)
                  for (const outside of mine === 'none'
                    ? (['none', 'draft', 'committed'] as const)
                    : (['none'] as const)) {
                    const cases = [panelCase('peer', 1, 'S')]
                    // Seen from outside, the other reader has T too, and S once more.
                    if (mine === 'none' && reveal === 'own-commit')
                      cases.push(panelCase('peer', 2, 'T'), panelCase('peer', 3, 'S', true))
                    if (mine !== 'none') cases.push(panelCase('me', 1, 'S'), panelCase('me', 2, 'T'))
                    if (mine === 'twice') cases.push(panelCase('me', 3, 'S', true))
                    const at = (raterId: string, subject: string, casePosition: number | null, fate: Fate) =>
                      attemptsFor(fate, {
                        raterId,
                        subject,
                        casePosition,
                        panelId: casePosition === null ? null : 'p',
                      })
                    const attempts = [
                      ...(mine === 'none' ? [] : [...at('me', 'S', 1, first), ...at('me', 'T', 2, next)]),
                      ...at('me', 'S', 3, again),
                      ...at('peer', 'S', 1, other),
                      ...(outside === 'none' ? [] : at('peer', 'T', 2, outside)),
                      ...(outside === 'none' ? [] : at('peer', 'S', 3, outside)),
                      ...at('me', 'S', null, beside),
                    ]
                    for (const closedAt of [null, '2026-01-01T00:00:00.000Z'])
                      for (const retired of [new Set<string>(), new Set(['peer'])]) {
                        const panels = [{ panelId: 'p', protocol: { blind, reveal }, closedAt }]
                        for (const isOwner of [false, true])
                          yield { raterId: 'me', isOwner, subject: 'S', attempts, cases, panels, retired }
                      }
                  }
}

const everyWorld = [...worlds()]

describe('what may be given out', () => {
  test('is what the rule says, in every world of two readers, two images and a repeat', () => {
    let [withheld, given] = [0, 0]
    for (const world of everyWorld) {
      const { withheld: answer, ownWithheld } = disclosure(world)
      const left = leftToDo(world)
      if ((answer !== null) !== left.length > 0) throw new Error(JSON.stringify({ world, left, answer }))
      if (ownWithheld !== left.some((one) => one !== 'other place')) throw new Error(JSON.stringify(world))
      if (answer === null) given += 1
      else withheld += 1
    }
    expect(given).toBeGreaterThan(100)
    expect(withheld).toBeGreaterThan(1000)
  })

  test('does not tell which of the committed images come again', () => {
    for (const world of everyWorld) {
      const own = world.cases.filter(({ raterId }) => raterId === 'me')
      if (!own.some(({ isRepeat }) => isRepeat) || world.attempts.some((one) => one.panelId === null))
        continue
      const open = (subject: string): boolean =>
        world.attempts.some((one) => one.raterId === 'me' && one.subject === subject && one.state === 'draft')
      const read = (position: number): boolean =>
        world.attempts.some(
          (one) => one.raterId === 'me' && one.casePosition === position && one.state !== 'draft',
        )
      // S, which comes again, and T, which does not: both read once, the repeat still to come.
      if (!read(1) || !read(2) || read(3) || open('S') || open('T')) continue
      expect(disclosure({ ...world, subject: 'T' })).toEqual(disclosure(world))
    }
  })

  test('an image with readings from a file alone is withheld only while a blind attempt at it is open', () => {
    const nothing = {
      raterId: 'me',
      isOwner: false,
      subject: 'S',
      attempts: [],
      cases: [],
      panels: [],
      retired: new Set<string>(),
    }
    expect(disclosure(nothing)).toEqual({ withheld: null, ownWithheld: false })
    const place = { raterId: 'me', subject: 'S', panelId: null, casePosition: null }
    const attempts = attemptsFor('blind draft', place)
    expect(disclosure({ ...nothing, attempts }).withheld?.reason).toMatch(/blind/)
    expect(disclosure({ ...nothing, raterId: 'peer', attempts }).withheld).toBeNull()
    expect(disclosure({ ...nothing, subject: 'T', attempts }).withheld).toBeNull()
  })

  test('a commit never takes back what was given out', () => {
    for (const world of everyWorld) {
      if (disclosure(world).withheld !== null) continue
      const attempts = world.attempts.map((one) => ({ ...one, state: 'committed' as const }))
      if (disclosure({ ...world, attempts }).withheld !== null) throw new Error(JSON.stringify(world))
    }
  })

  test('promises no earlier reveal than there is: once what the words ask for is done, it is shown', () => {
    let promises = 0
    for (const world of everyWorld) {
      const { withheld } = disclosure(world)
      if (withheld === null) continue
      promises += 1
      const isMine = ({ raterId }: { readonly raterId: string }): boolean => raterId === 'me'
      const asked = (place: AssignedCase): boolean =>
        isMine(place)
          ? place.subject === 'S' || /every case of the panel/.test(withheld.until)
          : /all have committed every case|every case of theirs/.test(withheld.until) ||
            (place.subject === 'S' && /all (other readers|have)/.test(withheld.until))
      const attempts = [
        ...world.attempts.filter((one) => !isMine(one) || one.state !== 'draft'),
        ...world.cases.filter(asked).map(({ panelId, raterId, subject, position }) => ({
          ...{ panelId, raterId, subject, casePosition: position },
          ...{ state: 'committed' as const, blind: true },
        })),
      ]
      if (disclosure({ ...world, attempts }).withheld !== null)
        throw new Error(JSON.stringify({ world, withheld }))
      // Read first, and only where it is this very image that is to be read.
      const isOpen = leftToDo(world).some((one) => one !== 'other place')
      if (withheld.readFirst && !isOpen) throw new Error(JSON.stringify({ world, withheld }))
    }
    expect(promises).toBeGreaterThan(1000)
  })

  test('closing a panel and retiring a reader only ever give more', () => {
    for (const world of everyWorld) {
      if (disclosure(world).withheld !== null) continue
      const panels = world.panels.map((panel) => ({ ...panel, closedAt: '2026-01-01T00:00:00.000Z' }))
      expect(disclosure({ ...world, panels }).withheld).toBeNull()
      expect(disclosure({ ...world, retired: new Set(['peer']) }).withheld).toBeNull()
    }
  })

  test('who has no place in a running blind panel is shown no more than its readers; its owner runs it', () => {
    let asked = 0
    for (const world of everyWorld) {
      const [panel] = world.panels
      if (panel?.protocol.blind !== true || panel.closedAt !== null) continue
      if (world.cases.some(({ raterId }) => raterId === 'me')) continue
      if (world.attempts.some((one) => one.raterId === 'me')) continue
      const isRead = world.attempts.some((one) => one.subject === 'S' && one.state !== 'draft')
      if (isRead || world.retired.has('peer')) continue
      asked += 1
      const { withheld } = disclosure(world)
      expect(withheld === null).toBe(world.isOwner)
      expect(withheld?.readFirst ?? false).toBe(false)
      expect(disclosure({ ...world, subject: 'another' }).withheld).toBeNull()
    }
    expect(asked).toBeGreaterThan(10)
  })

  test('words tell no count and name nobody', () => {
    const words = new Set(
      everyWorld.flatMap((world) => {
        const { withheld } = disclosure(world)
        return withheld === null ? [] : [withheld.reason, withheld.until]
      }),
    )
    expect(words.size).toBeGreaterThan(4)
    for (const text of words) expect(text).not.toMatch(/\d|peer|repeat|twice/)
  })
})

describe('what had been shown', () => {
  const at = (second: number): string => new Date(second * 1000).toISOString()
  const exposure = (kind: Exposure['kind'], second: number, shownMs: number | null = null): Exposure => ({
    kind,
    at: at(second),
    shownMs,
    detail: '',
  })

  test('a reading is blind if it was opened so and nothing came before its commit', () => {
    const seconds = fc.option(fc.integer({ min: 0, max: 20 }), { nil: null })
    fc.assert(
      fc.property(fc.boolean(), seconds, fc.array(fc.integer({ min: 0, max: 20 })), (blind, end, shown) => {
        const attempt = { blind, committedAt: end === null ? null : at(end) }
        const exposures = shown.map((second) => exposure('model', second))
        const before = shown.filter((second) => end === null || second <= end).length
        expect(isBlindReading(attempt, exposures)).toBe(blind && before === 0)
        expect(exposureWords(attempt, exposures) === 'blind').toBe(blind && before === 0)
      }),
      { seed: 501 },
    )
  })

  test('the words of an export', () => {
    const attempt = { blind: false, committedAt: at(10) }
    const words = (...exposures: Exposure[]): string => exposureWords(attempt, exposures)
    expect(words()).toBe('not blind, nothing shown')
    expect(exposureWords({ ...attempt, blind: true }, [exposure('peers', 11)])).toBe('blind')
    expect(words(exposure('model', 1), exposure('model', 2, 11_600))).toBe('after model samples (12 s)')
    expect(words(exposure('consensus', 3, 200), exposure('model', 2, 125_000), exposure('peers', 4))).toBe(
      'after model samples (2 min 5 s), peers’ outlines (time not known), consensus (under 1 s)',
    )
  })
})
