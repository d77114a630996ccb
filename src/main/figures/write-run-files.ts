/** The files of a command's runs: report, figures, masks and DICOM segmentations. */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { accept, type InferReport, refuse, type Result } from '../../contract'
import { countedStack, sliceNumber } from '../../core/geometry/slice-number'
import type { CollectedRun } from './collect-run'
import type { ReportedTarget } from './infer-report'
import { maskSheet, varianceMapPicture } from './mask-sheet'
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

async function filesOfRun(
  files: RunFiles,
  target: ReportedTarget,
  run: CollectedRun,
): Promise<Result<readonly OutputFile[]>> {
  const name = sliceName(target, run, files.detail)
  const figures = await figuresOfRun(files, target, run, name)
  if (!figures.ok) return figures
  return accept([
    ...figures.value,
    { path: `masks/${name}.png`, bytes: await maskSheet(run) },
    // One outline has no variance: a map of zeros would say that the model is sure.
    ...(run.run.uncertainty === 'none'
      ? []
      : [{ path: `maps/${name}-variance.png`, bytes: await varianceMapPicture(run) }]),
  ])
}

async function figuresOfRun(
  { library, detail, image }: RunFiles,
  target: ReportedTarget,
  run: CollectedRun,
  name: string,
): Promise<Result<readonly OutputFile[]>> {
  if (detail !== null) {
    const figure = await sliceFigure(library, detail, target, run)
    return figure.ok ? accept([{ path: `overlays/${name}.png`, bytes: figure.value }]) : figure
  }
  if (image === null) return accept([])
  const figures = await photographFigures(library, image, target, run)
  if (!figures.ok) return figures
  const { whole, detail: inset } = figures.value
  return accept([
    { path: `overlays/${name}-${run.run.uncertainty === 'none' ? 'whole' : 'map'}.png`, bytes: whole },
    { path: `overlays/${name}-detail.png`, bytes: inset },
  ])
}

async function write(outDir: string, { path, bytes }: OutputFile): Promise<void> {
  const place = join(outDir, ...path.split('/'))
  await mkdir(dirname(place), { recursive: true })
  await writeFile(place, bytes)
}

/**
 * Writes everything below `outDir` and `report.json` last, so that a report stands for whole files. The same runs
 * give the same bytes. Refused: `file-unreadable` where the folder cannot be written, `cancelled`.
 */
export async function writeRunFiles(files: RunFiles): Promise<Result<WrittenFiles>> {
  const paths: string[] = []
  const notes: string[] = []
  const keep = async (made: readonly OutputFile[]): Promise<void> => {
    for (const file of made) {
      await write(files.outDir, file)
      paths.push(file.path)
    }
  }
  try {
    for (const target of files.targets) {
      for (const run of target.runs) {
        if (files.signal.aborted) return refuse('cancelled', 'Writing was cancelled.')
        const made = await filesOfRun(files, target, run)
        if (!made.ok) return made
        await keep(made.value)
      }
      const segmentations = await segmentationFiles(files, target)
      notes.push(...segmentations.notes)
      await keep(segmentations.files)
    }
    const report = files.report([...paths].sort())
    if (report === null) return refuse('internal', 'There is no run to report.')
    const bytes = new TextEncoder().encode(`${JSON.stringify(report, null, 2)}\n`)
    await write(files.outDir, { path: 'report.json', bytes })
    return accept({ report, notes })
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? error.message : null
    if (why === null) throw error
    return refuse('file-unreadable', `The files cannot be written: ${why}`, {
      path: files.outDir,
      next: 'Choose another folder with --out.',
    })
  }
}
