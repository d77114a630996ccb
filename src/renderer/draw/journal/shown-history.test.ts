import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { JournalEntry, NewEntry } from '../../../contract'
import { historyLines, redoEntry, undoable, undoEntry } from '../../../core/annotation/undo'
import { shownHistory } from './shown-history'

it('shows as standing exactly what undo would take back, the latest first', () => {
  const acts = fc.array(fc.constantFrom('gesture', 'undo', 'redo'), { maxLength: 30 })
  fc.assert(
    fc.property(acts, (sequence) => {
      const entries: JournalEntry[] = []
      const push = (entry: Pick<NewEntry, 'edit' | 'undoes'> | null): void => {
        if (entry === null) return
        const revision = entries.length + 1
        const at = '2026-01-01T00:00:00.000Z'
        entries.push({
          entryId: `00000000-0000-4000-8000-${`${revision}`.padStart(12, '0')}`,
          revision,
          at,
          ...entry,
        })
      }
      for (const act of sequence) {
        const id = `00000000-0000-4000-8000-${`${entries.length + 1}`.padStart(12, '0')}`
        if (act === 'undo') push(undoEntry(entries, id))
        else if (act === 'redo') push(redoEntry(entries, id))
        else {
          const title = `Gesture ${entries.length + 1}`
          const edit = { kind: 'rename-structure' as const, title, structureId: 's', from: 'a', to: 'b' }
          push({ edit, undoes: null })
        }
      }
      const shown = shownHistory(historyLines(entries))
      const standing = shown.filter(({ stands }) => stands).map(({ title }) => title)
      expect(standing.reverse()).toEqual(undoable(entries).map(({ title }) => title))
      expect(shown.length).toBe(entries.filter(({ undoes }) => undoes === null).length)
    }),
  )
})
