import { onStructure } from '../../core/subject/subject'
import type { PixelSpacing, ReadingSet, SliceReport } from '../../contract'
import { fromBase64 } from '../../core/image/base64'
import { unpackMask } from '../../core/image/mask'
import { readersOfRun } from '../../core/measures/readers-of-run'
import type { SliceReading } from '../../core/measures/readers-on-grid'
import { agreementSteps, type SliceSamples } from '../../core/measures/slice-report'
import type { Steps } from '../../core/measures/steps'
import { withoutSpread } from '../../core/uncertainty/one-outline'
import { nowMs } from '../browser/clock'
import type { RunSnapshot } from './run-snapshot'
import { ABOUT_READERS, hasNoUncertainty } from './run-words'

/**
 * Those whom a finished run is not compared with yet: readings that were brought in after it. Null where its report
 * is already about exactly these. `structureId` names the structure that the place of the run turned out to lie on.
 */
export function laterReaders(
  run: RunSnapshot | null,
  set: ReadingSet | null,
  structureId: string | null,
): readonly SliceReading[] | null {
  if (run?.phase !== 'done' || run.report === null || run.grid === null || set === null) return null
  const about = onStructure(run.request.target, structureId)
  const readers = readersOfRun(set, about, run.grid)
  const known = (run.report.agreement?.readers ?? []).map(({ readingId }) => readingId)
  const isSame =
    readers.length === known.length && readers.every(({ readingId }, at) => readingId === known[at])
  return isSame ? null : readers
}

/** The report of a run, compared with these readers by the same rules as if they had been there at its time. */
export async function reportWith(
  run: RunSnapshot,
  readers: readonly SliceReading[],
  spacingMm: PixelSpacing | null,
): Promise<SliceReport | null> {
  const { grid, report } = run
  if (grid === null || report === null) return null
  const unpack = (packed: Uint8Array): SliceSamples['masks'][number] =>
    unpackMask(packed, grid.widthPx, grid.heightPx)
  const { agreement, warnings } = await inPieces(
    agreementSteps({
      masks: run.masks.map(unpack),
      ...{ grid, readers, pixelSpacingMm: spacingMm },
      fieldOfView: run.fieldOfView === null ? null : unpack(fromBase64(run.fieldOfView)),
      sopInstanceUid: report.sopInstanceUid,
      sliceIndex: report.sliceIndex,
      warnings: [],
    }),
  )
  const others = report.warnings.filter(({ code }) => code !== ABOUT_READERS)
  const compared = { ...report, agreement, warnings: [...others, ...warnings] }
  return hasNoUncertainty(run) ? withoutSpread(compared) : compared
}

/** Longest that the page is held at a time. */
const PIECE_MS = 12

async function inPieces<T>(steps: Steps<T>): Promise<T> {
  for (let sinceMs = nowMs(); ;) {
    const step = steps.next()
    if (step.done === true) return step.value
    if (nowMs() - sinceMs < PIECE_MS) continue
    await new Promise((resolve) => setTimeout(resolve))
    sinceMs = nowMs()
  }
}
