import type { Grid } from '../../../contract'
import type { FieldChunk, MaskChunk } from './overlay-types'
import type { OverlayUpdate } from './run-overlay'

/** Page to worker. */
export type OverlayRequest =
  | {
      readonly kind: 'begin'
      readonly run: number
      readonly grid: Grid
      readonly fieldOfView: Uint8Array | null
    }
  | { readonly kind: 'masks'; readonly chunk: MaskChunk }
  | { readonly kind: 'fields'; readonly chunk: FieldChunk }
  | { readonly kind: 'settle'; readonly mark: number }

/**
 * Worker to page. `run` is the number of the `begin` it belongs to: an answer of the run before is dropped. `settled`
 * comes when all that was sent before its mark has been answered.
 */
export type OverlayAnswer =
  | { readonly kind: 'update'; readonly run: number; readonly update: OverlayUpdate }
  | { readonly kind: 'settled'; readonly mark: number }
