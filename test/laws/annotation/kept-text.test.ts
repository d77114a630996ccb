/** What a gesture may say: what cannot be kept or handed out is refused where it is said, never later. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Answer, cleanLabel, type DocumentEdit, JournalEntry, NewEntry } from '../../../src/contract'
import { invertEdit } from '../../../src/core/annotation/edit'

const entryId = '00000000-0000-4000-8000-000000000000'
const entry = (edit: DocumentEdit, undoes: number | null = null) => ({
  ...{ entryId, expectedRevision: 0, edit, undoes },
})
const takes = (edit: DocumentEdit): boolean => NewEntry.safeParse(entry(edit)).success

const added = { kind: 'add-structure', title: 'New', structureId: 's', label: 'Nodule', position: 0 } as const
const renamed = { kind: 'rename-structure', title: 'Rename', structureId: 's', from: 'a', to: 'b' } as const
const blank: Answer = { verdict: null, reason: '', confidence: null, comment: '' }
const answered = (to: Partial<Answer>, from: Partial<Answer> = {}): DocumentEdit => ({
  ...{ kind: 'answer', title: 'Answer', from: { ...blank, ...from }, to: { ...blank, ...to } },
})

const word = fc.string({ unit: 'grapheme', maxLength: 20 })
const around = (letter: string) => fc.tuple(word, fc.constant(letter), word).map((parts) => parts.join(''))
/** Half of a pair joined by nothing to a whole, and the character 0. */
const notKept = fc.constantFrom('\ud83d', '\ude00', '\0').chain(around)
const control = fc.constantFrom('\n', '\t', '\x1b', '\x7f', '\x85').chain(around)

test('half of a character and a zero are refused in every text of a gesture, alone or among several', () => {
  fc.assert(
    fc.property(notKept, (text) => {
      const gestures: DocumentEdit[] = [
        { ...added, title: text },
        { ...added, structureId: text },
        { ...added, label: text },
        { ...renamed, to: text },
        answered({ reason: text }),
        answered({ comment: text }),
      ]
      expect(gestures.map(takes)).toEqual(gestures.map(() => false))
      const [, , single] = gestures
      if (single?.kind !== 'add-structure') throw new Error('no label')
      expect(
        NewEntry.safeParse(entry({ kind: 'several', title: 'Two', edits: [added, single] })),
      ).toMatchObject({
        error: { issues: [{ path: ['edit', 'edits', 1, 'label'] }] },
      })
    }),
  )
})

test('a label holds no control and no mark of byte order; a comment keeps its lines', () => {
  fc.assert(
    fc.property(control, (text) => {
      expect([takes({ ...added, label: text }), takes({ ...renamed, to: text })]).toEqual([false, false])
      expect(takes(answered({ comment: text, reason: text }))).toBe(true)
    }),
  )
  expect(takes({ ...added, label: '\ufeffNodule' })).toBe(false)
})

test('every script, mark and emoji is a label, and what is cleaned is one, the same when cleaned again', () => {
  for (const label of ['ריאה\u200f', '\u200eريئة', 'e\u0301', '👩🏽‍⚕️', '\u202eturned'])
    expect([takes({ ...added, label }), cleanLabel(label)]).toEqual([true, label])
  fc.assert(
    fc.property(fc.oneof(notKept, control, fc.string({ unit: 'binary', maxLength: 40 })), (text) => {
      const label = cleanLabel(text)
      expect(cleanLabel(label)).toBe(label)
      if (label !== '') expect(takes({ ...added, label })).toBe(true)
    }),
    { examples: [['\ud800\ufeffa'], ['\ufeff\ud800\ufeff'], ['\x85 \ufeffa']] },
  )
})

test('what stands already is read as before, and can be named anew, taken back and answered on', () => {
  const label = 'half \ud83d\0'
  const at = '2026-01-01T00:00:00.000Z'
  const old = { entryId, revision: 1, at, edit: { ...added, label }, undoes: null }
  expect(JournalEntry.safeParse(old).success).toBe(true)
  expect(takes({ ...renamed, from: label })).toBe(true)
  expect(NewEntry.safeParse(entry(invertEdit({ ...renamed, from: label }), 2)).success).toBe(true)
  expect(takes(answered({ comment: label, verdict: 'nothing' }, { comment: label }))).toBe(true)
})
