import type { Grid } from '../../../contract'

/**
 * A closed outline in image index coordinates (the centre of the image's first pixel is (0, 0)):
 * x0, y0, x1, y1, …; the last vertex joins the first. Outer rings run clockwise on the screen, holes the other way; fill even-odd.
 */
export type Ring = Float32Array

/** The outline of one sample; an empty sample has no rings. */
export interface Outline {
  readonly sampleIndex: number
  readonly rings: readonly Ring[]
}

/** The deepest 50 % or 90 % of the non-empty samples: the band lies between their intersection (inner) and their union (outer). */
export interface BandRings {
  readonly fraction: 0.5 | 0.9
  readonly outer: readonly Ring[]
  readonly inner: readonly Ring[]
}

/** What all samples that are no outliers draw (inner), and what any of them draws (outer). */
export type EnvelopeRings = Pick<BandRings, 'outer' | 'inner'>

/** Everything drawn over the image for one run, as far as its samples have come in. */
export interface RunOverlay {
  readonly grid: Grid
  /** Samples received so far. */
  readonly sampleCount: number
  readonly emptyCount: number
  /** One a sample received, by sample index. */
  readonly outlines: readonly Outline[]
  /** Sample indices from deepest to outermost, empty ones last. */
  readonly order: readonly number[]
  /** The deepest sample; null while every sample is empty. */
  readonly medianIndex: number | null
  /** 50 % first; empty while every sample is empty. */
  readonly bands: readonly BandRings[]
  /** null while every sample is empty. */
  readonly envelope: EnvelopeRings | null
  /** Samples that lie apart by their depth, by sample index, the shallowest first. */
  readonly outliers: readonly number[]
  /** Samples that include each grid pixel, [row][column]; share p = count / sampleCount, variance p(1 - p). */
  readonly counts: Uint16Array
  /** Mutual information of pixel and latent in bits, [row][column]; null until every sample's field is here. */
  readonly informationBits: Float32Array | null
  /** Grid pixels inside the field of view (photographs), 0 or 1; null: everything counts. */
  readonly fieldOfView: Uint8Array | null
}

/** Samples of the run as they stream in: the `samples` lines of `POST /api/runs`. */
export interface MaskChunk {
  readonly firstIndex: number
  readonly count: number
  /** Base64, as in the line. */
  readonly masks: string
}

/** Sub-pixel fields of samples whose masks were given before: the body of `GET /api/runs/:runId/fields`. */
export interface FieldChunk {
  readonly firstIndex: number
  readonly count: number
  /** `count` grids, int8, one after another. */
  readonly fields: Int8Array
}

/**
 * Computes a run's overlays in a Web Worker. `begin` forgets the run before; `onOverlay` is then called with a new
 * overlay after each chunk (chunks that wait are taken together). Outlines follow the masks' pixel edges until the
 * sample's field is given, then the sub-pixel outline takes their place.
 */
export interface OverlayClient {
  readonly begin: (grid: Grid, fieldOfView: string | null) => void
  readonly addMasks: (chunk: MaskChunk) => void
  readonly addFields: (chunk: FieldChunk) => void
  /** Ends when the overlay of all that was given so far has been told. */
  readonly settled: () => Promise<void>
  /** Ends the worker. */
  readonly close: () => void
}
