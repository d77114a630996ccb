/** Files that a run goes out as. The page and the command line write them here, so that both give the same bytes. */
import { InferReport as InferReportSchema } from '../../contract'
import {
  accept,
  refuse,
  type ReportedImage,
  type Result,
  RunExportFormat,
  RunObjectFormat,
} from '../../contract'
import { keyOf } from '../../core/exchange/drawn/drawn-lesion'
import { formatName } from '../../core/exchange/drawn/write-drawn'
import { type FigureGroup, figureTables } from '../../core/exchange/drawn/figure-tables'
import type { DrawnExport } from '../../core/exchange/drawn/write-drawn'
import type { NamedFile } from '../../core/files/named-file'
import { countedStack, sliceNumber } from '../../core/geometry/slice-number'
import { guidelineShares } from '../../core/guidelines/guideline-shares'
import { kindOf } from '../../core/subject/subject-kinds'
import { lesionRows } from '../../core/words/lesion-words'
import { shellWord } from '../../core/words/shell-word'
import { type SizeRow, sizeRows } from '../../core/words/size-rows'
import { sourceOf, targetOf } from '../exchange/image-of-subject'
import type { CollectedRun } from '../figures/collect-run'
import { drawnLesionOf } from '../figures/drawn-lesion-of'
import { inferReport, type ReportedTarget } from '../figures/infer-report'
import { reportedImage } from '../figures/reported-image'
import { RUN_SERIES_NUMBER } from '../figures/segmentation-files'
import { version } from '../version'
import type { RunExport } from './run-export'

/** What a photograph can go out as. */
export const FORMATS_OF_PHOTOGRAPHS: readonly RunExportFormat[] = RunExportFormat.options.filter(
  (format) => !RunObjectFormat.safeParse(format).success,
)

/** Files that are ready, and the objects that a thread of its own writes. */
export interface PreparedExport {
  readonly ready: readonly NamedFile[]
  readonly drawn: DrawnExport | null
  /** Which image it is of. */
  readonly image: ReportedImage | null
}

/** Prepares an export. Refused: what a format cannot hold; the export goes out whole or not at all. */
export async function prepareExport(asked: RunExport): Promise<Result<PreparedExport>> {
  const { formats, target } = asked
  const key = keyRunOf(target)
  if (key === null) return refuse('not-found', 'There was nothing to run.')
  const reported = await reportedImage(asked, asked.patientFields)
  if (!reported.ok) return reported
  const image = reported.value
  const has = (format: RunExportFormat): boolean => formats.includes(format)
  const ready: NamedFile[] = []
  if (has('json')) {
    const json = jsonFile(asked, image)
    if (!json.ok) return json
    ready.push(json.value)
  }
  if (has('csv')) {
    const tables = figureTables(groupsOf(asked), image)
    if (!tables.ok) return tables
    ready.push(...tables.value)
  }
  if (has('png') || has('svg') || has('pdf')) {
    const { pictureFiles } = await import('./export-pictures')
    const pictures = await pictureFiles(asked, key, commandOf(asked), image)
    if (!pictures.ok) return pictures
    ready.push(...pictures.value)
  }
  const objects = formats.flatMap((format) => RunObjectFormat.safeParse(format).data ?? [])
  if (objects.length === 0) return accept({ ready, drawn: null, image })
  const drawn = await drawnExport(asked, objects)
  return drawn.ok ? accept({ ready, drawn: drawn.value, image }) : drawn
}

const medianArea = ({ report: { sizes } }: CollectedRun): number =>
  sizes.areaMm2?.median ?? sizes.areaPx?.median ?? -1

/** The run whose slice is pictured: where the median area is largest. */
function keyRunOf({ runs }: ReportedTarget): CollectedRun | null {
  return runs.reduce<CollectedRun | null>(
    (best, run) => (best === null || medianArea(run) > medianArea(best) ? run : best),
    null,
  )
}

/** The line that makes the export again: that of the run of the place that was asked for. */
function commandOf({ target, image, noduleKind, patientFields }: RunExport): string | null {
  const clicked = target.whole?.report.place
  const run = target.runs.find(({ report }) => report.sliceIndex === clicked?.sliceIndex) ?? target.runs[0]
  const own = run?.run.command ?? null
  if (own === null) return null
  // Folders are named after patients: without the patient's fields the place is left out, and of a photograph always.
  const place = image === null ? 'FOLDER' : patientFields ? `FOLDER/${shellWord(image.name)}` : 'FILE'
  const command =
    patientFields && image === null
      ? own
      : own.replace(/^margin infer .*? (?=--(?:series|model) )/, () => `margin infer ${place} `)
  const whole = target.whole === undefined ? '' : ' --whole-lesion'
  return `${command}${whole}${noduleKind === null ? '' : ` --nodule ${noduleKind}`}`
}

function jsonFile(asked: RunExport, image: ReportedImage | null): Result<NamedFile> {
  const { detail, target } = asked
  const stack = detail === null ? null : countedStack(detail)
  const report = inferReport([target], commandOf(asked), [], stack, image)
  const bytes = new TextEncoder().encode(`${JSON.stringify(report, null, 2)}\n`)
  const read = InferReportSchema.safeParse(JSON.parse(new TextDecoder().decode(bytes)))
  return read.success
    ? accept({ path: 'figures.json', bytes })
    : refuse(
        'internal',
        `The figures did not read back as they were written: ${read.error.issues[0]?.message ?? ''}.`,
      )
}

function groupsOf({ detail, target }: Pick<RunExport, 'detail' | 'target'>): readonly FigureGroup[] {
  const of = detail === null ? 'photograph' : 'slice'
  const { sizedBy } = kindOf({ kind: detail === null ? 'image' : 'series' })
  const slices = target.runs.map(({ report }): FigureGroup => ({
    of,
    sliceNumber:
      detail === null || report.sliceIndex === null
        ? null
        : sliceNumber(countedStack(detail), report.sliceIndex),
    sampleCount: report.sampleCount,
    drawnCount: report.drawnCount,
    rows: sizeRows(report.sizes, report.agreement?.readers ?? [], sizedBy),
  }))
  if (target.whole === undefined) return slices
  const { report } = target.whole
  const { sampleCount, drawnCount } = report
  return [{ of: 'lesion', sliceNumber: null, sampleCount, drawnCount, rows: allRows(report) }, ...slices]
}

const allRows = (report: Parameters<typeof lesionRows>[0]): readonly SizeRow[] => {
  const { plotted, listed } = lesionRows(report)
  return [...plotted, ...listed]
}

async function drawnExport(
  { library, detail, target, noduleKind }: RunExport,
  formats: readonly RunObjectFormat[],
): Promise<Result<DrawnExport>> {
  // Said of the formats, before anything is said of the model's grid.
  if (detail === null)
    return refuse(
      'annotation-unsupported',
      `${formats.map(formatName).join(', ')}: a photograph lies nowhere in a patient, so that no object can refer to it.`,
      { next: `Nothing was exported. Export a photograph as ${FORMATS_OF_PHOTOGRAPHS.join(', ')}.` },
    )
  const lesion = drawnLesionOf(target)
  if (!lesion.ok) return lesion
  const subject = { kind: 'series', seriesUid: detail.summary.seriesUid } as const
  const onto = targetOf(library, subject)
  if (!onto.ok) return onto
  const marked = new Set(lesion.value.slices.map(({ sliceIndex }) => sliceIndex))
  const source = await sourceOf(library, subject, onto.value, marked)
  if (!source.ok) return source
  const report = target.whole?.report
  const [first] = groupsOf({ detail, target })
  return accept({
    lesion: lesion.value,
    figures: {
      rows: first?.rows ?? [],
      drawnCount: first?.drawnCount ?? 0,
      kind: report === undefined ? null : noduleKind,
      classes:
        report === undefined || noduleKind === null
          ? []
          : guidelineShares(report, noduleKind).map(({ guideline, measure, classes }) => ({
              guideline,
              measure: measure === 'volumeMm3' ? 'volume' : 'mean diameter',
              classes,
            })),
    },
    formats,
    target: source.value.target,
    source: source.value,
    stamp: {
      key: keyOf(lesion.value, detail.summary.seriesUid),
      seriesNumber: RUN_SERIES_NUMBER,
      softwareVersion: version,
    },
  })
}
