import type { Measurement, MeasurementEntry } from '../../contract'

/** Measurements as they stand after these steps, in the order in which they were first laid. */
export function standing(entries: readonly MeasurementEntry[]): readonly Measurement[] {
  const states = new Map<string, Measurement | null>()
  for (const { measurementId, state } of entries) states.set(measurementId, state)
  return [...states.values()].filter((state) => state !== null)
}

/** What undo takes back: the last step that neither was taken back nor takes one back; null: there is none. */
export function lastToUndo(entries: readonly MeasurementEntry[]): MeasurementEntry | null {
  const taken = new Set(entries.flatMap(({ undoes }) => (undoes === null ? [] : [undoes])))
  return entries.findLast(({ number, undoes }) => undoes === null && !taken.has(number)) ?? null
}

/** The step that takes one back: the measurement is as it was before it. */
export function undoing(
  entries: readonly MeasurementEntry[],
  step: MeasurementEntry,
): Pick<MeasurementEntry, 'measurementId' | 'state' | 'undoes'> {
  const before = entries.findLast(
    ({ measurementId, number }) => measurementId === step.measurementId && number < step.number,
  )
  return { measurementId: step.measurementId, state: before?.state ?? null, undoes: step.number }
}
