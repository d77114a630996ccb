/** Structure sets and segmentations damaged by chance, always by the same chance: refused, told of, or what they were. */
import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { bringIn } from '../../../src/core/exchange/bring-in'
import { type ExchangeReading, wholeMask } from '../../../src/core/exchange/exchange-reading'
import { writeStructureSet } from '../../../src/core/exchange/rtstruct/write-structure-set'
import { writeSegmentationReading } from '../../../src/core/exchange/seg/write-segmentation'
import { damaged, seeded } from '../../fixtures/damage-dicom'
import {
  inflate,
  ORIENTATIONS,
  readingOn,
  seriesOf,
  sourceOf,
  STAMP,
  written,
} from '../../fixtures/exchange-source'
import { unwrap } from '../../unwrap'

const axial = ORIENTATIONS['axial'] ?? { row: [1, 0, 0], column: [0, 1, 0] }
const target = seriesOf({ orientation: axial, widthPx: 37, heightPx: 26, slices: 5 })
const reading = readingOn(target)
const COUNT = 400
/** A damaged file of some tens of kilobytes takes some milliseconds; what takes this hangs. */
const HANGS_MS = 2_000

interface Span {
  readonly start: number
  readonly end: number
}

/** Values of an element wherever it stands: behind its head are `skip` bytes to its length, of four bytes (PS3.5 7.1). */
function spansOf(bytes: Uint8Array, head: readonly number[], skip: number): readonly Span[] {
  const file = Buffer.from(bytes)
  const wanted = Buffer.from(head)
  const spans: Span[] = []
  for (let at = file.indexOf(wanted); at >= 0; at = file.indexOf(wanted, at + 1)) {
    const start = at + head.length + skip + 4
    spans.push({ start, end: start + file.readUInt32LE(start - 4) })
  }
  return spans
}

/** What a file shows: each slice of each structure, by its pixels. */
const shown = (readings: readonly ExchangeReading[]): readonly string[] =>
  readings
    .flatMap(({ structures }) => structures.flatMap(({ slices }) => slices))
    .map((slice) => {
      const pixels = wholeMask(slice, target.widthPx, target.heightPx)
      return `${slice.sliceIndex} ${createHash('sha256').update(pixels).digest('hex')}`
    })
    .sort()

interface Outcome {
  readonly kind: 'refused' | 'told' | 'silent'
  readonly shown: readonly string[]
}

function outcomeOf(bytes: Uint8Array): Outcome {
  const began = performance.now()
  const { broughtIn, refused } = bringIn([{ path: 'damaged.dcm', bytes }], target, inflate, written)
  expect(performance.now() - began).toBeLessThan(HANGS_MS)
  expect(broughtIn.length + refused.length).toBe(1)
  const [first] = broughtIn
  if (first === undefined) return { kind: 'refused', shown: [] }
  return { kind: first.warnings.length > 0 ? 'told' : 'silent', shown: shown(first.readings) }
}

/** Damage within a span of the file. */
function damagedWithin(bytes: Uint8Array, { start, end }: Span, random: () => number): Uint8Array {
  const part = damaged(bytes.subarray(start, end), random)
  return Buffer.concat([bytes.subarray(0, start), part, bytes.subarray(end)])
}

/** What was drawn: Contour Data, written in implicit VR, and Pixel Data, as OB or OW. */
const kinds = [
  [
    'RTSTRUCT',
    () => unwrap(writeStructureSet(reading, sourceOf(target), STAMP)),
    [0x06, 0x30, 0x50, 0x00],
    0,
  ],
  [
    'SEG',
    () => unwrap(writeSegmentationReading(reading, sourceOf(target), STAMP)),
    [0xe0, 0x7f, 0x10, 0x00, 0x4f],
    3,
  ],
] as const

describe.each(kinds)('%s', (_name, write, drawn, skip) => {
  const bytes = write()
  const whole = outcomeOf(bytes)
  const values = spansOf(bytes, drawn, skip)

  test('undamaged it says what it says, without a word', () => {
    expect(whole.kind).toBe('silent')
    expect(whole.shown.length).toBeGreaterThan(4)
    expect(values.length).toBeGreaterThan(0)
  })

  test('damaged anywhere it is read or refused, in time', () => {
    const random = seeded(20_261_201)
    const found = Array.from({ length: COUNT }, () => outcomeOf(damaged(bytes, random)).kind)
    expect(new Set(found).size).toBeGreaterThan(1)
  })

  test('damaged outside of what was drawn, no outline moves, comes or goes without a word', () => {
    const random = seeded(17)
    const edges = [0, ...values.flatMap(({ start, end }) => [start, end]), bytes.length]
    const outside = Array.from({ length: edges.length / 2 }, (_unused, at) => ({
      start: edges[2 * at] ?? 0,
      end: edges[2 * at + 1] ?? 0,
    })).filter(({ start, end }) => end > start)
    const moved: string[] = []
    for (let round = 0; round < COUNT; round += 1) {
      const span = outside[Math.floor(random() * outside.length)] ?? { start: 0, end: 0 }
      const at = span.start + Math.floor(random() * (span.end - span.start))
      const window = { start: at, end: Math.min(span.end, at + 48) }
      const outcome = outcomeOf(damagedWithin(bytes, window, random))
      if (outcome.kind === 'silent' && outcome.shown.join() !== whole.shown.join())
        moved.push(`round ${round}, bytes ${window.start} to ${window.end}`)
    }
    expect(moved).toEqual([])
  })
})
