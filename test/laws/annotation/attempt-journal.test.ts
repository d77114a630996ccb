import { expect, test } from 'vitest'
import { accept, NewEntry, refuse } from '../../../src/contract'
import type { Attempt, DocumentEdit, JournalEntry, Origin, Result } from '../../../src/contract'
import { emptyDocument, sliceMask } from '../../../src/core/annotation/document'
import { admitEntry, foldJournal, originStarts } from '../../../src/core/annotation/journal'
import { uniforms } from '../../../src/core/sampling/counter-rng'
import { AttemptJournal, type JournalWire } from '../../../src/renderer/draw/journal/attempt-journal'
import { paintEdit } from '../../../src/renderer/draw/strokes/edits'
import { documentBytes, toDrawn } from './gestures'

const SIZE = 24
const blank = emptyDocument(SIZE, SIZE)

const attempt: Attempt = {
  attemptId: 'one',
  subject: { kind: 'series', seriesUid: 'margin.test' },
  panelId: null,
  casePosition: null,
  raterId: 'rater',
  number: 1,
  state: 'draft',
  blind: false,
  openedAt: '2026-01-01T00:00:00.000Z',
  committedAt: null,
  revision: 0,
  digest: null,
  readingMs: 0,
  slicesSeen: 0,
  exposures: [],
}

/** A store as the server is one: checks the revision and the edit, answers a known entry again. */
class Store {
  readonly entries: JournalEntry[] = []

  append(entry: NewEntry): Result<{ revision: number; at: string }> {
    const known = this.entries.find(({ entryId }) => entryId === entry.entryId)
    if (known !== undefined) return accept({ revision: known.revision, at: known.at })
    if (entry.expectedRevision !== this.entries.length) return refuse('revision-conflict', 'another revision')
    const document = foldJournal(blank, this.entries)
    if (!document.ok) throw new Error(document.refusal.reason)
    const fits = admitEntry(document.value, this.entries, entry)
    if (!fits.ok) return fits
    const revision = this.entries.length + 1
    const at = new Date(1_767_225_600_000 + revision).toISOString()
    this.entries.push({ entryId: entry.entryId, revision, at, edit: entry.edit, undoes: entry.undoes })
    return accept({ revision, at })
  }
}

/** A connection that loses requests and answers: what was written may never be heard of. */
function wireTo(store: Store, seed: number): JournalWire {
  let call = 0
  const failed = refuse('internal', 'the connection broke')
  const chance = (): number => uniforms(seed, (call += 1), 1, 1)[0] ?? 0
  return {
    named: (edit) => edit,
    append: async (_attemptId, entry) => {
      const luck = chance()
      await Promise.resolve()
      if (luck < 0.15) return failed
      const answer = store.append(entry)
      return luck > 0.85 ? failed : answer
    },
    entries: async (_attemptId, after) => {
      await Promise.resolve()
      return chance() < 0.2 ? failed : accept({ entries: store.entries.slice(after) })
    },
  }
}

/** A square painted somewhere, or taken away. */
function stroke(journal: AttemptJournal, seed: number, index: number): DocumentEdit | null {
  const [x = 0, y = 0, erase = 0, slice = 0] = uniforms(seed, index, 2, 4)
  const after = { widthPx: SIZE, heightPx: SIZE, pixels: new Uint8Array(SIZE * SIZE) }
  const [left, top] = [Math.floor(x * (SIZE - 5)), Math.floor(y * (SIZE - 5))]
  const { document } = journal
  const sliceIndex = Math.floor(3 * slice)
  const held = document.structures[0]?.slices.get(sliceIndex)
  if (held === undefined && erase > 0.7) return null
  after.pixels.set(sliceMask(document, 'nodule', sliceIndex).pixels)
  for (let row = top; row < top + 5; row += 1)
    after.pixels.fill(erase > 0.7 ? 0 : 1, row * SIZE + left, row * SIZE + left + 5)
  const box = { column: 0, row: 0, widthPx: SIZE, heightPx: SIZE }
  return paintEdit(document, {
    title: `Stroke ${index}`,
    tool: 'brush',
    structureId: 'nodule',
    label: 'Nodule 1',
    changes: [{ sliceIndex, after, box }],
  })
}

const ids = (prefix: string): (() => string) => {
  let count = 0
  return () => `00000000-0000-4000-8000-${prefix}${String((count += 1)).padStart(10, '0')}`
}

async function untilSaved(journal: AttemptJournal): Promise<void> {
  for (let round = 0; round < 500; round += 1) {
    journal.tryAgain()
    if (await journal.settled()) return
  }
  throw new Error('gestures were never acknowledged')
}

test('over a connection that loses requests and answers, every gesture is stored once and in order', async () => {
  for (const seed of [1, 2, 3, 4]) {
    const store = new Store()
    const journal = new AttemptJournal(attempt, blank, [], wireTo(store, seed), () => undefined, ids('aa'))
    const titles: string[] = []
    for (let index = 0; index < 40; index += 1) {
      if (index % 7 === 6) {
        const { undoTitle } = journal.state()
        expect(journal.undo().ok).toBe(true)
        if (undoTitle !== null) titles.push(`Undo: ${undoTitle}`)
      } else {
        const edit = stroke(journal, seed, index)
        if (edit !== null && journal.add(edit).ok) titles.push(edit.title)
      }
      if (index % 5 === 0) journal.tryAgain()
      await Promise.resolve()
    }
    await untilSaved(journal)
    expect(journal.state().history.map(({ title }) => title)).toEqual(titles)
    expect(new Set(store.entries.map(({ entryId }) => entryId)).size).toBe(store.entries.length)
    expect(store.entries).toHaveLength(titles.length)
    const stored = foldJournal(blank, store.entries)
    expect(stored.ok && documentBytes(stored.value)).toEqual(documentBytes(journal.document))
    journal.close()
  }
})

test('two windows that draw at once lose nothing: what either painted last is there in both', async () => {
  for (const seed of [11, 12, 13]) {
    const store = new Store()
    const open = (prefix: string): AttemptJournal =>
      new AttemptJournal(attempt, blank, [], wireTo(store, seed), () => undefined, ids(prefix))
    const windows = [open('aa'), open('bb')]
    for (let index = 0; index < 30; index += 1) {
      const journal = windows[index % 2]
      const edit = journal === undefined ? null : stroke(journal, seed, index)
      if (edit !== null) journal?.add(edit)
      if (index % 3 === 0) for (const one of windows) one.tryAgain()
      await Promise.resolve()
    }
    for (const journal of windows) await untilSaved(journal)
    const stored = foldJournal(blank, store.entries)
    expect(stored.ok).toBe(true)
    expect(store.entries.length).toBeGreaterThan(15)
    for (const journal of windows) {
      // A window hears of the other's last gestures with its own next one.
      const edit = stroke(journal, seed, 1000)
      if (edit !== null) journal.add(edit)
      await untilSaved(journal)
    }
    const [, last] = windows
    const end = foldJournal(blank, store.entries)
    expect(end.ok && last !== undefined && documentBytes(end.value)).toEqual(
      documentBytes(last?.document ?? blank),
    )
    for (const journal of windows) journal.close()
  }
})

test('how far a structure stands from its start is the figure that the store gives, through strokes, undo and a second window', async () => {
  let [shown, moved] = [0, 0]
  for (const seed of [21, 22, 23]) {
    const store = new Store()
    const open = (prefix: string): AttemptJournal =>
      new AttemptJournal(attempt, blank, [], wireTo(store, seed), () => undefined, ids(prefix))
    const windows = [open('aa'), open('bb')] as const
    for (let index = 0; index < 36; index += 1) {
      const journal = windows[index < 24 ? 0 : index % 2] ?? windows[0]
      if (index % 9 === 4) journal.undo()
      else if (index % 9 === 5) journal.redo()
      else {
        const edit = index % 12 === 0 ? started(journal, seed, index) : stroke(journal, seed, index)
        if (edit !== null) journal.add(edit)
      }
      await untilSaved(journal)
      const starts = originStarts(blank, store.entries)
      if (!starts.ok) throw new Error(starts.refusal.reason)
      const figures = toDrawn(journal.document, starts.value).structures.flatMap(({ structureId, origin }) =>
        origin?.diceToOrigin == null ? [] : [[structureId, origin.diceToOrigin] as const],
      )
      expect([...journal.state().diceToStart]).toEqual(figures)
      shown += figures.length
      moved += figures.filter(([, dice]) => dice > 0 && dice < 1).length
    }
    for (const journal of windows) journal.close()
  }
  expect(shown).toBeGreaterThan(50)
  expect(moved).toBeGreaterThan(20)
})

/** A stroke that is taken from a model's sample, in the place of what stands there. */
function started(journal: AttemptJournal, seed: number, index: number): DocumentEdit | null {
  const edit = stroke(journal, seed, index)
  if (edit?.kind !== 'paint') return edit
  const origin: Origin = {
    kind: 'sample',
    model: 'lidc-cflow-planar',
    modelSha256: null,
    seed,
    sampleIndex: index,
    bandShare: null,
    readingId: null,
    diceToOrigin: null,
  }
  const from = journal.document.structures[0]?.origin ?? null
  return { ...edit, tool: 'start', origin: { from, to: origin } }
}

test('a gesture that the program would refuse for what it says is refused in the page, and nothing is sent', async () => {
  const store = new Store()
  const journal = new AttemptJournal(attempt, blank, [], wireTo(store, 1), () => undefined)
  const edit: DocumentEdit = {
    ...{ kind: 'add-structure', title: 'New', structureId: 'nodule', label: 'half \ud83d', position: 0 },
  }
  const told = NewEntry.safeParse({ entryId: crypto.randomUUID(), expectedRevision: 0, edit, undoes: null })
  expect(journal.add(edit)).toMatchObject({
    refusal: { code: 'request-invalid', reason: told.error?.issues[0]?.message },
  })
  expect([journal.state().unsent, journal.document.structures, store.entries]).toEqual([0, [], []])
  await journal.settled()
  journal.close()
})
