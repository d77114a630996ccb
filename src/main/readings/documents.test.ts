import { expect, test } from 'vitest'
import { accept, type JournalEntry } from '../../contract'
import type { StoredAttempt } from '../workspace/store'
import type { StoreCalls } from '../workspace/store-calls'
import { createDocuments } from './documents'

const attempt: StoredAttempt = {
  ...{ attemptId: 'one', subject: 'series:1.2', panelId: null, casePosition: null, raterId: 'r', number: 1 },
  ...{ state: 'draft', blind: false, openedAt: '2026-01-01T00:00:00.000Z', committedAt: null, revision: 2 },
  ...{ digest: null, readingMs: 0, slicesSeen: 0, widthPx: 4, heightPx: 4 },
}
const entryOf = (revision: number): JournalEntry => ({
  entryId: `00000000-0000-4000-8000-00000000000${revision}`,
  revision,
  at: '2026-01-01T00:00:00.000Z',
  undoes: null,
  edit: {
    ...{ kind: 'add-structure', title: 'New', label: 'S', position: revision - 1 },
    structureId: `s${revision}`,
  },
})

test('a journal is read from its beginning once; whoever asks again is told what came since', async () => {
  const kept = [entryOf(1), entryOf(2)]
  const read: number[] = []
  const entries: StoreCalls['entries'] = (_attemptId, after) => {
    read.push(after)
    return Promise.resolve(accept(kept.filter(({ revision }) => revision > after)))
  }
  const slices: readonly never[] = []
  const documents = createDocuments({ entries } as StoreCalls, () => Promise.resolve(slices))
  for (let turn = 0; turn < 3; turn += 1) {
    const folded = await documents.fold(attempt)
    expect(folded.ok && folded.value.document.structures.map(({ structureId }) => structureId)).toEqual(
      kept.map(({ revision }) => `s${revision}`),
    )
    if (turn === 1) kept.push(entryOf(3))
  }
  expect(read).toEqual([0, 2, 2])
})
