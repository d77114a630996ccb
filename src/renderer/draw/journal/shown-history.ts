import type { HistoryLine } from '../../../contract'

/** A gesture of the history, and whether it stands or was taken back. */
export interface ShownGesture {
  readonly revision: number
  readonly at: string
  readonly title: string
  readonly stands: boolean
}

/** Gestures, the latest first. Undos and redos are not lines of their own: they say whether the gesture stands. */
export function shownHistory(lines: readonly HistoryLine[]): readonly ShownGesture[] {
  const takenBack = new Set<number>()
  // Backwards: an undo that was itself undone takes nothing back.
  for (const line of [...lines].reverse()) {
    if (line.undoes !== null && !takenBack.has(line.revision)) takenBack.add(line.undoes)
  }
  return [...lines]
    .reverse()
    .filter(({ undoes }) => undoes === null)
    .map(({ revision, at, title }) => ({ revision, at, title, stands: !takenBack.has(revision) }))
}
