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

/** Characters that the narrowest axis has room for: 288 px, of the widest face that is used. */
const AXIS_CHARACTERS = 40

export interface LabelledTick {
  readonly at: number
  /** Of the axis, 0 to 1. */
  readonly share: number
  readonly text: string
  /** How far the label is moved, in parts of its own width. */
  readonly shift: number
}

/** Round places with their labels, at most `most`, as many as do not run into each other. */
export function labelledTicks(
  low: number,
  high: number,
  most: number,
  write: (at: number, decimals: number) => string,
): readonly LabelledTick[] {
  for (let asked = most; asked > 0; asked -= 1) {
    const places = axisTicks(low, high, asked)
    const decimals = tickDecimals(places)
    const labelled = places.map((at) => {
      const share = (at - low) / (high - low)
      return { at, share, text: write(at, decimals), shift: labelShift(share) }
    })
    if (labelled.every((tick, at) => at === 0 || isApart(labelled[at - 1], tick))) return labelled
  }
  return []
}

function isApart(before: LabelledTick | undefined, tick: LabelledTick): boolean {
  if (before === undefined) return true
  const end = before.share * AXIS_CHARACTERS + (before.shift + 1) * before.text.length
  return end + 1 <= tick.share * AXIS_CHARACTERS + tick.shift * tick.text.length
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
