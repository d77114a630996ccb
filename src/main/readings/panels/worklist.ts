import { joinedNames, listedSubjects } from '../../../core/subject/listed'
import { accept } from '../../../contract'
import type { Rater, Result, SliceReport, Subject, Worklist, WorklistRow } from '../../../contract'
import { ranked, worklistScore } from '../../../core/comparison/worklist-score'
import type { LibraryService, ReadingService } from '../../library/library-service'
import type { AttemptParts } from '../attempts'
import { compareAway } from '../away'
import { shownReadings } from '../shown-readings'

/** Spreads of the runs of this session, the widest a subject. */
type Spreads = ReadonlyMap<string, number>

/** Width of the 95 % interval of the equivalent diameter over its median; null where all samples are empty. */
export function spreadOf({ sizes }: SliceReport): number | null {
  const diameter = sizes.equivalentDiameterMm ?? sizes.equivalentDiameterPx
  if (diameter?.median == null || diameter.low95 === null || diameter.high95 === null) return null
  return (diameter.high95 - diameter.low95) / diameter.median
}

export interface WorklistService {
  readonly rank: (rater: Rater) => Promise<Result<Worklist>>
  /** A run that ended: its spread ranks the worklist. */
  readonly noteRun: (subject: Subject, report: SliceReport) => Promise<void>
}

export function createWorklist(
  parts: AttemptParts & { readonly library: LibraryService; readonly readings: ReadingService },
): WorklistService {
  const spreads = new Map<string, number>()
  return {
    rank: (rater) => rankImages({ ...parts, spreads }, rater),
    noteRun: async (subject, report) => {
      const key = await parts.subjects.keyOf(subject)
      const spread = spreadOf(report)
      if (!key.ok || spread === null) return
      spreads.set(key.value, Math.max(spread, spreads.get(key.value) ?? 0))
    },
  }
}

/**
 * Images of the library, those first that a further reading would teach most about. What is blind to the rater who
 * asks is left out: its rank would tell.
 */
async function rankImages(
  parts: AttemptParts & {
    readonly library: LibraryService
    readonly readings: ReadingService
    readonly spreads: Spreads
  },
  rater: Rater,
): Promise<Result<Worklist>> {
  const rows: WorklistRow[] = []
  let isLeftOut = false
  for (const { subject, patientId, description, fileName } of listedSubjects(parts.library.current())) {
    const title = joinedNames(patientId, description, fileName)
    const row = await rowOf(parts, rater, subject, title)
    if (!row.ok) return row
    if (row.value === null) isLeftOut = true
    else rows.push(row.value)
  }
  // Not how many: a reader would know by it how many cases of the own panel come a second time.
  const blind = isLeftOut ? ' Images whose readings are still withheld from you are left out.' : ''
  return accept({
    rows: ranked(rows),
    note: `Mean of what is known: spread of the model’s samples, distance between readers, and how often it was read.${blind}`,
  })
}

async function rowOf(
  parts: Parameters<typeof rankImages>[0],
  rater: Rater,
  subject: Subject,
  title: string,
): Promise<Result<WorklistRow | null>> {
  const key = await parts.subjects.keyOf(subject)
  if (!key.ok) return accept(null)
  const withheld = await parts.disclosure.withheld(rater, key.value)
  if (!withheld.ok) return withheld
  if (withheld.value !== null) return accept(null)
  const found = await parts.subjects.find(subject)
  if (!found.ok) return accept(null)
  const shown = await shownReadings(parts, rater, subject, key.value)
  if (!shown.ok) return shown
  const compared = await compareAway(parts.readingsWorkerPath, subject, found.value.detail, shown.value, {
    lesionId: null,
    consensus: null,
  })
  if (!compared.ok) return compared
  const { meanDice } = compared.value
  const modelSpread = parts.spreads.get(key.value) ?? null
  for (const [kind, isTold] of [
    ['agreement', shown.value.length > 0],
    ['model', modelSpread !== null],
  ] as const) {
    const released = isTold
      ? await parts.disclosure.release(rater, key.value, kind, 'worklist')
      : accept(null)
    if (!released.ok) return released
  }
  const score = worklistScore({
    modelSpread,
    raterDistance: meanDice.value === null ? null : 1 - meanDice.value,
    readingCount: shown.value.filter(({ source }) => source !== 'imported').length,
  })
  return accept({ subject, title, ...score })
}
