import type { PatientPoint, PixelDescription } from '../../src/contract'
import type { PlaneName } from '../../src/core/volume/planes'
import type { VolumePlaces } from '../../src/core/volume/volume-places'
import { planeService } from '../../src/renderer/planes/worker/plane-service'
import type { Bench, BenchSet } from './harness'

/** A chest as most are: 133 slices of 512 x 512, 2.5 mm apart. */
const SIDE = 512
const SLICES = 133
const STEP_MM = 2.5
const SPACING_MM = 0.7
/** Planes a turn: one takes less than a clock tells well. */
const TIMES = 20

const PLACES: VolumePlaces = {
  orientation: { row: [1, 0, 0], column: [0, 1, 0] },
  normal: [0, 0, 1],
  spacingMm: { row: SPACING_MM, column: SPACING_MM },
  ...{ columns: SIDE, rows: SIDE },
  positionsMm: Array.from({ length: SLICES }, (_, slice): PatientPoint => [0, 0, slice * STEP_MM]),
  alongMm: Array.from({ length: SLICES }, (_, slice) => slice * STEP_MM),
  isGapAfter: Array.from({ length: SLICES }, () => false),
  stepMm: STEP_MM,
}

const DESCRIPTION: PixelDescription = {
  ...{ widthPx: SIDE, heightPx: SIDE, type: 'int16', slope: 1, intercept: 0, unit: 'HU' },
  ...{ minStored: -1000, maxStored: 1000, paddingStored: null, warnings: [] },
}

const sliceOf = (slice: number): Int16Array<ArrayBuffer> =>
  Int16Array.from({ length: SIDE * SIDE }, (_, at) => ((at * 7 + slice * 13) % 2000) - 1000)

interface Cut {
  readonly name: PlaneName
  readonly words: string
  /** Where the plane lies, `n` pixels or slices from the first, anew with each. */
  readonly throughMm: (n: number) => PatientPoint
  /** Which values it reads: first of each slice, their number and how far they are apart. */
  readonly reads: (n: number) => {
    readonly slices: readonly number[]
    readonly from: number
    readonly step: number
    readonly count: number
  }
}

const every = Array.from({ length: SLICES }, (_, slice) => slice)

const CUTS: readonly Cut[] = [
  {
    ...{ name: 'coronal', words: 'coronal' },
    throughMm: (n) => [100, (200 + n) * SPACING_MM, 100],
    reads: (n) => ({ slices: every, from: (200 + n) * SIDE, step: 1, count: SIDE }),
  },
  {
    ...{ name: 'sagittal', words: 'sagittal' },
    throughMm: (n) => [(200 + n) * SPACING_MM, 100, 100],
    reads: (n) => ({ slices: every, from: 200 + n, step: SIDE, count: SIDE }),
  },
  {
    ...{ name: 'axial', words: 'axial, half way between two slices' },
    throughMm: (n) => [100, 100, (40.5 + n) * STEP_MM],
    reads: (n) => ({ slices: [40 + n, 41 + n], from: 0, step: 1, count: SIDE * SIDE }),
  },
]

/** What a plane costs in the worker, beside one pass over the values that it is made of. */
export function planeBenches(): Promise<BenchSet> {
  const slices = every.map(sliceOf)
  const made: ArrayBuffer[] = []
  const ask = planeService(({ made: cut }) => {
    if (cut !== null) made.push(cut.bytes)
  })
  ask({ kind: 'begin', places: PLACES })
  slices.forEach((values, index) => {
    ask({ kind: 'slice', index, description: DESCRIPTION, bytes: values.buffer })
  })
  const sums: number[] = []
  const turn = (one: (n: number) => void) => (): Promise<null> => {
    for (let n = 0; n < TIMES; n += 1) one(n)
    made.length = 0
    sums.length = 0
    return Promise.resolve(null)
  }
  const pass = ({ reads }: Cut, n: number): void => {
    const { slices: read, from, step, count } = reads(n)
    let sum = 0
    for (const slice of read) {
      const values = slices[slice] ?? new Int16Array()
      for (let at = from, left = count; left > 0; at += step, left -= 1) sum += values[at] ?? 0
    }
    sums.push(sum)
  }
  const benches = CUTS.map((cut): Bench => ({
    id: `plane-${cut.name}`,
    name: `${TIMES} planes of ${SLICES} slices, ${cut.words}`,
    ours: {
      name: 'Margin',
      run: turn((n) => {
        const slab = { thicknessMm: 0, take: 'mean' as const }
        ask({ kind: 'cut', cut: n, asked: { name: cut.name, throughMm: cut.throughMm(n), slab } })
      }),
    },
    peer: {
      name: 'one pass over the values that it reads',
      run: turn((n) => {
        pass(cut, n)
      }),
    },
    claim: { leastRatio: 0.5, aimRatio: 1 },
    rounds: 15,
    terms: 'all that the worker does for a plane, its stored values made; the pass adds up the same values',
  }))
  return Promise.resolve({ benches, close: () => Promise.resolve() })
}
