import type {
  ExportRequest,
  ImportOutcome,
  ImportQuery,
  PanelExportRequest,
  Rater,
  Result,
} from '../../contract'
import { bringIn } from './bring-in'
import { type ExchangeParts, handOut } from './hand-out'
import { handOutPanel } from './hand-out-panel'
import type { HandedOut } from './handed-out'

/** Readings as files of other programs, out and in. */
export interface Exchange {
  readonly handOut: (rater: Rater, request: ExportRequest) => Promise<Result<HandedOut>>
  readonly handOutPanel: (
    rater: Rater,
    panelId: string,
    request: PanelExportRequest,
  ) => Promise<Result<HandedOut>>
  readonly bringIn: (rater: Rater, query: ImportQuery, bytes: Uint8Array) => Promise<Result<ImportOutcome>>
}

export const createExchange = (parts: ExchangeParts): Exchange => ({
  handOut: (rater, request) => handOut(parts, rater, request),
  handOutPanel: (rater, panelId, request) => handOutPanel(parts, rater, panelId, request),
  bringIn: (rater, query, bytes) => bringIn(parts, rater, query, bytes),
})
