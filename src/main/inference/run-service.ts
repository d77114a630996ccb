import type {
  DeviceReport,
  LatentDirections,
  LatentOutline,
  LatentPlaceRequest,
  LatentRequest,
  Result,
  RunLine,
  RunRequest,
} from '../../contract'

export interface RunService {
  /** One line after another; ends with `done` or `refused`. Aborting the signal stops between chunks. */
  readonly start: (request: RunRequest, signal: AbortSignal) => AsyncIterable<RunLine>
  /** Sub-pixel fields of samples of a recent run (contract/http/inference.ts); refused once they were let go. */
  readonly fields: (runId: string, first: number, count: number) => Result<Uint8Array>
  readonly latent: LatentExplorer
  /** The device in use, null before the first run. */
  readonly device: () => DeviceReport | null
  readonly close: () => Promise<void>
}

/** What stands at places of the latent that a person chooses, instead of those that are drawn. */
export interface LatentExplorer {
  /** How far each direction moves the outline. Refused: what a run is refused for, and a model without a latent. */
  readonly directions: (request: LatentRequest) => Promise<Result<LatentDirections>>
  readonly outlineAt: (request: LatentPlaceRequest) => Promise<Result<LatentOutline>>
}
