/**
 * Which slices a journal means. A gesture is made on a number of the series as it was open; what is kept with it is the
 * slice itself (SOP Instance UID and frame), so that slices which come or go move nothing that was drawn.
 */
import {
  accept,
  refuse,
  type DocumentEdit,
  type JournalEntry,
  type Result,
  type SingleEdit,
  type Slice,
} from '../../contract'
import type { AnnotationDocument } from './document'

type PaintedSlice = Extract<SingleEdit, { kind: 'paint' }>['slices'][number]

/** Which slice a number of the document stands for, by number. */
export type DrawnSlices = ReadonlyMap<number, string>

/** Numbers of slices that are known by their instance, in the order of their names: free of how the series is open. */
const FIRST_BY_INSTANCE = 1_000_000

const keyOf = ({
  sopInstanceUid,
  frame,
}: {
  readonly sopInstanceUid: string
  readonly frame: number
}): string => `${sopInstanceUid}#${frame}`

function mapSlices(edit: DocumentEdit, change: (slice: PaintedSlice) => PaintedSlice): DocumentEdit {
  const single = (one: SingleEdit): SingleEdit =>
    one.kind === 'paint' ? { ...one, slices: one.slices.map(change) } : one
  return edit.kind === 'several' ? { ...edit, edits: edit.edits.map(single) } : single(edit)
}

/** A gesture made on the series as it is open, with the slices that it means. */
export const withInstances = (edit: DocumentEdit, slices: readonly Slice[]): DocumentEdit =>
  mapSlices(edit, ({ sliceIndex, patch }) => {
    const slice = slices[sliceIndex]
    if (slice === undefined) return { sliceIndex, patch }
    return { sliceIndex, instance: { sopInstanceUid: slice.sopInstanceUid, frame: slice.frame }, patch }
  })

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
  const numbers = slices === null ? null : new Map(slices.map((slice) => [keyOf(slice), slice.index]))
  const drawn = new Map<number, string>()
  const lost = new Set<string>()
  const renumbered = entries.map((entry) => ({
    ...entry,
    edit: mapSlices(entry.edit, ({ sliceIndex, instance, patch }) => {
      if (instance === undefined) return { sliceIndex, patch }
      const key = keyOf(instance)
      const now = numbers === null ? sliceIndex : numbers.get(key)
      if (now === undefined || (drawn.get(now) ?? key) !== key) lost.add(key)
      else drawn.set(now, key)
      return { sliceIndex: now ?? sliceIndex, patch }
    }),
  }))
  if (lost.size === 0) return accept({ entries: renumbered, drawn })
  return refuse(
    'annotation-mismatch',
    `The reading was drawn on ${lost.size} slice${lost.size === 1 ? '' : 's'} that the series does not have now.`,
    { next: 'Open the series with all the slices that it was drawn on.' },
  )
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
