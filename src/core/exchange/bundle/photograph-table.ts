/** The vessels of many photographs as a table: the same on the page, in `margin infer FOLDER` and in CSV. */
import {
  type ImageSummary,
  type PhotographRow,
  type PhotographRun,
  type Refusal,
  SCOPE_WARNING,
  type SizeDistribution,
  type Warning,
} from '../../../contract'
import { isPictureFile } from '../../files/photograph-file'
import { eyeInName } from '../../subject/eyes'
import { fileName } from '../../words/case-words'
import { type MetricRow, writeCsv } from './evidence-bundle'

type Printed = NonNullable<PhotographRow['areaPx']>
/** A size with the values of its samples, or without. */
type Size = Printed & Partial<Pick<SizeDistribution, 'values'>>

/** What a run says of a photograph. */
export interface DrawnVessels {
  readonly sizes: { readonly areaPx?: Size | undefined; readonly shareOfField?: Size | undefined }
  readonly warnings: readonly Warning[]
}

/** Said of every photograph, and of the model in every run: no news about one of many. */
const OF_EVERY_PHOTOGRAPH: ReadonlySet<string> = new Set([
  SCOPE_WARNING,
  'spacing-unknown',
  'agreement-on-grid',
])

const NOTHING_DRAWN: Warning = {
  code: 'samples-empty',
  text: 'Every sample is empty: the model drew nothing here, so there is no size.',
}

const about = ({ path, name, eye, width, height }: ImageSummary) => ({ path, name, eye, width, height })

const withoutValues = (size: Size | undefined): Printed | null =>
  size === undefined
    ? null
    : { median: size.median, low95: size.low95, high95: size.high95, interval: size.interval }

/** Each warning once: a run repeats those of its picture. */
function newsOf(warnings: readonly Warning[]): Warning[] {
  const seen = new Set<string>()
  return warnings.filter(({ code, text }) => {
    const isNews = !OF_EVERY_PHOTOGRAPH.has(code) && !seen.has(text)
    seen.add(text)
    return isNews
  })
}

/** The order in which a folder is drawn and told: by path, large letters as small ones. */
export function drawnInOrder(images: readonly ImageSummary[]): readonly ImageSummary[] {
  const keyed = images.map((image) => [image.path.toLowerCase(), image] as const)
  return keyed.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, image]) => image)
}

export const drawnRow = (image: ImageSummary, { sizes, warnings }: DrawnVessels): PhotographRow => ({
  ...about(image),
  state: 'done',
  shareOfField: withoutValues(sizes.shareOfField),
  areaPx: withoutValues(sizes.areaPx),
  warnings: newsOf([
    ...image.warnings,
    ...warnings,
    ...(sizes.areaPx?.median === null ? [NOTHING_DRAWN] : []),
  ]),
  refusal: null,
})

export const failedRow = (image: ImageSummary, refusal: Refusal): PhotographRow => ({
  ...about(image),
  state: 'failed',
  shareOfField: null,
  areaPx: null,
  // Why it was not drawn is said once.
  warnings: newsOf(image.warnings.filter(({ code }) => code !== refusal.code)),
  refusal,
})

/** A file that should be a photograph and could not be read; null: the refusal is of none. */
export function unreadRow(refusal: Refusal): PhotographRow | null {
  const { path = '' } = refusal
  if (!isPictureFile(path)) return null
  const name = fileName(path)
  return {
    ...{ path, name, eye: eyeInName(name).eye, width: null, height: null },
    ...{ state: 'failed', shareOfField: null, areaPx: null, warnings: [], refusal },
  }
}

const sizeCells = (name: string, size: Printed | null): MetricRow => ({
  [name]: size?.median ?? null,
  [`${name}Low95`]: size?.low95 ?? null,
  [`${name}High95`]: size?.high95 ?? null,
})

/** A row a photograph, in the order given. `run`: how they were drawn; null where none was. */
export function photographCsv(rows: readonly PhotographRow[], run: PhotographRun | null): string {
  return writeCsv(
    rows.map((row) => ({
      ...{ photograph: row.path, eye: row.eye, widthPx: row.width, heightPx: row.height, state: row.state },
      ...sizeCells('shareOfField', row.shareOfField),
      ...sizeCells('areaPx', row.areaPx),
      interval: row.areaPx?.interval ?? null,
      warnings: row.warnings.map(({ text }) => text).join(' '),
      reason: row.refusal?.reason ?? null,
      ...(row.state === 'failed' || run === null ? NO_RUN : runCells(run)),
    })),
  )
}

const runCells = ({ model, modelSha256, samples, seed, draws }: PhotographRun): MetricRow => ({
  ...{ model, modelSha256, samples, seed, draws },
})
const NO_RUN: MetricRow = { model: null, modelSha256: null, samples: null, seed: null, draws: null }
