import type { DeviceReport, Result, RunLine, RunRequest } from '../../contract'

export interface RunService {
  /** One line after another; ends with `done` or `refused`. Aborting the signal stops between chunks. */
  readonly start: (request: RunRequest, signal: AbortSignal) => AsyncIterable<RunLine>
  /** Sub-pixel fields of samples of a recent run (contract/http/inference.ts); refused once they were let go. */
  readonly fields: (runId: string, first: number, count: number) => Result<Uint8Array>
  /** The device in use, null before the first run. */
  readonly device: () => DeviceReport | null
  readonly close: () => Promise<void>
}
