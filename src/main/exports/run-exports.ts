import { accept, refuse, type ReportedImage, type Result, type RunExportRequest } from '../../contract'
import { pathPart, stemOf } from '../../core/exchange/pictures/picture-names'
import { structureAt } from '../../core/measures/readers-of-run'
import { countedStack, sliceNumber } from '../../core/geometry/slice-number'
import { placeName } from '../../core/words/place-words'
import { placeOfTarget, subjectOfTarget } from '../../core/subject/subject'
import type { ExportedFile } from '../exchange/exported-file'
import { writeExport } from '../exchange/write-files'
import { collectRun } from '../figures/collect-run'
import type { ReportedTarget } from '../figures/infer-report'
import type { RunService } from '../inference/run-service'
import { collectLesion } from '../lesions/collect-lesion'
import type { LesionRuns } from '../lesions/lesion-runs'
import { printedLesion } from '../lesions/printed-lesion'
import type { LibraryService, ReadingService } from '../library/library-service'
import type { Pictures } from '../pictures/picture-process'
import { prepareExport } from './export-files'

export interface RunExports {
  /**
   * Draws a run again from its seed and hands out its files as a ZIP. Refused: what the run is refused for, and what a
   * format cannot hold.
   */
  readonly exportRun: (request: RunExportRequest, signal: AbortSignal) => Promise<Result<ExportedFile>>
}

export interface RunExportParts {
  readonly library: LibraryService
  readonly pictures: Pictures
  readonly readings: Pick<ReadingService, 'of'>
  readonly runs: RunService
  readonly lesions: LesionRuns
  /** The built `write-worker.js`; null: files are written in the calling thread. */
  readonly writeWorkerPath: string | null
}

export const createRunExports = (parts: RunExportParts): RunExports => ({
  exportRun: (request, signal) => exportRun(parts, request, signal),
})

async function exportRun(
  parts: RunExportParts,
  request: RunExportRequest,
  signal: AbortSignal,
): Promise<Result<ExportedFile>> {
  const { library, pictures, writeWorkerPath } = parts
  const target = await drawnTarget(parts, request, signal)
  if (!target.ok) return target
  const subject = subjectOfTarget(request.run.target)
  const detail = subject.kind === 'series' ? library.seriesDetail(subject.seriesUid) : null
  if (detail !== null && !detail.ok) return detail
  const image =
    subject.kind === 'image'
      ? (library.current().images.find(({ imageId }) => imageId === subject.imageId) ?? null)
      : null
  const { formats, noduleKind, patientFields } = request
  const prepared = await prepareExport({
    ...{ library, pictures, detail: detail?.value ?? null, image, target: target.value },
    ...{ formats, noduleKind, patientFields },
  })
  if (!prepared.ok) return prepared
  const { ready, drawn } = prepared.value
  const bytes = await writeExport(writeWorkerPath, { kind: 'run', ready, drawn })
  const name = `margin-${target.value.id}${nameOf(prepared.value.image)}.zip`
  return bytes.ok ? accept({ name, bytes: bytes.value }) : bytes
}

/** Digits of a hash, or of a UID from behind, that tell the files of one folder apart. */
const SHORT_DIGITS = 8

/** So that the archives of two eyes, or of two patients, are two files: `-Image_08R-3f2a91c0`. */
function nameOf(image: ReportedImage | null): string {
  if (image === null) return ''
  if (image.kind === 'series')
    return image.seriesUid === null ? '' : `-${image.seriesUid.slice(-SHORT_DIGITS).replaceAll('.', '-')}`
  const { name, eye, pixelsSha256 } = image
  const who = name === null ? (eye ?? 'photograph') : pathPart(stemOf(name), eye ?? 'photograph')
  return `-${who}-${pixelsSha256.slice(0, SHORT_DIGITS)}`
}

/** The target by the names that the command line gives it. */
async function drawnTarget(
  { library, readings, runs, lesions }: RunExportParts,
  { run: request, wholeLesion, noduleKind }: RunExportRequest,
  signal: AbortSignal,
): Promise<Result<ReportedTarget>> {
  const place = placeOfTarget(request.target)
  const set = readings.of(subjectOfTarget(request.target))
  if (place === null) {
    const run = await collectRun(runs, request, signal)
    if (!run.ok) return run
    const read = set?.structures[0]?.readings ?? []
    return accept({ id: 'vessels', label: 'Vessels', runs: [run.value], readings: read })
  }
  const { structureId } = place
  const detail = library.seriesDetail(place.seriesUid)
  const number = detail.ok ? sliceNumber(countedStack(detail.value), place.sliceIndex) : null
  const named = (grid: Parameters<typeof structureAt>[3]) => {
    const structure = set === null ? undefined : structureAt(set.structures, place, structureId, grid)
    const isAsked = structure !== undefined && structure.structureId === structureId
    return {
      ...(isAsked ? { id: structure.structureId, label: structure.label } : placeName(place, number)),
      readings: structure?.readings ?? [],
    }
  }
  if (!wholeLesion) {
    const run = await collectRun(runs, request, signal)
    return run.ok ? accept({ ...named(run.value.grid), runs: [run.value] }) : run
  }
  const lesion = await collectLesion({ lesions, runs }, { ...request, target: place }, signal)
  if (!lesion.ok) return lesion
  const [first] = lesion.value.runs
  if (first === undefined) return refuse('inference-failed', 'The lesion was not followed to its end.')
  const { runs: own, whole } = lesion.value
  return accept({
    ...{ ...named(first.grid), runs: own, whole },
    lesion: printedLesion(whole.report, noduleKind),
  })
}
