/** Figures of a run as tables for other programs: one of medians and intervals, one of every sample's own sizes. */
import { accept, refuse, type ReportedImage, type Result } from '../../../contract'
import type { NamedFile } from '../../files/named-file'
import { type MetricRow, writeCsv } from '../bundle/evidence-bundle'
import type { SizeRow } from '../../words/size-rows'

/** Sizes of one thing: the whole lesion, or what is drawn on one slice. */
export interface FigureGroup {
  /** `lesion` or `slice`. */
  readonly of: 'lesion' | 'slice' | 'photograph'
  /** As people count it; null of a whole lesion or a photograph. */
  readonly sliceNumber: number | null
  readonly sampleCount: number
  readonly drawnCount: number
  readonly rows: readonly SizeRow[]
}

/** Units as they stand in UCUM, so that no program meets a letter that it cannot read. */
const UNITS: Readonly<Record<SizeRow['unit'], string>> = {
  mm: 'mm',
  'mm²': 'mm2',
  'mm³': 'mm3',
  px: 'px',
  'px²': 'px2',
  '%': 'share',
  HU: 'HU',
}

/** Which image a row is of: tables of two eyes or two patients are laid below each other. */
function imageCells(image: ReportedImage | null): MetricRow {
  if (image === null) return {}
  if (image.kind === 'series') return { seriesUid: image.seriesUid }
  const { name, eye, pixelsSha256 } = image
  return { photograph: name, eye, pixelsSha256 }
}

const figureRows = (groups: readonly FigureGroup[], image: MetricRow): readonly MetricRow[] =>
  groups.flatMap(({ of, sliceNumber, sampleCount, drawnCount, rows }) =>
    rows.flatMap(({ key, unit, distribution, marks, isAtLeast = false }): readonly MetricRow[] => {
      const about = { of, slice: sliceNumber, measure: key, unit: UNITS[unit] }
      const { median, low95, high95, interval } = distribution
      return [
        {
          ...about,
          by: 'samples',
          samples: sampleCount,
          drawn: drawnCount,
          value: median,
          low95,
          high95: isAtLeast ? null : high95,
          interval: isAtLeast ? 'at-least' : interval,
          ...image,
        },
        ...marks.map(({ letter, value }) => ({ ...about, by: `reader ${letter}`, value, ...image })),
      ]
    }),
  )

/** A row a sample, counted from 1; a cell for each size, empty where the sample draws nothing. */
function sampleRows(groups: readonly FigureGroup[], image: MetricRow): readonly MetricRow[] {
  return groups.flatMap(({ of, sliceNumber, sampleCount, rows }) =>
    Array.from({ length: sampleCount }, (_, sample): MetricRow => ({
      of,
      slice: sliceNumber,
      // As the page counts them.
      sampleNumber: sample + 1,
      // Of a lesion in part, sizes are the least that it measures.
      ...(of === 'lesion'
        ? { followed: rows.some(({ isAtLeast }) => isAtLeast === true) ? 'in part' : 'whole' }
        : {}),
      ...Object.fromEntries(rows.map(({ key, distribution }) => [key, distribution.values[sample] ?? null])),
      ...image,
    })),
  )
}

/** Cells of a table of RFC 4180, as they were before they were quoted. */
export function cellsOfTable(text: string): readonly (readonly string[])[] {
  const cells = /("(?:[^"]|"")*"|[^,\r\n]*)(,|\r\n)/g
  const lines: string[][] = [[]]
  for (const [, cell = '', end] of text.matchAll(cells)) {
    lines.at(-1)?.push(cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell)
    if (end === '\r\n') lines.push([])
  }
  return lines.slice(0, -1)
}

/** The apostrophe before text that a spreadsheet would run. */
const LED_IN = /^'(?=[=+\-@\t\r])/

/** The table as a file, read again: every number is the number that was written. */
function tableFile(path: string, rows: readonly MetricRow[]): Result<NamedFile> {
  const text = writeCsv(rows)
  const [head = [], ...lines] = cellsOfTable(text)
  const isSame =
    lines.length === rows.length &&
    rows.every((row, at) =>
      head.every((column, place) => {
        const cell = lines[at]?.[place] ?? ''
        const value = row[column] ?? null
        return value === null
          ? cell === ''
          : typeof value === 'number'
            ? Number(cell) === value
            : cell.replace(LED_IN, '') === value
      }),
    )
  return isSame
    ? accept({ path, bytes: new TextEncoder().encode(text) })
    : refuse('internal', `The table ${path} did not read back as it was written.`)
}

/** Both tables; each row says which image it is of. Refused: `internal` where one does not read back as it was written. */
export function figureTables(
  groups: readonly FigureGroup[],
  image: ReportedImage | null,
): Result<readonly NamedFile[]> {
  const cells = imageCells(image)
  const figures = tableFile('figures.csv', figureRows(groups, cells))
  const samples = tableFile('samples.csv', sampleRows(groups, cells))
  if (!figures.ok) return figures
  return samples.ok ? accept([figures.value, samples.value]) : samples
}
