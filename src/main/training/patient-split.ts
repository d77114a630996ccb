import type { SetPatient } from '../../contract'

export type Part = SetPatient['part']

/** A third is held out: fewer could only refuse harm, more would leave too little to learn from. */
const HELD_OUT_SHARE = 1 / 3
/** More patients than these would find no smaller change that matters. */
const MOST_HELD_OUT = 100
const FOLDS = 5

export interface SplitQuestion {
  /** Patients of the set; those of one list are one person under several names (their images are the same). */
  readonly people: readonly (readonly string[])[]
  /** What was decided before; it stays. */
  readonly before: ReadonlyMap<string, Part>
  /** Patients that the model has learned from already: judged on them it would look better than it is. */
  readonly learned: ReadonlySet<string>
  /** The same number in [0, 1) for the same patient in this workspace. */
  readonly share: (patientId: string) => number
}

export interface Split {
  readonly parts: ReadonlyMap<string, Part>
  /** Once on the training side and now found to be one with a patient who is held out: in neither. */
  readonly conflicts: readonly string[]
}

/**
 * Which patients are held out. Whoever was held out once stays so; people who are new are taken in the order of a keyed
 * hash until a third of all is held out, so that no one chooses and small sets are balanced.
 */
export function splitPatients({ people, before, learned, share }: SplitQuestion): Split {
  const parts = new Map<string, Part>()
  const conflicts: string[] = []
  const fresh: (readonly string[])[] = []
  let heldOut = 0
  for (const names of people) {
    const known = new Set(names.flatMap((name) => before.get(name) ?? []))
    if (known.has('heldOut')) {
      heldOut += 1
      for (const name of names) {
        if (before.get(name) === 'train') conflicts.push(name)
        else parts.set(name, 'heldOut')
      }
    } else if (known.has('train') || names.some((name) => learned.has(name))) {
      for (const name of names) parts.set(name, 'train')
    } else fresh.push(names)
  }
  const wanted = Math.min(MOST_HELD_OUT, Math.round(people.length * HELD_OUT_SHARE))
  const order = (names: readonly string[]): number => Math.min(...names.map(share))
  for (const names of fresh.toSorted((a, b) => order(a) - order(b))) {
    const part = heldOut < wanted ? 'heldOut' : 'train'
    if (part === 'heldOut') heldOut += 1
    for (const name of names) parts.set(name, part)
  }
  return { parts, conflicts }
}

/** The patients of a set with their folds: in the order of the keyed hash, one after another. */
export function foldPatients(
  parts: ReadonlyMap<string, Part>,
  share: (patientId: string) => number,
): SetPatient[] {
  let next = 0
  return [...parts]
    .toSorted(([a], [b]) => share(a) - share(b))
    .map(([patientId, part]) =>
      part === 'heldOut' ? { patientId, part } : { patientId, part, fold: next++ % FOLDS },
    )
}
