import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { JournalEntry, NewEntry } from '../../../src/contract'
import { originFigure, type AnnotationDocument } from '../../../src/core/annotation/document'
import { applyEdit, invertEdit } from '../../../src/core/annotation/edit'
import { admitEntry, foldJournal, originStarts } from '../../../src/core/annotation/journal'
import { historyLines, redoable, redoEntry, undoable, undoEntry } from '../../../src/core/annotation/undo'
import {
  begin,
  BLANK,
  editOf,
  editsOf,
  entryIdOf,
  moves,
  plain,
  sameDocument,
  START,
  stored,
  taken,
  type Move,
} from './gestures'

type Step = Move | 'undo' | 'redo'
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: moves() },
    { weight: 3, arbitrary: fc.constant<Step>('undo') },
    { weight: 2, arbitrary: fc.constant<Step>('redo') },
  ),
  { maxLength: 40 },
)

/** A store that keeps entries, and beside it the plainest model there is: whole states in a row, and where one stands. */
function play(
  sequence: readonly Step[],
  blank = BLANK,
): {
  readonly entries: readonly JournalEntry[]
  readonly states: readonly AnnotationDocument[]
  readonly at: number
} {
  const entries: JournalEntry[] = []
  let states = [blank]
  let at = 0
  for (const step of sequence) {
    const standing = states[at] ?? blank
    const entryId = entryIdOf(entries.length + 1)
    // As after a restart: what can be undone is read from what was stored.
    const reloaded = entries.map((entry) => JournalEntry.parse(JSON.parse(JSON.stringify(entry))))
    let entry: NewEntry | null
    if (step === 'undo') {
      entry = undoEntry(reloaded, entryId)
      expect(entry === null).toBe(at === 0)
      if (entry !== null) at -= 1
    } else if (step === 'redo') {
      entry = redoEntry(reloaded, entryId)
      expect(entry === null).toBe(at === states.length - 1)
      if (entry !== null) at += 1
    } else {
      const edit = editOf(standing, step)
      entry = edit && { entryId, expectedRevision: entries.length, edit, undoes: null }
      if (edit !== null) {
        states = [...states.slice(0, at + 1), taken(applyEdit(standing, edit))]
        at += 1
      }
    }
    if (entry === null) continue
    expect(entry.expectedRevision).toBe(entries.length)
    taken(admitEntry(standing, entries, NewEntry.parse(entry)))
    entries.push(...stored([entry], entries.length, entries.length + 1))
  }
  return { entries, states, at }
}

describe('the journal', () => {
  test('any interleaving of gestures, undo and redo is that of a row of whole states', () => {
    fc.assert(
      fc.property(steps, (sequence) => {
        const { entries, states, at } = play(sequence, START)
        expect(sameDocument(taken(foldJournal(START, entries)), states[at] ?? START)).toBe(true)
        expect(undoable(entries)).toHaveLength(at)
        expect(redoable(entries)).toHaveLength(states.length - 1 - at)
      }),
      { seed: 201, numRuns: 60 },
    )
  })

  test('folded in two parts it is the same, and every beginning of it can be folded', () => {
    fc.assert(
      fc.property(steps, fc.nat({ max: 40 }), (sequence, cut) => {
        const { entries } = play(sequence, START)
        const first = taken(foldJournal(START, entries.slice(0, cut)))
        const rest = taken(foldJournal(first, entries.slice(cut), Math.min(cut, entries.length)))
        expect(sameDocument(rest, taken(foldJournal(START, entries)))).toBe(true)
      }),
      { seed: 202, numRuns: 30 },
    )
  })

  test('300 gestures are undone to the blank document and redone, one named step each', () => {
    const drawn = Array.from({ length: 300 }, (_, index): Move => {
      const cycle = (['add', 'start', 'brush', 'rename', 'answer', 'erase', 'delete'] as const)[index % 7]
      const word = ['Nodule', 'Lobe'][Math.floor(index / 7) % 2] ?? ''
      return {
        act: cycle ?? 'brush',
        which: 0,
        slice: index % 3,
        column: 60,
        row: 60,
        side: 1 + (index % 5),
        word,
      }
    })
    const edits = editsOf(BLANK, drawn)
    expect(edits.length).toBeGreaterThan(200)
    const gestures = stored(plain(edits))
    let entries = gestures
    for (const edit of [...edits].reverse()) {
      expect(undoable(entries).at(-1)?.title).toBe(edit.title)
      const entry = undoEntry(entries, entryIdOf(9))
      entries = [...entries, ...stored(entry ? [entry] : [], entries.length)]
    }
    expect(undoEntry(entries, entryIdOf(9))).toBeNull()
    expect(sameDocument(taken(foldJournal(BLANK, entries)), BLANK)).toBe(true)
    expect(historyLines(entries).at(-1)?.title).toBe('Undo: New structure')
    while (redoable(entries).length > 0) {
      const entry = redoEntry(entries, entryIdOf(9))
      entries = [...entries, ...stored(entry ? [entry] : [], entries.length)]
    }
    const whole = taken(foldJournal(BLANK, gestures))
    expect(sameDocument(taken(foldJournal(BLANK, entries)), whole)).toBe(true)
    expect(historyLines(entries).at(-1)?.title).toBe(`Redo: ${edits.at(-1)?.title ?? ''}`)
  })

  test('a gap, a changed order and an entry that does not fit are refused by their revision', () => {
    const brush: Move = { ...begin, act: 'brush', side: 3 }
    const entries = stored(plain(editsOf(BLANK, [begin, brush, { ...brush, slice: 1 }])))
    const [first, second, third] = entries
    if (!first || !second || !third) throw new Error('three entries')
    for (const [damaged, words] of [
      [[first, third], 'revision 3 where 2'],
      [[first, { ...third, revision: 2 }, { ...second, revision: 2 }], 'revision 2 where 3'],
      [[first, second, { ...second, revision: 3 }], 'Revision 3 (“brush 3 px, slice 1”) does not fit'],
    ] as const) {
      expect(foldJournal(BLANK, damaged)).toMatchObject({
        ok: false,
        refusal: { code: 'annotation-damaged', reason: expect.stringContaining(words) as string },
      })
    }
  })

  test('an entry is only an undo where it takes back the next step, exactly', () => {
    const { entries } = play([
      { act: 'add', which: 0, slice: 0, column: 60, row: 60, side: 3, word: 'Nodule' },
      { act: 'rename', which: 0, slice: 0, column: 60, row: 60, side: 3, word: 'Lobe' },
    ])
    const standing = taken(foldJournal(BLANK, entries))
    const undo = undoEntry(entries, entryIdOf(9))
    if (undo === null) throw new Error('nothing to undo')
    expect(admitEntry(standing, entries, undo).ok).toBe(true)
    expect(admitEntry(standing, entries, { ...undo, undoes: 1 })).toMatchObject({
      refusal: { code: 'request-invalid' },
    })
    // Each takes back the entry before it, not the gesture that it is about.
    const toAndFro = play([begin, 'undo', 'redo', 'undo', 'redo']).entries
    expect(toAndFro.map(({ undoes }) => undoes)).toEqual([null, 1, 2, 3, 4])
    expect(undoable(toAndFro).map(({ revision, gestureRevision }) => [revision, gestureRevision])).toEqual([
      [5, 1],
    ])
    const other = { ...undo.edit, title: 'Something else' }
    expect(admitEntry(standing, entries, { ...undo, edit: other })).toMatchObject({
      refusal: { code: 'request-invalid' },
    })
  })

  test('the start of an origin is read off the journal, through undo, redo and delete', () => {
    const start: Move = { ...begin, act: 'start', column: 60, row: 60 }
    const grow: Move = { ...start, act: 'brush', row: 64, side: 2 }
    const elsewhere: Move = { ...start, act: 'brush', slice: 2 }
    const figure = (sequence: readonly Step[]): number | null => {
      const { entries } = play(sequence)
      const starts = taken(originStarts(BLANK, entries))
      return originFigure(taken(foldJournal(BLANK, entries)), 's0', starts.get('s0'))
    }
    // 16 px at the start, 4 px more below it on the same slice: 2 * 16 / (16 + 20).
    const grown = 32 / 36
    expect(figure([begin, start])).toBe(1)
    expect(figure([begin, start, elsewhere, grow])).toBeCloseTo(grown, 12)
    expect(figure([begin, start, 'undo', 'redo', grow])).toBeCloseTo(grown, 12)
    expect(figure([begin, start, grow, elsewhere, { ...begin, act: 'delete' }, 'undo'])).toBeCloseTo(
      grown,
      12,
    )
    expect(figure([begin, start, 'undo'])).toBeNull()
    // Brought back by a gesture of its own, as after another window's work: not a start of what was drawn by hand since.
    const { entries } = play([begin, start, grow, elsewhere, { ...begin, act: 'delete' }])
    const deleted = entries.at(-1)?.edit
    const back = [...entries, ...stored(plain(deleted ? [invertEdit(deleted)] : []), entries.length)]
    const starts = taken(originStarts(BLANK, back))
    expect(originFigure(taken(foldJournal(BLANK, back)), 's0', starts.get('s0'))).toBeCloseTo(grown, 12)
    // Started again from something else: 16 px kept, 4 px of it erased before, all 16 again by the second start.
    expect(figure([begin, start, { ...grow, act: 'erase', row: 60 }, { ...start, word: 'B' }])).toBe(1)
  })
})
