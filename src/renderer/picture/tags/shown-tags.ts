import type { TagRow } from '../../../contract'
import { tagName } from '../../../core/words/tag-words'

/** A row of the sheet: which of the rows it is, what it is called, and whether what it holds is shown. */
export interface ShownTag {
  readonly at: number
  readonly row: TagRow
  readonly name: string
  readonly isOpen: boolean
}

/** More rows than these are not drawn at once; a search finds the others. */
export const SHOWN_TAGS_MAX = 600

/** Without spaces, brackets and commas: "(0010,0010)", "00100010" and "0010 0010" mean the same. */
const plain = (text: string): string => text.toLowerCase().replaceAll(/[\s(),]/g, '')

/**
 * The rows that are shown, in their order. Nothing typed: what stands in open sequences alone. Something typed: rows whose
 * number, name or value holds it, with what they stand in.
 */
export function shownTags(
  rows: readonly TagRow[],
  typed: string,
  open: ReadonlySet<number>,
): readonly ShownTag[] {
  const wanted = plain(typed)
  const isFound = (row: TagRow): boolean =>
    row.kind !== 'item' && [row.tag, tagName(row), row.value].some((text) => plain(text).includes(wanted))
  const shown = new Set<number>()
  /** Rows that the one at hand stands in, outermost first. */
  const around: number[] = []
  for (const [at, row] of rows.entries()) {
    around.length = row.depth
    if (wanted === '' ? around.every((one) => open.has(one)) : isFound(row))
      for (const one of [...around, at]) shown.add(one)
    around[row.depth] = at
  }
  return [...shown]
    .sort((a, b) => a - b)
    .flatMap((at) => {
      const row = rows[at]
      if (row === undefined) return []
      return [{ at, row, name: tagName(row), isOpen: wanted === '' ? open.has(at) : shown.has(at + 1) }]
    })
}

/** Opens or closes a row; an only item of a sequence opens with it. */
export function toggled(rows: readonly TagRow[], open: ReadonlySet<number>, at: number): ReadonlySet<number> {
  const next = new Set(open)
  if (next.delete(at)) return next
  next.add(at)
  const depth = rows[at]?.depth ?? 0
  const end = rows.findIndex((row, index) => index > at && row.depth <= depth)
  const items = rows.slice(at + 1, end < 0 ? rows.length : end).filter((row) => row.depth === depth + 1)
  if (items.length === 1 && items[0]?.kind === 'item') next.add(at + 1)
  return next
}
