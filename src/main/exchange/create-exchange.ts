import type {
  ExportRequest,
  ImportOutcome,
  ImportQuery,
  PanelExportRequest,
  Rater,
  Result,
  Subject,
} from '../../contract'
import { bringIn } from './bring-in'
import { type ExchangeParts, exportReadings } from './export-readings'
import type { Measurements } from '../readings/measurements'
import { exportMeasurements } from './export-measurements'
import { exportPanel } from './export-panel'
import type { ExportedFile } from './exported-file'

/** Readings as files of other programs, out and in. */
export interface Exchange {
  readonly exportReadings: (rater: Rater, request: ExportRequest) => Promise<Result<ExportedFile>>
  readonly exportPanel: (
    rater: Rater,
    panelId: string,
    request: PanelExportRequest,
  ) => Promise<Result<ExportedFile>>
  readonly exportMeasurements: (rater: Rater, subject: Subject) => Promise<Result<ExportedFile>>
  /** Before objects go to an archive: the act stands in the audit log. */
  readonly noteSending: (rater: Rater, subject: Subject, archive: string) => Promise<Result<null>>
  readonly bringIn: (rater: Rater, query: ImportQuery, bytes: Uint8Array) => Promise<Result<ImportOutcome>>
}

export const createExchange = (
  parts: ExchangeParts & { readonly measurements: Pick<Measurements, 'own'> },
): Exchange => ({
  exportReadings: (rater, request) => exportReadings(parts, rater, request),
  exportPanel: (rater, panelId, request) => exportPanel(parts, rater, panelId, request),
  exportMeasurements: (rater, subject) => exportMeasurements(parts, rater, subject),
  noteSending: async (rater, subject, archive) => {
    const key = await parts.subjects.keyOf(subject)
    if (!key.ok) return key
    const about = { subject: key.value, archive }
    return parts.store.audit({ raterId: rater.raterId, act: 'sent-to-archive', about })
  },
  bringIn: (rater, query, bytes) => bringIn(parts, rater, query, bytes),
})
