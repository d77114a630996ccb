import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { NewEntry, type DocumentEdit, type JournalEntry } from '../../../src/contract'
import { findStructure, sliceMask, type AnnotationDocument } from '../../../src/core/annotation/document'
import { applyEdit, invertEdit } from '../../../src/core/annotation/edit'
import { foldJournal } from '../../../src/core/annotation/journal'
import { rebase, type PendingEntry, type Rebased } from '../../../src/core/annotation/rebase'
import {
  begin,
  BLANK,
  editOf,
  editsOf,
  moves,
  plain,
  sameDocument,
  START,
  stored,
  taken,
  type Move,
} from './gestures'

const KNOWN = 5
const some = fc.array(moves(), { minLength: 1, maxLength: 8 })
const missedOf = (drawn: readonly Move[]): readonly JournalEntry[] =>
  stored(plain(editsOf(START, drawn)), KNOWN, 100)
const pendingOf = (edits: readonly DocumentEdit[]): readonly PendingEntry[] =>
  stored(plain(edits), KNOWN, 500)

/** Every slice of every structure that is named anywhere, as text keys of pixels. */
const IDS = ['s0', 's1', 's2']
const SLICES = [0, 1, 2]

/** By structure, slice and pixel: what the last gesture that changed it made of it. */
function lastChanges(edits: readonly DocumentEdit[]): ReadonlyMap<string, number> {
  const last = new Map<string, number>()
  let document = START
  for (const edit of edits.flatMap((one) => (one.kind === 'several' ? one.edits : [one]))) {
    const next = taken(applyEdit(document, edit))
    for (const id of IDS) {
      for (const slice of SLICES) {
        if (findStructure(document, id)?.slices.get(slice) === findStructure(next, id)?.slices.get(slice))
          continue
        const before = sliceMask(document, id, slice).pixels
        sliceMask(next, id, slice).pixels.forEach((pixel, at) => {
          if (pixel !== before[at]) last.set(`${id} ${slice} ${at}`, pixel)
        })
      }
    }
    document = next
  }
  return last
}

const isSet = (document: AnnotationDocument, id: string, slice: number, at: number): boolean =>
  document.structures.some(
    ({ structureId }) =>
      (structureId === id || structureId.startsWith(`${id}-recovered`)) &&
      sliceMask(document, structureId, slice).pixels[at] === 1,
  )

/** The entries as the store takes them, one after another on what it holds. */
function sent({ entries }: Rebased, missed: readonly JournalEntry[]): AnnotationDocument {
  const held = taken(foldJournal(START, missed, KNOWN))
  const parsed = entries.map((entry) => {
    const { entryId, revision, edit, undoes } = entry
    NewEntry.parse({ entryId, expectedRevision: revision - 1, edit, undoes })
    return { ...entry, at: '2026-01-01T00:00:00.000Z' }
  })
  return taken(foldJournal(held, parsed, KNOWN + missed.length))
}

describe('two windows at one attempt', () => {
  test('what one had not sent fits what the other wrote, and no pixel of either is lost', () => {
    fc.assert(
      fc.property(some, some, (theirs, mine) => {
        const missed = missedOf(theirs)
        const edits = editsOf(START, mine)
        const rebased = taken(rebase(pendingOf(edits), missed, START))
        const document = sent(rebased, missed)
        expect(sameDocument(document, rebased.document)).toBe(true)
        const last = lastChanges(edits)
        for (const [key, pixel] of last) {
          const [id = '', slice = '', at = ''] = key.split(' ')
          if (pixel === 1 && !isSet(document, id, Number(slice), Number(at)))
            throw new Error(`${key} is lost`)
        }
        const held = taken(foldJournal(START, missed, KNOWN))
        for (const id of IDS) {
          for (const slice of SLICES) {
            if (findStructure(held, id)?.slices.get(slice) === undefined) continue
            sliceMask(held, id, slice).pixels.forEach((pixel, at) => {
              if (pixel === 0 || last.get(`${id} ${slice} ${at}`) === 0) return
              if (!isSet(document, id, slice, at)) throw new Error(`their ${id} ${slice} ${at} is lost`)
            })
          }
        }
      }),
      { seed: 601, numRuns: 120 },
    )
  })

  test('gestures that were undone before they were sent leave what the other wrote exactly', () => {
    fc.assert(
      fc.property(some, some, (theirs, mine) => {
        const missed = missedOf(theirs)
        const edits = editsOf(START, mine)
        const gestures = plain(edits)
        const undos = [...edits].reverse().map((edit, index) => ({
          edit: invertEdit(edit),
          undoes: KNOWN + edits.length - index,
        }))
        const pending = stored([...gestures, ...undos], KNOWN, 500)
        const rebased = taken(rebase(pending, missed, START))
        expect(sameDocument(sent(rebased, missed), taken(foldJournal(START, missed, KNOWN)))).toBe(true)
      }),
      { seed: 602, numRuns: 60 },
    )
  })

  test('nothing missed changes nothing; an acknowledgement that was lost is known again', () => {
    fc.assert(
      fc.property(some, some, fc.nat({ max: 8 }), (theirs, mine, count) => {
        const edits = editsOf(START, mine)
        const pending = pendingOf(edits)
        expect(taken(rebase(pending, [], START)).entries).toEqual(pending)
        const arrived = stored(plain(edits.slice(0, count)), KNOWN, 500)
        const reached = taken(foldJournal(START, arrived, KNOWN))
        const later = stored(plain(editsOf(reached, theirs)), KNOWN + arrived.length, 100)
        const whole = taken(rebase(pending, [...arrived, ...later], START))
        const rest = taken(rebase(pending.slice(arrived.length), later, reached))
        expect([whole.entries, whole.notes]).toEqual([rest.entries, rest.notes])
        expect(sameDocument(whole.document, rest.document)).toBe(true)
      }),
      { seed: 603, numRuns: 40 },
    )
  })

  test('strokes in a structure that the other window removed go on in a new one, and that is said', () => {
    const missed = missedOf([{ ...begin, act: 'delete' }])
    const brush: Move = { ...begin, act: 'brush', column: 66, row: 65, side: 1 }
    const edits = editsOf(START, [brush, { ...brush, slice: 2 }, { ...begin, act: 'rename', word: 'Vessel' }])
    const { document, notes, entries } = taken(rebase(pendingOf(edits), missed, START))
    expect(notes).toEqual([
      '“Nodule” was removed in another window; what you drew in it since is kept as “Nodule (recovered)”.',
    ])
    expect(entries.map(({ edit, revision }) => [edit.kind, revision])).toEqual([
      ['several', 7],
      ['paint', 8],
      ['rename-structure', 9],
    ])
    expect(document.structures.map(({ structureId, label }) => [structureId, label])).toEqual([
      ['s1', 'Lobe'],
      ['s0-recovered', 'Vessel'],
    ])
  })

  test('a structure that the other window drew in is not removed, and both answers are kept field by field', () => {
    const outlined = { ...begin, act: 'answer' as const, side: 1 }
    const missed = missedOf([
      { ...begin, act: 'brush', slice: 2 },
      { ...outlined, side: 4, word: 'Theirs' },
      { ...outlined, side: 2 },
    ])
    const edits = editsOf(START, [{ ...begin, act: 'delete' }, outlined])
    const { document, notes } = taken(rebase(pendingOf(edits), missed, START))
    expect([...(findStructure(document, 's0')?.slices.keys() ?? [])]).toEqual([2])
    expect(document.answer).toMatchObject({ verdict: 'outlined', comment: 'Theirs' })
    expect(notes).toEqual([
      '“Nodule” was drawn in from another window, and is kept; what you removed of it is gone.',
      'The verdict was “nothing” from another window; yours stands now.',
    ])
  })

  test('what does not fit the document is refused', () => {
    const edit = editOf(START, { ...begin, act: 'erase' })
    const pending = pendingOf(edit ? [edit] : [])
    const missed = missedOf([{ ...begin, act: 'brush', slice: 2 }])
    expect(rebase(pending, missed, BLANK)).toMatchObject({ refusal: { code: 'annotation-damaged' } })
    expect(rebase(pending, [], BLANK)).toMatchObject({ refusal: { code: 'not-found' } })
  })
})
