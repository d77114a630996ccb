/** Pictures of an export, loaded when one is asked for. */
import { accept, refuse, type ReportedImage, type Result } from '../../contract'
import type { NamedFile } from '../../core/files/named-file'
import { cividis, VARIANCE_MAX } from '../../core/image/data-colours'
import { countedStack, sliceNumber } from '../../core/geometry/slice-number'
import type { CollectedRun } from '../figures/collect-run'
import { type Figure, figurePng, figureSvg, pictureOfFigure } from '../figures/figure'
import { wholePhotographFigure } from '../figures/photograph-figure'
import { sliceFigure } from '../figures/slice-figure'
import type { RunExport } from './run-export'
import { patientFieldsOf } from './patient-fields'
import { reportContent } from './report-content'
import { reportPdf } from './report-pdf'

/** Pixels of the file a pixel of the figure: 2472 across, 300 a inch at 21 cm. */
const PUBLISHED_SCALE = 2
/** Of the report's picture: 350 a inch where it stands. */
const REPORT_SCALE = 1.25

async function figureOf(asked: RunExport, key: CollectedRun): Promise<Result<Figure>> {
  const { detail, image, target } = asked
  if (detail !== null) return sliceFigure(detail, target, key, asked)
  if (image === null) return refuse('not-found', 'The picture is no longer open.')
  return wholePhotographFigure(image, target, key, asked)
}

const SCALE_STEPS = 40
/** Of the map over a whole photograph. */
const VARIANCE_SCALE = {
  colours: Array.from({ length: SCALE_STEPS }, (_, at) => cividis(at / (SCALE_STEPS - 1))),
  lowest: '0, all agree',
  highest: `${VARIANCE_MAX}, half and half`,
}

/** Figure and report of the run `key`; `command`: the line that makes them again. Refused: what cannot be drawn. */
export async function pictureFiles(
  asked: RunExport,
  key: CollectedRun,
  command: string | null,
  imaged: ReportedImage | null,
): Promise<Result<readonly NamedFile[]>> {
  const figure = await figureOf(asked, key)
  if (!figure.ok) return figure
  const { formats, target, detail } = asked
  const number =
    detail === null || key.report.sliceIndex === null
      ? ''
      : `-slice-${String(sliceNumber(countedStack(detail), key.report.sliceIndex)).padStart(3, '0')}`
  const files: NamedFile[] = []
  const ways = [
    { format: 'png', make: () => figurePng(figure.value, asked.pictures, PUBLISHED_SCALE) },
    { format: 'svg', make: () => accept(figureSvg(figure.value)) },
  ] as const
  for (const { format, make } of ways) {
    if (!formats.includes(format)) continue
    const bytes = await make()
    if (!bytes.ok) return bytes
    // Decoded again from end to end, by another program than wrote it where there is one.
    const whole = await asked.pictures.readsBack(bytes.value)
    if (!whole.ok) return whole
    files.push({ path: `figures/${target.id}${number}.${format}`, bytes: bytes.value })
  }
  if (formats.includes('pdf')) {
    const report = await reportFile(asked, key, figure.value, command, imaged)
    if (!report.ok) return report
    files.push(report.value)
  }
  return accept(files)
}

async function reportFile(
  asked: RunExport,
  key: CollectedRun,
  figure: Figure,
  command: string | null,
  imaged: ReportedImage | null,
): Promise<Result<NamedFile>> {
  const { library, detail, image, target, noduleKind, patientFields } = asked
  // A photograph carries no patient.
  const patient = detail === null ? [] : patientFields ? await patientFieldsOf(library, detail) : null
  const content = reportContent({
    target,
    key,
    detail,
    image,
    imaged,
    noduleKind,
    patient,
    command,
  })
  const picture = await pictureOfFigure(figure, asked.pictures, REPORT_SCALE)
  if (!picture.ok) return picture
  const bytes = await reportPdf(content, {
    png: picture.value,
    widthPx: figure.widthPx,
    heightPx: figure.heightPx,
    legend: legendOf(asked, key),
    scale: detail === null && key.run.uncertainty !== 'none' ? VARIANCE_SCALE : null,
  })
  return bytes.ok ? accept({ path: `${target.id}-report.pdf`, bytes: bytes.value }) : bytes
}

function legendOf({ target, detail }: RunExport, { run, report }: CollectedRun): readonly string[] {
  if (run.uncertainty === 'none') return ['White: the one outline that the model draws.']
  if (detail === null) return ['Variance of the samples, per pixel; the photograph is dimmed below it.']
  const readers = target.readings.filter(({ slices }) =>
    slices.some(({ sliceIndex }) => sliceIndex === report.sliceIndex),
  )
  return [
    'White: the median sample. Violet: 50 % and 90 % of the samples. Corners: what the model saw.',
    ...(readers.length === 0
      ? []
      : [`Lines with letters: readers ${readers.map(({ letter }) => letter).join(', ')}.`]),
  ]
}
