/**
 * Coefficients to samples: the inverse DCT of T.81 A.3.3 as two passes of the one-dimensional transform, written out
 * from its definition with the cosines of equal size put together. In double precision, rounded once at the end.
 */
const cosine = (eighths: number): number => Math.cos((eighths * Math.PI) / 16)
const C1 = cosine(1)
const C2 = cosine(2)
const C3 = cosine(3)
const C4 = cosine(4)
const C5 = cosine(5)
const C6 = cosine(6)
const C7 = cosine(7)

/** Eight values, `step` apart from `at` on, in place; twice as large as the definition has them. */
function transform(values: Float64Array, at: number, step: number): void {
  const x0 = values[at] ?? 0
  const x1 = values[at + step] ?? 0
  const x2 = values[at + 2 * step] ?? 0
  const x3 = values[at + 3 * step] ?? 0
  const x4 = values[at + 4 * step] ?? 0
  const x5 = values[at + 5 * step] ?? 0
  const x6 = values[at + 6 * step] ?? 0
  const x7 = values[at + 7 * step] ?? 0
  const sum = (x0 + x4) * C4
  const difference = (x0 - x4) * C4
  const wide = x2 * C2 + x6 * C6
  const narrow = x2 * C6 - x6 * C2
  const even0 = sum + wide
  const even1 = difference + narrow
  const even2 = difference - narrow
  const even3 = sum - wide
  const odd0 = x1 * C1 + x3 * C3 + x5 * C5 + x7 * C7
  const odd1 = x1 * C3 - x3 * C7 - x5 * C1 - x7 * C5
  const odd2 = x1 * C5 - x3 * C1 + x5 * C7 + x7 * C3
  const odd3 = x1 * C7 - x3 * C5 + x5 * C3 - x7 * C1
  values[at] = even0 + odd0
  values[at + step] = even1 + odd1
  values[at + 2 * step] = even2 + odd2
  values[at + 3 * step] = even3 + odd3
  values[at + 4 * step] = even3 - odd3
  values[at + 5 * step] = even2 - odd2
  values[at + 6 * step] = even1 - odd1
  values[at + 7 * step] = even0 - odd0
}

/**
 * `target`[row * 8 + column] from the 64 coefficients at `at`, times `steps`: a quarter of their quantisation steps.
 * `isEven`: all but the first are zero. A column without any below its first one is its first one all the way down.
 */
export function inverseDct(
  values: Int16Array,
  at: number,
  steps: Float64Array,
  isEven: boolean,
  target: Float64Array,
): void {
  if (isEven) {
    target.fill((values[at] ?? 0) * (steps[0] ?? 0) * C4 * C4)
    return
  }
  for (let column = 0; column < 8; column += 1) {
    let below = 0
    for (let k = at + column + 8; k < at + 64; k += 8) below |= values[k] ?? 0
    const top = (values[at + column] ?? 0) * (steps[column] ?? 0)
    if (below === 0) {
      const alone = top * C4
      for (let k = column; k < 64; k += 8) target[k] = alone
      continue
    }
    target[column] = top
    for (let k = column + 8; k < 64; k += 8) target[k] = (values[at + k] ?? 0) * (steps[k] ?? 0)
    transform(target, column, 8)
  }
  for (let row = 0; row < 64; row += 8) transform(target, row, 1)
}
