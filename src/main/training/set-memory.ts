import { z } from 'zod'
import { ModelName, accept, refuse } from '../../contract'
import type { Rater, Result } from '../../contract'
import type { StoreCalls } from '../workspace/store-calls'
import { equalValues } from '../../core/annotation/canonical-json'
import type { Part } from './patient-split'

/** What a workspace remembers of its training, whatever becomes of the files. */

const Patients = z.strictObject({ parts: z.record(z.string(), z.enum(['train', 'heldOut'])) })
/** Those of earlier versions name neither candidate nor report. */
const Verdict = z.strictObject({
  ...{ setId: z.string(), heldOut: z.array(z.string()), verdict: z.string() },
  candidate: ModelName.optional(),
  reportSha256: z.string().optional(),
})

/** The key of this workspace's split and pseudonyms, made at the first question. `random`: 32 bytes as hex. */
export async function splitKey(
  store: StoreCalls,
  rater: Rater,
  random: () => string,
): Promise<Result<string>> {
  const kept = await store.trainingRecords('split-key')
  if (!kept.ok) return kept
  const [first] = kept.value
  if (first !== undefined) return accept(first.body)
  const made = await store.addTrainingRecord(
    { kind: 'split-key', key: '1', body: random() },
    rater.raterId,
    true,
  )
  if (made.ok) return accept(made.value.body)
  // Another process was faster.
  const again = await store.trainingRecords('split-key')
  const theirs = again.ok ? again.value[0] : undefined
  return theirs === undefined ? made : accept(theirs.body)
}

/** Each patient's part, by the first set that had it. */
export async function partsBefore(store: StoreCalls): Promise<Result<ReadonlyMap<string, Part>>> {
  const kept = await store.trainingRecords('patients')
  if (!kept.ok) return kept
  const parts = new Map<string, Part>()
  for (const { body } of kept.value) {
    const parsed = Patients.safeParse(JSON.parse(body))
    if (!parsed.success) return unreadable('which patients are held out')
    for (const [patientId, part] of Object.entries(parsed.data.parts))
      if (!parts.has(patientId)) parts.set(patientId, part)
  }
  return accept(parts)
}

export const keepParts = (
  store: StoreCalls,
  rater: Rater,
  setId: string,
  parts: ReadonlyMap<string, Part>,
): ReturnType<StoreCalls['addTrainingRecord']> => {
  const body = JSON.stringify({ parts: Object.fromEntries(parts) } satisfies z.infer<typeof Patients>)
  return store.addTrainingRecord({ kind: 'patients', key: setId, body }, rater.raterId)
}

/** How many candidates any of these patients have judged. */
export async function judgedBefore(store: StoreCalls, heldOut: readonly string[]): Promise<Result<number>> {
  const kept = await store.trainingRecords('verdict')
  if (!kept.ok) return kept
  let count = 0
  for (const { body } of kept.value) {
    const parsed = Verdict.safeParse(JSON.parse(body))
    if (!parsed.success) return unreadable('how often patients have judged')
    if (parsed.data.heldOut.some((patientId) => heldOut.includes(patientId))) count += 1
  }
  return accept(count)
}

/** Whether a verdict of the log is that of a candidate, by this very report. */
export async function wasJudgedBy(
  store: Pick<StoreCalls, 'trainingRecords'>,
  candidate: ModelName,
  report: string,
): Promise<Result<boolean>> {
  const kept = await store.trainingRecords('verdict')
  if (!kept.ok) return kept
  return accept(
    kept.value.some(({ body }) => {
      const said = Verdict.safeParse(JSON.parse(body)).data
      return said?.reportSha256 === report && equalValues(said.candidate ?? null, candidate)
    }),
  )
}

export const keepVerdict = (
  store: StoreCalls,
  by: string,
  jobId: string,
  verdict: z.infer<typeof Verdict>,
): ReturnType<StoreCalls['addTrainingRecord']> =>
  store.addTrainingRecord({ kind: 'verdict', key: jobId, body: JSON.stringify(verdict) }, by)

const unreadable = (what: string): Result<never> =>
  refuse('workspace-failed', `The workspace does not say in a form that Margin writes ${what}.`, {
    next: 'Run margin audit verify, and restore the newest good backup.',
  })
