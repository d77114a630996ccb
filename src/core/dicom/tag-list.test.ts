import fc from 'fast-check'
import { expect, it } from 'vitest'
import { MAX_TAG_ROWS, TAG_VALUE_CHARACTERS } from '../../contract'
import { readDicomFile } from './read-file'
import { listTags } from './tag-list'

const noInflate = (): never => {
  throw new Error('not deflated')
}

/** An explicit little-endian element, its value padded to an even length. */
function element(tag: number, vr: string, value: string | Uint8Array): Uint8Array {
  const body = typeof value === 'string' ? new TextEncoder().encode(value) : value
  const isLong = ['OB', 'OW', 'SQ', 'UN', 'UT'].includes(vr)
  const size = body.length + (body.length % 2)
  const bytes = new Uint8Array((isLong ? 12 : 8) + size)
  const head = new DataView(bytes.buffer)
  head.setUint16(0, Math.floor(tag / 0x10000), true)
  head.setUint16(2, tag % 0x10000, true)
  bytes.set(new TextEncoder().encode(vr), 4)
  if (isLong) head.setUint32(8, size, true)
  else head.setUint16(6, size, true)
  bytes.set(body, isLong ? 12 : 8)
  return bytes
}

const joined = (...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> =>
  new Uint8Array(parts.flatMap((part) => [...part]))

function item(...elements: readonly Uint8Array[]): Uint8Array {
  const body = joined(...elements)
  const head = new DataView(new ArrayBuffer(8))
  head.setUint16(0, 0xfffe, true)
  head.setUint16(2, 0xe000, true)
  head.setUint32(4, body.length, true)
  return joined(new Uint8Array(head.buffer), body)
}

function tagsOf(elements: readonly Uint8Array[], frame = 0) {
  const syntax = element(0x00020010, 'UI', '1.2.840.10008.1.2.1')
  const marked = joined(new Uint8Array(128), new TextEncoder().encode('DICM'), syntax, ...elements)
  const reading = readDicomFile({ bytes: marked, totalBytes: marked.length }, noInflate)
  if (reading.kind !== 'complete') throw new Error('not read')
  return listTags(reading.file, frame, () => null)
}

it('reads each value as its representation says, marks what is private, and leaves bytes unread', () => {
  const { rows, sopInstanceUid } = tagsOf([
    element(0x00080018, 'UI', '1.2.3\0'),
    element(0x00080060, 'CS', 'CT'),
    element(0x00090010, 'LO', 'MAKER'),
    element(0x00091001, 'UN', new Uint8Array([1, 2, 3, 255])),
    element(0x00091002, 'UN', 'plain words '),
    element(0x00100010, 'PN', 'One^Patient'),
    element(0x00180050, 'DS', '1.25'),
    element(0x00280010, 'US', new Uint8Array([0, 2])),
    element(0x00281052, 'DS', '-1024'),
    element(0x7fe00010, 'OW', new Uint8Array(8)),
  ])
  expect(sopInstanceUid).toBe('1.2.3')
  expect(rows.map(({ tag, value, form, isPrivate }) => [tag, value, form, isPrivate])).toEqual([
    ['00020010', '1.2.840.10008.1.2.1', 'whole', false],
    ['00080018', '1.2.3', 'whole', false],
    ['00080060', 'CT', 'whole', false],
    ['00090010', 'MAKER', 'whole', true],
    ['00091001', '', 'binary', true],
    ['00091002', 'plain words', 'whole', true],
    ['00100010', 'One^Patient', 'whole', false],
    ['00180050', '1.25', 'whole', false],
    // Little endian: 0 + 2 * 256.
    ['00280010', '512', 'whole', false],
    ['00281052', '-1024', 'whole', false],
    ['7fe00010', '', 'pixels', false],
  ])
})

it('lists what is nested behind its sequence, each deeper, and of the groups of frames the one at hand', () => {
  const meaning = (text: string): Uint8Array => item(element(0x00080104, 'LO', text))
  const frames = joined(meaning('one'), meaning('two'), meaning('three'))
  const { rows } = tagsOf(
    [
      element(0x00080060, 'CS', 'CT'),
      element(
        0x00082218,
        'SQ',
        item(element(0x00080104, 'LO', 'chest'), element(0x00082112, 'SQ', meaning('deep'))),
      ),
      element(0x52009230, 'SQ', frames),
    ],
    1,
  )
  expect(rows.slice(2).map(({ depth, kind, value }) => [depth, kind, value])).toEqual([
    [0, 'sequence', '1 item'],
    [1, 'item', '1'],
    [2, 'element', 'chest'],
    [2, 'sequence', '1 item'],
    [3, 'item', '1'],
    [4, 'element', 'deep'],
    [0, 'sequence', '3 items'],
    [1, 'item', '2'],
    [2, 'element', 'two'],
  ])
})

it('stays small whatever the file holds: rows, characters, and every top-level element before anything nested', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9000 }), fc.integer({ min: 0, max: 60_000 }), (items, letters) => {
      const code = item(element(0x00080100, 'SH', 'a'))
      const { rows, leftOut } = tagsOf([
        element(0x00080060, 'CS', 'CT'),
        element(0x00082112, 'SQ', new Uint8Array(Array.from({ length: items }, () => [...code]).flat())),
        element(0x00204000, 'UT', 'x'.repeat(letters)),
      ])
      expect(rows.length).toBeLessThanOrEqual(MAX_TAG_ROWS)
      // Four rows of the top level; an item and its element are two rows.
      expect(rows.length + leftOut).toBe(4 + 2 * items)
      const text = rows.find(({ tag }) => tag === '00204000')
      expect(text?.value).toHaveLength(Math.min(letters, TAG_VALUE_CHARACTERS))
      expect(text?.form).toBe(letters > TAG_VALUE_CHARACTERS ? 'cut' : 'whole')
      expect(text?.sizeBytes).toBe(letters + (letters % 2))
    }),
    { numRuns: 20 },
  )
})
