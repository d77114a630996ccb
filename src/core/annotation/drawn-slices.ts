/**
 * Which slices a journal means. A gesture is made on a number of the series as it was open; what is kept with it is the
 * slice itself (SOP Instance UID and frame), so that slices which come or go move nothing that was drawn.
 */
import {
  accept,
  type DocumentEdit,
  type JournalEntry,
  type Result,
  type SingleEdit,
  type Slice,
} from '../../contract'
import { instanceKey, namedPlace, notAmongSlices, numberNow } from '../subject/slice-places'
import type { AnnotationDocument } from './document'

type PaintedSlice = Extract<SingleEdit, { kind: 'paint' }>['slices'][number]

/** Which slice a number of the document stands for, by number. */
export type DrawnSlices = ReadonlyMap<number, string>

/** Numbers of slices that are known by their instance, in the order of their names: free of how the series is open. */
const FIRST_BY_INSTANCE = 1_000_000

function mapSlices(edit: DocumentEdit, change: (slice: PaintedSlice) => PaintedSlice): DocumentEdit {
  const single = (one: SingleEdit): SingleEdit =>
    one.kind === 'paint' ? { ...one, slices: one.slices.map(change) } : one
  return edit.kind === 'several' ? { ...edit, edits: edit.edits.map(single) } : single(edit)
}

/** A gesture with numbers of the series as it is open here, as it leaves: with the slices that it means. */
export const withInstances = (edit: DocumentEdit, slices: readonly Slice[] | null): DocumentEdit =>
  slices === null ? edit : mapSlices(edit, (slice) => namedPlace(slice, slices))

/** A gesture as it came, with numbers of the series as it is open here. Refused where a slice of it is not there. */
export function editNow(edit: DocumentEdit, slices: readonly Slice[] | null): Result<DocumentEdit> {
  const now = numberNow(slices)
  let lost = 0
  const renumbered = mapSlices(edit, (slice) => {
    const sliceIndex = now(slice)
    if (sliceIndex === null) lost += 1
    return { sliceIndex: sliceIndex ?? slice.sliceIndex, patch: slice.patch }
  })
  return lost === 0 ? accept(renumbered) : notAmongSlices(lost, 'The gesture')
}

export interface EntriesNow {
  readonly entries: readonly JournalEntry[]
  readonly drawn: DrawnSlices
}

/**
 * Kept entries with the numbers of the series as it is open now (null: a photograph, or a series that is not open:
 * the numbers as they were kept). Entries of older journals keep their numbers. Refused, with how many: slices that the
 * series does not have now, and numbers that meant different slices while the series is not open.
 */
export function entriesNow(
  entries: readonly JournalEntry[],
  slices: readonly Slice[] | null,
): Result<EntriesNow> {
  const numberOf = numberNow(slices)
  const drawn = new Map<number, string>()
  const lost = new Set<string>()
  const renumbered = entries.map((entry) => ({
    ...entry,
    edit: mapSlices(entry.edit, (slice) => {
      const { sliceIndex, instance, patch } = slice
      if (instance === undefined) return { sliceIndex, patch }
      const key = instanceKey(instance)
      const now = numberOf(slice)
      if (now === null || (drawn.get(now) ?? key) !== key) lost.add(key)
      else drawn.set(now, key)
      return { sliceIndex: now ?? sliceIndex, patch }
    }),
  }))
  if (lost.size === 0) return accept({ entries: renumbered, drawn })
  return notAmongSlices(lost.size, 'The reading')
}

/** The document with numbers that do not depend on which slices are open: what a digest is taken of. */
export function apartFromSeries(document: AnnotationDocument, drawn: DrawnSlices): AnnotationDocument {
  if (drawn.size === 0) return document
  const names = [...new Set(drawn.values())].sort()
  const numberOf = (index: number): number => {
    const name = drawn.get(index)
    return name === undefined ? index : FIRST_BY_INSTANCE + names.indexOf(name)
  }
  const structures = document.structures.map((structure) => ({
    ...structure,
    slices: new Map([...structure.slices].map(([index, mask]) => [numberOf(index), mask])),
  }))
  return { ...document, structures }
}
