import type { Measurement, MeasurementEntry } from '../../contract'
import { stepRules } from '../subject/step-journal'

export const measuredSteps = stepRules<Measurement, MeasurementEntry>(({ measurementId }) => measurementId)
