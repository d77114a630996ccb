/** Round places on an axis from low to high: steps of 1, 2 or 5 times a power of ten, at most `most` of them. */
export function axisTicks(low: number, high: number, most: number): readonly number[] {
  const span = high - low
  if (!(span > 0) || most < 1) return []
  const rough = span / most
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => span / candidate <= most)
  if (step === undefined) return []
  const first = Math.ceil(low / step - 1e-9)
  const last = Math.floor(high / step + 1e-9)
  return Array.from({ length: last - first + 1 }, (_, at) => (first + at) * step)
}

/** Decimals that tell neighbouring ticks apart. */
export function tickDecimals(ticks: readonly number[]): number {
  const [a, b] = ticks
  if (a === undefined || b === undefined) return 0
  return Math.max(0, -Math.floor(Math.log10(b - a) + 1e-9))
}

/** Labels are about a seventh of the axis wide: nearer to an end than half of that, one would run over it. */
const NEAR_END = 0.08

/** How far a label at `share` of the axis is moved, in parts of its own width: centred, or inside at the ends. */
export function labelShift(share: number): number {
  if (share < NEAR_END) return 0
  return share > 1 - NEAR_END ? -1 : -0.5
}
