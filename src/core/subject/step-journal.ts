/** What a person laid on a subject, step by step: each step says what one item is from then on, or that it is gone. */
export interface Step<State> {
  /** Its place in the journal, from 1. */
  readonly number: number
  /** Null: the item is gone. */
  readonly state: State | null
  /** The number of the step that it takes back. */
  readonly undoes: number | null
}

/** The rules of such a journal, whatever is laid. */
export interface StepRules<State, Entry extends Step<State>> {
  /** Items as they stand after these steps, in the order in which they were first laid. */
  readonly standing: (entries: readonly Entry[]) => readonly State[]
  /** What undo takes back: the last step that stands and takes none back; null: there is none. */
  readonly lastToUndo: (entries: readonly Entry[]) => Entry | null
  /** What redo takes back: the last taking back that stands, unless a new step was made after it; null: there is none. */
  readonly lastToRedo: (entries: readonly Entry[]) => Entry | null
  /** What an item was before a step; null: it was not there. */
  readonly before: (entries: readonly Entry[], step: Entry) => State | null
}

/** `idOf` names the item that a step is about. */
export const stepRules = <State, Entry extends Step<State>>(
  idOf: (entry: Entry) => string,
): StepRules<State, Entry> => ({
  standing: (entries) => {
    const states = new Map<string, State | null>()
    for (const entry of entries) states.set(idOf(entry), entry.state)
    return [...states.values()].filter((state) => state !== null)
  },
  lastToUndo: (entries) => stepsThatStand(entries).findLast(({ undoes }) => undoes === null) ?? null,
  lastToRedo: (entries) => {
    const made = new Set(entries.flatMap(({ number, undoes }) => (undoes === null ? [number] : [])))
    const since = entries.findLast(({ undoes }) => undoes === null)?.number ?? 0
    const isUndo = ({ number, undoes }: Entry): boolean =>
      undoes !== null && made.has(undoes) && number > since
    return stepsThatStand(entries).findLast(isUndo) ?? null
  },
  before: (entries, step) =>
    entries.findLast((one) => idOf(one) === idOf(step) && one.number < step.number)?.state ?? null,
})

/** Those that no step takes back which stands itself: a taking back that was taken back counts no more. */
function stepsThatStand<Entry extends Step<unknown>>(entries: readonly Entry[]): readonly Entry[] {
  const taken = new Set<number>()
  for (const { number, undoes } of entries.toReversed())
    if (undoes !== null && !taken.has(number)) taken.add(undoes)
  return entries.filter(({ number }) => !taken.has(number))
}
