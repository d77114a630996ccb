/** `batch.csv`: every size of every item, a row a measure, in the order of the manifest. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { accept, BatchManifest, InferReport, type PrintedSizes, refuse, type Result } from '../../../contract'
import { type MetricRow, writeCsv } from '../../../core/exchange/bundle/evidence-bundle'

type Entry = BatchManifest['items'][number]
type Target = InferReport['targets'][number]

/** Refused: a report that is not there or is none, which a finished batch has not. */
export async function batchTable(out: string, items: readonly Entry[]): Promise<Result<string>> {
  const rows: MetricRow[] = []
  for (const item of items.filter(({ state }) => state === 'done')) {
    const path = join(out, item.itemId, 'report.json')
    const report = InferReport.safeParse(JSON.parse(await readFile(path, 'utf8').catch(() => 'null')))
    if (!report.success)
      return refuse('file-unreadable', `The report of ${item.itemId} is not what was written.`, {
        path,
        next: 'Give the same line again: it is drawn anew.',
      })
    rows.push(...report.data.targets.flatMap((target) => rowsOf(item, report.data, target)))
  }
  return accept(writeCsv(rows))
}

function rowsOf(item: Entry, { run }: InferReport, target: Target): readonly MetricRow[] {
  const about = {
    item: item.itemId,
    seriesUid: item.subject.kind === 'photograph' ? null : item.subject.seriesUid,
    path: item.subject.kind === 'photograph' ? item.subject.path : null,
    target: target.id,
  }
  const by = { model: run.model, modelSha256: run.modelSha256, samples: run.samples, seed: run.seed }
  const slices = target.slices.flatMap(({ sliceNumber, drawnCount, ged, sizes }) =>
    sizeRows({ ...about, of: 'slice', slice: sliceNumber }, sizes).map((row) => ({
      ...row,
      drawn: drawnCount,
      ged,
      ...by,
    })),
  )
  const { lesion } = target
  const whole = lesion === undefined ? [] : sizeRows({ ...about, of: 'lesion', slice: null }, lesion.sizes)
  return [...whole.map((row) => ({ ...row, drawn: null, ged: null, ...by })), ...slices]
}

type Printed = NonNullable<PrintedSizes[keyof PrintedSizes]>

/** The unit stands last in the name of a measure. */
const sizeRows = (
  about: MetricRow,
  sizes: Readonly<Record<string, Printed | undefined>>,
): readonly MetricRow[] =>
  Object.entries(sizes).flatMap(([measure, size]) =>
    size === undefined
      ? []
      : [
          {
            ...about,
            measure,
            median: size.median,
            low95: size.low95,
            high95: size.high95,
            interval: size.interval,
          },
        ],
  )
