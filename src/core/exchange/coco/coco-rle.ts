/**
 * Run lengths of COCO: down the columns, starting with pixels unset. Compressed, each length (from the third on less
 * the one two before) is written in groups of five bits, the lowest first, as characters from 48 on; bit 6 says that
 * more follow, the sign stands in the last group. https://cocodataset.org/#format-data
 */
import { accept, refuse, type Result } from '../../../contract'

const FIRST_CHARACTER = 48
const damaged = (reason: string): Result<never> =>
  refuse('annotation-damaged', reason, { next: 'Export the COCO file again.' })

/** Lengths of a compressed string; more of them than an image of `pixels` can have are refused. */
export function countsOfText(text: string, pixels: number): Result<readonly number[]> {
  const counts: number[] = []
  let at = 0
  while (at < text.length) {
    let value = 0
    let place = 1
    let more = true
    let group = 0
    while (more) {
      group = text.charCodeAt(at) - FIRST_CHARACTER
      if (at >= text.length || group < 0 || group > 63 || place > 2 ** 40)
        return damaged('Compressed run lengths are damaged.')
      value += (group & 31) * place
      place *= 32
      more = (group & 32) !== 0
      at += 1
    }
    if ((group & 16) !== 0) value -= place
    if (counts.length > 2) value += counts.at(-2) ?? 0
    counts.push(value)
    if (counts.length > pixels + 2) return damaged('There are more runs than pixels.')
  }
  return accept(counts)
}

/** The compressed string of run lengths. */
export function textOfCounts(counts: readonly number[]): string {
  let text = ''
  counts.forEach((count, at) => {
    let value = at > 2 ? count - (counts[at - 2] ?? 0) : count
    for (;;) {
      const group = value & 31
      value >>= 5
      const isLast = (group & 16) === 0 ? value === 0 : value === -1
      text += String.fromCharCode((isLast ? group : group | 32) + FIRST_CHARACTER)
      if (isLast) break
    }
  })
  return text
}

/** Run lengths of a mask [row][column]. */
export function countsOfMask(pixels: Uint8Array, widthPx: number, heightPx: number): readonly number[] {
  const counts: number[] = []
  let value = 0
  let run = 0
  for (let column = 0; column < widthPx; column += 1) {
    for (let row = 0; row < heightPx; row += 1) {
      const pixel = pixels[row * widthPx + column] ?? 0
      if (pixel !== value) {
        counts.push(run)
        value = pixel
        run = 0
      }
      run += 1
    }
  }
  counts.push(run)
  return counts
}

/** The inverse of `countsOfMask`. Refused: lengths that are no whole numbers or do not add up to the image. */
export function maskOfCounts(
  counts: readonly number[],
  widthPx: number,
  heightPx: number,
): Result<Uint8Array> {
  let sum = 0
  for (const count of counts) {
    if (!Number.isSafeInteger(count) || count < 0) return damaged(`A run has the length ${count}.`)
    sum += count
  }
  if (sum !== widthPx * heightPx) {
    return damaged(`The runs cover ${sum} pixels, the image has ${widthPx * heightPx}.`)
  }
  const pixels = new Uint8Array(sum)
  let at = 0
  counts.forEach((count, index) => {
    if (index % 2 === 1) {
      for (let k = at; k < at + count; k += 1) pixels[(k % heightPx) * widthPx + Math.floor(k / heightPx)] = 1
    }
    at += count
  })
  return accept(pixels)
}
