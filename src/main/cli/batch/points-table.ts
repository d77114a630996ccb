/** The table of `--points`: places of series, a line each. */
import { readFile } from 'node:fs/promises'
import { accept, refuse, type Result } from '../../../contract'
import { cellsOfTable } from '../../../core/exchange/drawn/figure-tables'

/** As `margin infer --at` counts: columns and rows from 0, slices from 1 as the page does. */
export interface PointOfSeries {
  readonly seriesUid: string
  readonly column: number
  readonly row: number
  readonly sliceNumber: number
}

const COLUMNS = ['seriesUid', 'column', 'row', 'slice'] as const
const MOST_BYTES = 64 * 2 ** 20

/** Every point once, in the order of the table. Refused: a file that is none, a line that is no point, by its number. */
export async function readPoints(path: string): Promise<Result<readonly PointOfSeries[]>> {
  const text = await readFile(path, 'utf8').catch(() => null)
  if (text === null) return refuse('file-unreadable', `The table ${path} cannot be read.`, { path })
  if (text.length > MOST_BYTES) return refuse('limit-reached', `The table ${path} is too large.`, { path })
  return pointsOf(text, path)
}

/** The same of a table's text, whose name is `path`. */
export function pointsOf(text: string, path: string): Result<readonly PointOfSeries[]> {
  const lines = text.replace(/^\ufeff/, '').replace(/\r?\n/g, '\r\n')
  const [head = [], ...rows] = cellsOfTable(lines.endsWith('\r\n') ? lines : `${lines}\r\n`)
  const places = COLUMNS.map((name) => head.findIndex((cell) => cell.trim() === name))
  const absent = COLUMNS.filter((_name, at) => (places[at] ?? -1) < 0)
  if (absent.length > 0)
    return refuse('request-invalid', `The table ${path} has no column ${absent.join(', ')}.`, {
      path,
      next: `Its first line is ${COLUMNS.join(',')}.`,
    })
  const points = new Map<string, PointOfSeries>()
  for (const [at, row] of rows.entries()) {
    if (row.every((cell) => cell.trim() === '')) continue
    const [seriesUid = '', column = '', line = '', slice = ''] = places.map((place) => row[place]?.trim())
    const point = pointAt(seriesUid, [column, line, slice])
    if (point === null)
      return refuse(
        'request-invalid',
        `Line ${at + 2} of ${path} is no point: a series, column and row from 0, and the slice from 1.`,
        { path, where: `line ${at + 2}` },
      )
    points.set(Object.values(point).join(' '), point)
  }
  return points.size === 0
    ? refuse('request-invalid', `The table ${path} holds no point.`, { path })
    : accept([...points.values()])
}

function pointAt(seriesUid: string, cells: readonly string[]): PointOfSeries | null {
  const [column = NaN, row = NaN, sliceNumber = NaN] = cells.map((cell) =>
    /^\d+(?:\.\d+)?$/.test(cell) ? Number(cell) : NaN,
  )
  const isPoint =
    seriesUid !== '' && column >= 0 && row >= 0 && Number.isInteger(sliceNumber) && sliceNumber > 0
  return isPoint ? { seriesUid, column, row, sliceNumber } : null
}
