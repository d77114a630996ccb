import { formatCount } from './numbers'

/** A place that was clicked, as files and reports name it: whole pixels, since a click lies between them at will. */
export function placeName(
  { column, row }: { readonly column: number; readonly row: number },
  sliceNumber: number | null,
): { readonly id: string; readonly label: string } {
  const [x, y] = [Math.round(column), Math.round(row)]
  const slice = sliceNumber === null ? '' : ` on slice ${formatCount(sliceNumber)}`
  return { id: `column-${x}-row-${y}`, label: `Column ${x}, row ${y}${slice}` }
}
