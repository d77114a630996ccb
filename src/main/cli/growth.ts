/** `margin growth`: one lesion at two dates, from the tables that `margin infer --whole-lesion --export csv` writes. */
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { accept, refuse, type Result } from '../../contract'
import { cellsOfTable } from '../../core/exchange/drawn/figure-tables'
import { type DatedLesion, growthBetween } from '../../core/lesion/growth'
import { growthWords } from '../../core/lesion/growth-words'
import { researchUse } from '../version'
import { type CommandIo, UsageError } from './command-io'
import { failed } from './infer/infer'

const MOST_DAYS = 36_500

/** The whole lesion's rows of a table of samples. Refused: a file that is none, or without a whole lesion. */
async function lesionIn(path: string): Promise<Result<DatedLesion>> {
  const text = await readFile(path, 'utf8').catch(() => null)
  if (text === null) return refuse('file-unreadable', `${path} cannot be read.`, { path })
  const [head = [], ...lines] = cellsOfTable(text)
  const [of, volume, diameter] = ['of', 'volumeMm3', 'meanDiameterMm'].map((name) => head.indexOf(name))
  const own = lines.filter((line) => line[of ?? -1] === 'lesion')
  if (own.length === 0 || (volume ?? -1) < 0)
    return refuse('request-invalid', `${path} holds no volume of a whole lesion.`, {
      next: 'Give the samples.csv of "margin infer … --whole-lesion --export csv --out DIR".',
    })
  const values = (place: number | undefined): (number | null)[] =>
    own.map((line) => {
      const cell = line[place ?? -1] ?? ''
      return cell === '' ? null : Number(cell)
    })
  return accept({ volumesMm3: values(volume), meanDiametersMm: values(diameter) })
}

/** Prints a growth as one line of JSON; a time that is not finite is null, and said in words. */
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
  const growth = growthBetween(first.value, second.value, days)
  if (growth === null)
    return failed(
      {
        code: 'request-invalid',
        reason: 'On one of both dates no sample draws the lesion: there is no growth to tell.',
      },
      io,
    )
  const words = growthWords(growth)
  for (const line of words) io.err(line)
  const finite = (value: number): number | null => (Number.isFinite(value) ? value : null)
  const { median, fastest, slowest } = growth.doublingDays
  const doublingDays = { median: finite(median), fastest: finite(fastest), slowest: finite(slowest) }
  io.out(JSON.stringify({ ...growth, doublingDays, words, researchUse }))
  return 0
}
