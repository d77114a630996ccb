import type { ModelInput } from '../../core/sampling/model-input'

/** A crop in few numbers, for finding the same picture under two names. */
export interface Glance {
  readonly patientId: string
  readonly imageSha256: string
  /** Means of a grid of blocks, less their mean and over their standard deviation. */
  readonly blocks: Float32Array
}

const SIDE = 16
/** Correlation of the blocks from which two pictures count as one. */
const SAME = 0.998

/** The first channel of an input as 16 x 16 block means, standardised. */
export function blocksOf({ values, widthPx, heightPx }: ModelInput): Float32Array {
  const sums = new Float32Array(SIDE * SIDE)
  const counts = new Float32Array(SIDE * SIDE)
  for (let row = 0; row < heightPx; row += 1) {
    for (let column = 0; column < widthPx; column += 1) {
      const at = Math.floor((row * SIDE) / heightPx) * SIDE + Math.floor((column * SIDE) / widthPx)
      sums[at] = (sums[at] ?? 0) + (values[row * widthPx + column] ?? 0)
      counts[at] = (counts[at] ?? 0) + 1
    }
  }
  const means = sums.map((sum, at) => sum / Math.max(1, counts[at] ?? 1))
  const mean = means.reduce((sum, value) => sum + value, 0) / means.length
  const sd = Math.sqrt(means.reduce((sum, value) => sum + (value - mean) ** 2, 0) / means.length)
  return means.map((value) => (sd > 0 ? (value - mean) / sd : 0))
}

export interface SamePatients {
  readonly a: string
  readonly b: string
  /** The very pixels, or pictures that hardly differ (saved again with loss, scaled, cropped anew). */
  readonly kind: 'same-pixels' | 'near-duplicate'
}

/** Pairs of patients who share an image. */
export function sharedImages(glances: readonly Glance[]): SamePatients[] {
  const pairs = new Map<string, SamePatients>()
  glances.forEach((one, index) => {
    for (const other of glances.slice(index + 1)) {
      if (one.patientId === other.patientId) continue
      const [a, b] = [one.patientId, other.patientId].sort() as [string, string]
      const isSame = one.imageSha256 === other.imageSha256
      if (!isSame && (pairs.has(`${a} ${b}`) || correlation(one.blocks, other.blocks) < SAME)) continue
      pairs.set(`${a} ${b}`, { a, b, kind: isSame ? 'same-pixels' : 'near-duplicate' })
    }
  })
  return [...pairs.values()]
}

function correlation(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let at = 0; at < a.length; at += 1) sum += (a[at] ?? 0) * (b[at] ?? 0)
  return sum / a.length
}

/** Patients in lists of one person each: whoever shares an image is one, directly or by way of others. */
export function asPeople(patientIds: readonly string[], pairs: readonly SamePatients[]): string[][] {
  let people = [...new Set(patientIds)].map((patientId) => [patientId])
  for (const { a, b } of pairs) {
    const touched = people.filter((names) => names.includes(a) || names.includes(b))
    people = [...people.filter((names) => !touched.includes(names)), touched.flat()]
  }
  return people
}
