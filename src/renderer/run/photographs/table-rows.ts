import type { ImageSummary, PhotographRow } from '../../../contract'

/** A photograph in the table, drawn or not. */
export interface TableRow {
  readonly key: string
  readonly name: string
  readonly eye: ImageSummary['eye']
  /** Null: the file could not be read, and cannot be opened. */
  readonly image: ImageSummary | null
  /** Null: not drawn yet, or withheld. */
  readonly row: PhotographRow | null
  readonly state: 'done' | 'failed' | 'drawing' | 'waiting' | 'withheld'
}

export type SortColumn = 'name' | 'eye' | 'share' | 'area' | 'state'
export interface SortOrder {
  readonly by: SortColumn
  readonly descending: boolean
}

const STATES: readonly TableRow['state'][] = ['failed', 'withheld', 'drawing', 'waiting', 'done']

function valueOf({ name, eye, row, state }: TableRow, by: SortColumn): string | number | null {
  switch (by) {
    case 'name':
      return name.toLowerCase()
    case 'eye':
      return eye
    case 'share':
      return row?.shareOfField?.median ?? null
    case 'area':
      return row?.areaPx?.median ?? null
    case 'state':
      return STATES.indexOf(state) * 100 - (row?.warnings.length ?? 0)
  }
}

/** Rows in an order; those that have no value stand last, whichever way it runs. */
export function sortRows(rows: readonly TableRow[], { by, descending }: SortOrder): readonly TableRow[] {
  const sign = descending ? -1 : 1
  return rows.toSorted((one, other) => {
    const [a, b] = [valueOf(one, by), valueOf(other, by)]
    if (a === b) return 0
    if (a === null || b === null) return a === null ? 1 : -1
    return a < b ? -sign : sign
  })
}
