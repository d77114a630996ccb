/** The files of a command's runs: report, figures, masks and DICOM segmentations. */
import { accept, type InferReport, refuse, type Result } from '../../contract'
import { countedStack, sliceNumber } from '../../core/geometry/slice-number'
import type { CollectedRun } from './collect-run'
import type { ReportedTarget } from './infer-report'
import { type Figure, figurePng } from './figure'
import { maskSheet, varianceMap } from './mask-sheet'
import { writeInto } from './output-folder'
import { photographFigures } from './photograph-figure'
import type { OutputFile, RunFiles } from './run-files'
import { segmentationFiles } from './segmentation-files'
import { sliceFigure } from './slice-figure'

export interface WrittenFiles {
  readonly report: InferReport
  /** What was left out and why, in words. */
  readonly notes: readonly string[]
}

function sliceName(target: ReportedTarget, { report }: CollectedRun, detail: RunFiles['detail']): string {
  if (report.sliceIndex === null || detail === null) return target.id
  const number = sliceNumber(countedStack(detail), report.sliceIndex)
  return `${target.id}-slice-${String(number).padStart(3, '0')}`
}

const OPAQUE = 255

async function filesOfRun(
  files: RunFiles,
  target: ReportedTarget,
  run: CollectedRun,
): Promise<Result<readonly OutputFile[]>> {
  const name = sliceName(target, run, files.detail)
  const figures = await figuresOfRun(files, target, run, name)
  if (!figures.ok) return figures
  const sheet = { path: `masks/${name}.png`, bytes: maskSheet(run) }
  // One outline has no variance: a map of zeros would say that the model is sure.
  if (run.run.uncertainty === 'none') return accept([...figures.value, sheet])
  const map = await files.pictures.pngOf(varianceMap(run, OPAQUE))
  if (!map.ok) return map
  return accept([...figures.value, sheet, { path: `maps/${name}-variance.png`, bytes: map.value }])
}

async function figuresOfRun(
  files: RunFiles,
  target: ReportedTarget,
  run: CollectedRun,
  name: string,
): Promise<Result<readonly OutputFile[]>> {
  const figures = await namedFigures(files, target, run)
  if (!figures.ok) return figures
  const made: OutputFile[] = []
  for (const { suffix, figure } of figures.value) {
    const png = await figurePng(figure, files.pictures)
    if (!png.ok) return png
    made.push({ path: `overlays/${name}${suffix}.png`, bytes: png.value })
  }
  return accept(made)
}

interface NamedFigure {
  readonly suffix: string
  readonly figure: Figure
}

async function namedFigures(
  { library, pictures, detail, image }: RunFiles,
  target: ReportedTarget,
  run: CollectedRun,
): Promise<Result<readonly NamedFigure[]>> {
  // The report beside them names the file of a photograph in its command.
  const ways = { library, pictures, patientFields: detail === null }
  if (detail !== null) {
    const figure = await sliceFigure(detail, target, run, ways)
    return figure.ok ? accept([{ suffix: '', figure: figure.value }]) : figure
  }
  if (image === null) return accept([])
  const figures = await photographFigures(image, target, run, ways)
  if (!figures.ok) return figures
  const { whole, detail: inset } = figures.value
  return accept([
    { suffix: run.run.uncertainty === 'none' ? '-whole' : '-map', figure: whole },
    { suffix: '-detail', figure: inset },
  ])
}

/**
 * Writes everything below `outDir` and `report.json` last, so that a report stands for whole files. The same runs
 * give the same bytes. `more` are files of an export, made before. Refused: `file-unreadable` where the folder cannot
 * be written, `cancelled`.
 */
export async function writeRunFiles(
  files: RunFiles,
  more: readonly OutputFile[] = [],
): Promise<Result<WrittenFiles>> {
  const paths: string[] = []
  const notes: string[] = []
  const keep = async (made: readonly OutputFile[]): Promise<Result<null>> => {
    for (const file of made) {
      const written = await writeInto(files.outDir, file)
      if (!written.ok) return written
      paths.push(file.path)
    }
    return accept(null)
  }
  for (const target of files.targets) {
    for (const run of target.runs) {
      if (files.signal.aborted) return refuse('cancelled', 'Writing was cancelled.')
      const made = await filesOfRun(files, target, run)
      if (!made.ok) return made
      const kept = await keep(made.value)
      if (!kept.ok) return kept
    }
    const segmentations = await segmentationFiles(files, target)
    notes.push(...segmentations.notes)
    const kept = await keep(segmentations.files)
    if (!kept.ok) return kept
  }
  const kept = await keep(more)
  if (!kept.ok) return kept
  const report = files.report([...paths].sort())
  if (report === null) return refuse('internal', 'There is no run to report.')
  const bytes = new TextEncoder().encode(`${JSON.stringify(report, null, 2)}\n`)
  const last = await writeInto(files.outDir, { path: 'report.json', bytes })
  return last.ok ? accept({ report, notes }) : last
}
