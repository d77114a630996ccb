import type { GateReport } from '../../contract'

/** Held-out patients below which a gate can refuse harm and show no gain. */
const LEAST_PATIENTS = 10

/** Why a candidate may not take its parent's place, in words; null: it may, once its worst cases were looked at. */
export function keptFromPromotion(report: GateReport | null): string | null {
  if (report === null) return 'It was not judged yet.'
  if (report.verdict !== 'improves') return report.words
  if (report.heldOut.patients < LEAST_PATIENTS)
    return `${report.heldOut.patients} held-out patients are too few to replace a model: ${LEAST_PATIENTS} are asked for.`
  const failed = report.checks.filter(({ passed }) => passed === false)
  return failed.length === 0 ? null : failed.map(({ words }) => words).join(' ')
}
