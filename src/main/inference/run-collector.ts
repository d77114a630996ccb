import type { Grid, RunLine, RunRecord, SliceReport } from '../../contract'
import { fromBase64 } from '../../core/image/base64'
import { type Mask, packedSizeBytes, unpackMask } from '../../core/image/mask'

/** What the lines of one run say together. */
export interface CollectedSamples {
  readonly run: RunRecord
  readonly grid: Grid
  /** On the grid; null: everything counts. */
  readonly fieldOfView: Mask | null
  /** One a sample, in sample order. */
  readonly masks: readonly Mask[]
  readonly report: SliceReport
}

/** Takes the lines of a run one after another. */
export interface RunCollector {
  readonly add: (line: RunLine) => void
  readonly drawnCount: () => number
  /** null until the run is done. */
  readonly collected: () => CollectedSamples | null
}

export function createRunCollector(): RunCollector {
  let started: Extract<RunLine, { readonly kind: 'started' }> | null = null
  let masks: Mask[] = []
  let report: SliceReport | null = null
  return {
    add: (line) => {
      if (line.kind === 'started') {
        // A device that gave way begins the run again.
        started = line
        masks = []
      } else if (line.kind === 'samples' && started !== null) masks.push(...masksOf(line, started.grid))
      else if (line.kind === 'done') report = line.report
    },
    drawnCount: () => masks.length,
    collected: () => {
      if (started === null || report === null) return null
      const { run, grid, fieldOfView } = started
      const field =
        fieldOfView === null ? null : unpackMask(fromBase64(fieldOfView), grid.widthPx, grid.heightPx)
      return { run, grid, fieldOfView: field, masks, report }
    },
  }
}

function masksOf(line: Extract<RunLine, { readonly kind: 'samples' }>, grid: Grid): readonly Mask[] {
  const packed = fromBase64(line.masks)
  const sizeBytes = packedSizeBytes(grid.widthPx * grid.heightPx)
  return Array.from({ length: line.count }, (_unused, index) =>
    unpackMask(packed, grid.widthPx, grid.heightPx, index * sizeBytes),
  )
}
