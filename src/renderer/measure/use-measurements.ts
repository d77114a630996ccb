import { type Measurement, MeasurementEntry, MeasurementJournal, type Subject } from '../../contract'
import { measuredSteps } from '../../core/measurement/journal'
import { formatPlural } from '../../core/words/numbers'
import { getJson, postJson } from '../wire/http'
import { queryOfSubject } from '../wire/subject-query'
import { type Steps, useSteps } from '../wire/use-steps'

/** The measurements of whoever reads here, on one subject. */
export type Measurements = Steps<Measurement>

export const useMeasurements = (subject: Subject): Measurements =>
  useSteps<Measurement, MeasurementEntry>(subject, {
    words: {
      journalId: `measurements/${queryOfSubject(subject)}`,
      leftWords: (unsent) =>
        `${formatPlural(unsent, 'step')} of measuring on an image that you left ${unsent === 1 ? 'is' : 'are'} not on disk yet`,
      backWords: 'Go back to the image to save a copy.',
    },
    wire: {
      entries: (of) => getJson(`measurements?${queryOfSubject(of)}`, MeasurementJournal),
      append: (entry) => postJson('measurements', entry, MeasurementEntry),
    },
    rules: measuredSteps,
    idOf: ({ measurementId }) => measurementId,
    nameOf: ({ name }) => name,
    idOfEntry: ({ measurementId }) => measurementId,
    stepOf: (measurementId, state, undoes) => ({ measurementId, state, undoes }),
    takesUnread: false,
    notKept: 'A measurement is not kept',
    copyName: 'margin-measurements.json',
  })
