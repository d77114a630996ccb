/** `margin growth`: one lesion at two dates, from the tables that `margin infer --whole-lesion --export csv` writes. */
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { accept, refuse, type Result } from '../../contract'
import { cellsOfTable } from '../../core/exchange/drawn/figure-tables'
import { type DatedLesion, growthBetween } from '../../core/lesion/growth'
import { FEW_DRAW, NOT_TO_ITS_END } from '../../core/lesion/comparable'
import { growthFigures } from '../../core/lesion/growth-words'
import { realPath } from '../library/roots'
import { researchUse } from '../version'
import { type CommandIo, UsageError } from './command-io'
import { failed } from './infer/infer'

const MOST_DAYS = 36_500

interface TableLesion extends DatedLesion {
  /** Empty: the table does not say. */
  readonly seriesUid: string
}

/** The whole lesion's rows of a table of samples. Refused: a file that is none, without a whole lesion, or with a part of one. */
async function lesionIn(path: string): Promise<Result<TableLesion>> {
  const real = await realPath(path)
  if (!real.ok) return { ok: false, refusal: { ...real.refusal, reason: `${path}: ${real.refusal.reason}` } }
  const text = await readFile(path, 'utf8').catch(() => null)
  if (text === null) return refuse('file-unreadable', `${path} cannot be read.`, { path })
  const [head = [], ...lines] = cellsOfTable(text)
  const cellOf = (line: readonly string[], name: string): string => line[head.indexOf(name)] ?? ''
  const own = lines.filter((line) => cellOf(line, 'of') === 'lesion')
  const next = 'Give the samples.csv of "margin infer … --whole-lesion --export csv --out DIR".'
  if (own.length === 0 || !head.includes('volumeMm3'))
    return refuse('request-invalid', `${path} holds no volume of a whole lesion.`, { next })
  if (!head.includes('followed'))
    return refuse('request-invalid', `${path} does not say whether its lesion was followed to its end.`, {
      next: `An earlier Margin wrote it: write it anew. ${next}`,
    })
  if (own.some((line) => cellOf(line, 'followed') !== 'whole'))
    return refuse('request-invalid', `The lesion of ${path} is in part. ${NOT_TO_ITS_END}`, { path })
  const values = (name: string): (number | null)[] =>
    own.map((line) => (cellOf(line, name) === '' ? null : Number(cellOf(line, name))))
  const volumesMm3 = values('volumeMm3')
  if (2 * volumesMm3.filter((volume) => volume !== null).length < own.length)
    return refuse('request-invalid', `The lesion of ${path}: ${FEW_DRAW}`, { path })
  const [first = []] = own
  return accept({
    volumesMm3,
    meanDiametersMm: values('meanDiameterMm'),
    seriesUid: cellOf(first, 'seriesUid'),
  })
}

/** Prints a growth as one line of JSON, and as sentences beside it. */
export async function runGrowth(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { days: { type: 'string' } },
    strict: true,
    allowPositionals: true,
  })
  const [earlier, later, ...more] = positionals
  if (earlier === undefined || later === undefined || more.length > 0)
    throw new UsageError('growth takes two tables: the earlier one and the later one.')
  const days = Number(values.days)
  if (values.days === undefined || !Number.isInteger(days) || days < 1 || days > MOST_DAYS)
    throw new UsageError(`--days takes the days between both scans, 1 to ${MOST_DAYS}.`)
  const first = await lesionIn(resolve(io.cwd, earlier))
  if (!first.ok) return failed(first.refusal, io)
  const second = await lesionIn(resolve(io.cwd, later))
  if (!second.ok) return failed(second.refusal, io)
  if (first.value.seriesUid !== '' && first.value.seriesUid === second.value.seriesUid)
    return failed(
      { code: 'request-invalid', reason: 'Both tables are of one series: no time lies between.' },
      io,
    )
  const growth = growthBetween(first.value, second.value, days)
  if (growth === null)
    return failed(
      {
        code: 'request-invalid',
        reason: 'On one of both dates no sample draws the lesion: there is no growth to tell.',
      },
      io,
    )
  const figures = growthFigures(growth)
  for (const line of figures.words) io.err(line)
  io.out(JSON.stringify({ ...figures, researchUse }))
  return 0
}
