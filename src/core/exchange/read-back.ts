/** What was written against what is read back: success is reported only after it. */
import { accept, refuse, type Result } from '../../contract'
import type { Inflate } from '../files/inflate'
import type { PlacedMask } from '../contour/box-mask'
import { cropToBox } from '../contour/box-mask'
import {
  type Counts,
  countReadings,
  type ExchangeReading,
  type ExchangeSlice,
  type ExchangeStructure,
} from './exchange-reading'

/** How names look once a format has held them. */
export interface HeldNames {
  readonly reader: (name: string) => string
  readonly label: (label: string) => string
}

/** As UTF-8 holds it: half of a surrogate pair, which it cannot, becomes the replacement character. */
export const wellFormed = (text: string): string => text.replace(/\p{Surrogate}/gu, '\ufffd')

export const namesAsTheyAre: HeldNames = { reader: (name) => name, label: (label) => label }

/** True when both set the same pixels of the image, whatever boxes they come in. */
export function samePixels(a: PlacedMask, b: PlacedMask): boolean {
  const [left, right] = [cropToBox(a), cropToBox(b)]
  const sameBox =
    left.originColumn === right.originColumn &&
    left.originRow === right.originRow &&
    left.mask.widthPx === right.mask.widthPx &&
    left.mask.pixels.length === right.mask.pixels.length
  if (!sameBox) return false
  for (let at = 0; at < left.mask.pixels.length; at += 1) {
    if (left.mask.pixels[at] !== right.mask.pixels[at]) return false
  }
  return true
}

const isMarked = ({ mask }: ExchangeSlice): boolean => mask.mask.pixels.includes(1)

const differs = (what: string): Result<never> =>
  refuse('internal', `The file did not read back as it was written: ${what}.`, {
    next: 'Nothing was exported. Choose another format, and report this.',
  })

function compareStructure(written: ExchangeStructure, read: ExchangeStructure, name: string): Result<null> {
  const marked = written.slices.filter(isMarked)
  const found = new Map(read.slices.filter(isMarked).map((slice) => [slice.sliceIndex, slice.mask]))
  if (marked.length !== found.size)
    return differs(`${name} was written on ${marked.length} slices and read on ${found.size}`)
  const wrong = marked.find(({ sliceIndex, mask }) => {
    const other = found.get(sliceIndex)
    return other === undefined || !samePixels(mask, other)
  })
  return wrong === undefined
    ? accept(null)
    : differs(`the pixels of ${name} on the slice with index ${wrong.sliceIndex} differ`)
}

/** For reading back what was not deflated. */
export const nothingDeflated: Inflate = () => refuse('internal', 'What is written here is not deflated.')

/**
 * Compares readings: as many readings, structures and slices, the same names (as the format holds them), every pixel
 * the same. Answers the counts; refused as `internal` at the first difference, named.
 */
export function readBackEqual(
  written: readonly ExchangeReading[],
  read: readonly ExchangeReading[],
  names: HeldNames = namesAsTheyAre,
): Result<Counts> {
  if (written.length !== read.length) return differs(`${written.length} readings became ${read.length}`)
  for (const [at, reading] of written.entries()) {
    const other = read[at]
    const reader = names.reader(reading.reader)
    if (other?.reader !== reader) return differs(`reader "${reader}" became "${other?.reader ?? ''}"`)
    if (reading.structures.length !== other.structures.length) {
      return differs(`${reading.structures.length} structures became ${other.structures.length}`)
    }
    for (const [place, structure] of reading.structures.entries()) {
      const twin = other.structures[place]
      const label = names.label(structure.label)
      if (twin?.label !== label) return differs(`structure "${label}" became "${twin?.label ?? ''}"`)
      const same = compareStructure(structure, twin, `"${label}" of ${reader || 'the reader'}`)
      if (!same.ok) return same
    }
  }
  return accept(countReadings(written))
}
