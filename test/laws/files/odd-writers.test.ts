/** What writers do that the standard does not say: sequences hidden in UN, bytes behind the end, single edge points. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readElements } from '../../../src/core/dicom/read-elements'
import { parseLidcFile } from '../../../src/core/lidc/lidc-file'
import { lidcReadings } from '../../../src/core/lidc/lidc-readings'

const bytesOf = (...values: readonly number[]): number[] => [...values]
const short = (value: number): number[] => bytesOf(value & 0xff, value >> 8)
const long = (value: number): number[] =>
  bytesOf(value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24)
const letters = (text: string): number[] => Array.from(text, (letter) => letter.charCodeAt(0))
const tagOf = (group: number, element: number): number[] => [...short(group), ...short(element)]
const OPEN = long(0xffffffff)

/** (0009,1001) in an item, written explicitly or implicitly; `value` of an even length. */
const element = (explicit: boolean, value: string): number[] => [
  ...tagOf(0x0009, 0x1001),
  ...(explicit ? [...letters('LO'), ...short(value.length)] : long(value.length)),
  ...letters(value),
]

test('items of a sequence hidden in UN are read as they are written, each for itself', () => {
  const item = fc.record({
    explicit: fc.boolean(),
    isOpen: fc.boolean(),
    size: fc.integer({ min: 0, max: 60 }),
  })
  fc.assert(
    fc.property(fc.array(item, { maxLength: 5 }), fc.boolean(), (written, hasEmpty) => {
      const values = written.map(({ size }) => 'ab'.repeat(size))
      const items = written.flatMap(({ explicit, isOpen }, at) => {
        const body = element(explicit, values[at] ?? '')
        const head = tagOf(0xfffe, 0xe000)
        return isOpen
          ? [...head, ...OPEN, ...body, ...tagOf(0xfffe, 0xe00d), ...long(0)]
          : [...head, ...long(body.length), ...body]
      })
      const empty = hasEmpty ? [...tagOf(0xfffe, 0xe000), ...long(0)] : []
      const bytes = Uint8Array.from([
        ...[...tagOf(0x0009, 0x1000), ...letters('UN'), 0, 0, ...OPEN],
        ...[...empty, ...items, ...tagOf(0xfffe, 0xe0dd), ...long(0)],
        ...[...tagOf(0x0010, 0x0020), ...letters('LO'), ...short(4), ...letters('next')],
      ])
      const reading = readElements({ bytes, totalBytes: bytes.length }, 0, {
        explicit: true,
        littleEndian: true,
      })
      if (reading.kind !== 'complete') throw new Error(reading.kind)
      const { elements } = reading.dataSet
      const found = (elements.get(0x00091000)?.items ?? []).flatMap((set) => {
        const inner = set.elements.get(0x00091001)
        return inner === undefined
          ? []
          : [String.fromCharCode(...bytes.subarray(inner.offset, inner.offset + inner.length))]
      })
      expect(found).toEqual(values)
      expect(elements.get(0x00100020)?.length).toBe(4)
    }),
    { numRuns: 300, seed: 91 },
  )
})

test('line ends, zeros and spaces behind a data set take nothing with them', () => {
  const filler = fc.array(fc.constantFrom(0x0a, 0x0d, 0x20, 0x00, 0x1a), { maxLength: 40 })
  fc.assert(
    fc.property(filler, (behind) => {
      const bytes = Uint8Array.from([
        ...tagOf(0x0010, 0x0020),
        ...letters('LO'),
        ...short(4),
        ...letters('name'),
        ...behind,
      ])
      const reading = readElements({ bytes, totalBytes: bytes.length }, 0, {
        explicit: true,
        littleEndian: true,
      })
      expect(reading.kind === 'complete' && [...reading.dataSet.elements.keys()]).toEqual([0x00100020])
    }),
    { numRuns: 200, seed: 92 },
  )
})

test('a slice of one edge point, and an outline that is damaged, are said and take no other slice with them', () => {
  const roi = (uid: string, points: readonly (readonly [number, number])[], inclusion = 'TRUE'): string =>
    `<roi><imageSOP_UID>${uid}</imageSOP_UID><inclusion>${inclusion}</inclusion>${points
      .map(([x, y]) => `<edgeMap><xCoord>${x}</xCoord><yCoord>${y}</yCoord></edgeMap>`)
      .join('')}</roi>`
  const ring = [
    [10, 10],
    [14, 10],
    [14, 14],
    [10, 14],
  ] as const
  const nodule = [
    roi('1.1', ring),
    roi('1.2', [[12, 12]]),
    roi('1.3', ring, 'PERHAPS'),
    roi('1.3', ring),
  ].join('')
  const xml = `<LidcReadMessage><ResponseHeader><SeriesInstanceUid>1</SeriesInstanceUid></ResponseHeader><readingSession><unblindedReadNodule><noduleID>n</noduleID>${nodule}</unblindedReadNodule></readingSession></LidcReadMessage>`
  const file = parseLidcFile(new TextEncoder().encode(xml))
  if (!file.ok) throw new Error(file.refusal.reason)
  const slices = ['1.1', '1.2', '1.3'].map((sopInstanceUid, index) => ({ index, sopInstanceUid, zMm: index }))
  const read = lidcReadings(file.value, { seriesUid: '1', rows: 64, columns: 64, slices, stack: null })
  if (!read.ok) throw new Error(read.refusal.reason)
  expect(read.value.structures[0]?.readings[0]?.slices.map(({ sliceIndex }) => sliceIndex)).toEqual([0, 2])
  expect(read.value.warnings.map(({ code }) => code)).toEqual(['outlines-empty', 'outlines-damaged'])
})
