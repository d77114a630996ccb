import type { SetCase, SetCheck, SetCounts, SetPatient, Warning } from '../../contract'
import type { SamePatients } from './same-images'

/** The spread over patients of the difference between near models, in expected GED; measured on LIDC-IDRI. */
const SD_BETWEEN_PATIENTS = 0.03
/** Normal quantiles of 95 % confidence and 80 % power. */
const QUANTILES = 1.96 + 0.84

/** Fewer held-out patients can refuse harm and show no gain. */
const WANTED_HELD_OUT = 10
/** Fewer cases are too few even for two numbers: only the width of intervals is fitted. */
export const CASES_FOR_HEADS = 30
/** Fewer crops without a mark teach that there is always something. */
const WANTED_UNMARKED_SHARE = 0.1

/** The change in expected GED that so many patients find four times out of five. */
export const detectableGed = (heldOut: number): number | null =>
  heldOut === 0 ? null : (QUANTILES * SD_BETWEEN_PATIENTS) / Math.sqrt(heldOut)

export interface SetFindings {
  readonly cases: readonly SetCase[]
  readonly patients: readonly SetPatient[]
  readonly shared: readonly SamePatients[]
  readonly conflicts: readonly string[]
  readonly learned: ReadonlySet<string>
  /** Images with readings that are not open. */
  readonly notOpen: number
  readonly judgedBefore: number
}

export function countSet({ cases, patients }: Pick<SetFindings, 'cases' | 'patients'>): SetCounts {
  const heldOut = patients.filter(({ part }) => part === 'heldOut').length
  return {
    patients: patients.length,
    train: patients.length - heldOut,
    heldOut,
    cases: cases.length,
    unmarked: cases.filter(({ readings }) => readings.every(({ markedPx }) => markedPx === 0)).length,
    raters: new Set(cases.flatMap(({ readings }) => readings.map(({ rater }) => rater))).size,
    readings: cases.reduce((sum, { readings }) => sum + readings.length, 0),
  }
}

export const readersOf = (cases: readonly SetCase[]): SetCheck['readers'] =>
  cases.some(({ readings }) => readings.length > 1) ? 'many' : 'one'

/** What keeps a set from being trained on and judged; empty: nothing. */
export function missingOf({ cases, patients, notOpen }: SetFindings): Warning[] {
  const counts = countSet({ cases, patients })
  const closed =
    notOpen > 0
      ? ` ${several(notOpen, 'image')} with readings ${notOpen === 1 ? 'is' : 'are'} not open: open ${notOpen === 1 ? 'its' : 'their'} folder.`
      : ''
  if (counts.cases === 0)
    return [{ code: 'set-empty', text: `No reading fits: commit readings of open images first.${closed}` }]
  const missing: Warning[] = []
  if (counts.patients < 2)
    missing.push({
      code: 'set-one-patient',
      text: `All cases are of one patient: read images of at least one more, to train on one and judge on the other.${closed}`,
    })
  else if (counts.train === 0)
    missing.push({
      code: 'set-none-to-train',
      text: 'Every patient is held out: read images of further patients.',
    })
  else if (counts.heldOut === 0)
    missing.push({
      code: 'set-none-held-out',
      text: 'No patient can be held out, since the model or an earlier set has learned from all of them: read images of new patients.',
    })
  if (counts.unmarked === counts.cases)
    missing.push({
      code: 'set-unmarked',
      text: 'No reader marked anything in any case: there is no outline to learn.',
    })
  return missing
}

/** What is to be known of a set before it is trained on. */
export function warningsOf(findings: SetFindings): Warning[] {
  const { cases, shared, conflicts, learned, judgedBefore, notOpen } = findings
  const counts = countSet(findings)
  const warnings: Warning[] = []
  const warn = (code: string, text: string): void => void warnings.push({ code, text })
  for (const { a, b, kind } of shared)
    warn(
      kind,
      kind === 'same-pixels'
        ? `Patients ${a} and ${b} share the very same image: taken as one patient.`
        : `Patients ${a} and ${b} have images that hardly differ: taken as one patient.`,
    )
  if (conflicts.length > 0)
    warn(
      'leak',
      `${conflicts.join(', ')}: trained on before, now found to be a patient who is held out. Left out; candidates trained on them were judged too well.`,
    )
  if (learned.size > 0)
    warn(
      'patient-in-training',
      `The model has learned from ${several(learned.size, 'patient')} of these already: never held out.`,
    )
  if (counts.heldOut > 0 && counts.heldOut < WANTED_HELD_OUT)
    warn(
      'few-held-out',
      `${several(counts.heldOut, 'patient')} held out: with fewer than ${WANTED_HELD_OUT} the gate can only refuse harm, and the candidate stands beside the model.`,
    )
  const trained = new Set(
    findings.patients.filter(({ part }) => part === 'train').map(({ patientId }) => patientId),
  )
  const trainCases = cases.filter(({ patientId }) => trained.has(patientId)).length
  if (trainCases > 0 && trainCases < CASES_FOR_HEADS)
    warn(
      'few-cases',
      `${several(trainCases, 'case')} to train on: with fewer than ${CASES_FOR_HEADS} only the width of the intervals is fitted, no outline changes.`,
    )
  if (counts.cases > 0 && counts.unmarked < WANTED_UNMARKED_SHARE * counts.cases)
    warn(
      'few-unmarked',
      `${counts.unmarked} of ${several(counts.cases, 'case')} have no mark: from marked ones alone a model learns to draw always. Read images too in which there is nothing.`,
    )
  if (counts.cases > 0 && readersOf(cases) === 'one')
    warn(
      'one-reader',
      'No case has a second reader: how far readers differ is not in this set, and the spread is tied to the model’s own.',
    )
  if (judgedBefore > 0)
    warn(
      'judged-before',
      `These held-out patients have judged ${several(judgedBefore, 'candidate')} before: each use makes them prove less.`,
    )
  if (notOpen > 0)
    warn(
      'not-open',
      `${several(notOpen, 'image')} with readings ${notOpen === 1 ? 'is' : 'are'} not open and left out.`,
    )
  return warnings
}

export const several = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`
