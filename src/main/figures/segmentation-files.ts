/** DICOM segmentations of a target's runs: the median sample and the outer border of both bands, an object each. */
import { keyOf } from '../../core/exchange/drawn/drawn-lesion'
import { surfaceSegmentations } from '../../core/exchange/drawn/surface-segmentations'
import { uidInFiles } from '../../core/dicom/made-up-uid'
import { sourceOf, targetOf } from '../exchange/image-of-subject'
import { version } from '../version'
import { drawnLesionOf } from './drawn-lesion-of'
import type { ReportedTarget } from './infer-report'
import type { OutputFile, RunFiles } from './run-files'

export interface SegmentationFiles {
  readonly files: readonly OutputFile[]
  readonly notes: readonly string[]
}

/** Objects of runs; readings have numbers of their own. */
export const RUN_SERIES_NUMBER = 9100

/** The objects of a lesion; none for a photograph. What could not be written is said in `notes`. */
export async function segmentationFiles(
  { library, detail }: RunFiles,
  target: ReportedTarget,
): Promise<SegmentationFiles> {
  if (detail === null) return { files: [], notes: [] }
  const without = (why: string): SegmentationFiles => ({ files: [], notes: [`${target.label}: ${why}`] })
  const { seriesUid } = detail.summary
  if (uidInFiles(seriesUid) === null)
    return without('the files have no series UID that a segmentation could name.')
  const lesion = drawnLesionOf(target)
  if (!lesion.ok) return without(lesion.refusal.reason)
  const subject = { kind: 'series', seriesUid } as const
  const image = targetOf(library, subject)
  if (!image.ok) return without(image.refusal.reason)
  const marked = new Set(lesion.value.slices.map(({ sliceIndex }) => sliceIndex))
  const source = await sourceOf(library, subject, image.value, marked)
  if (!source.ok) return without(source.refusal.reason)
  const stamp = {
    key: keyOf(lesion.value, seriesUid),
    seriesNumber: RUN_SERIES_NUMBER,
    softwareVersion: version,
  }
  const files: OutputFile[] = []
  const notes: string[] = []
  for (const { surface, bytes } of surfaceSegmentations(lesion.value, source.value, stamp)) {
    if (bytes.ok) files.push({ path: `seg/${target.id}-${surface.name}.dcm`, bytes: bytes.value })
    else notes.push(`${target.label}, ${surface.label.toLowerCase()}: ${bytes.refusal.reason}`)
  }
  return { files, notes }
}
