import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readElements } from './read-elements'
import { readDicomFile } from './read-file'
import { code, decimals, items } from './values'

const explicit = { explicit: true, littleEndian: true }

/** Elements as hexadecimal, spaces for the eye. */
const bytes = (hex: string): Uint8Array =>
  Uint8Array.from(hex.replaceAll(/\s/g, '').match(/../g) ?? [], (pair) => parseInt(pair, 16))
const part = (data: Uint8Array): { bytes: Uint8Array; totalBytes: number } => ({
  bytes: data,
  totalBytes: data.length,
})

const MODALITY = '0800 6000 4353 0200 4354' // (0008,0060) CS 2 "CT"

test('explicit little endian, explicit big endian and implicit give the same value', () => {
  const readings = [
    readElements(part(bytes(MODALITY)), 0, explicit),
    readElements(part(bytes('0008 0060 4353 0002 4354')), 0, { explicit: true, littleEndian: false }),
    readElements(part(bytes('0800 6000 02000000 4354')), 0, { explicit: false, littleEndian: true }),
  ]
  for (const reading of readings)
    expect(reading.kind === 'complete' && code(reading.dataSet, 0x00080060)).toBe('CT')
})

test('the walk ends at the pixel data and does not need it', () => {
  const head = bytes(`${MODALITY} e07f 1000 4f57 0000 00000010`)
  const reading = readElements({ bytes: head, totalBytes: head.length + 0x10000000 }, 0, explicit)
  expect(reading).toMatchObject({ kind: 'complete' })
  expect(reading.kind === 'complete' && reading.dataSet.elements.get(0x7fe00010)).toMatchObject({
    length: 0x10000000,
  })
})

test('a part that ends too early asks for so many more bytes', () => {
  const whole = bytes(`${MODALITY} 0800 8000 4c4f 0400 41424344 2000 1100 4953 0200 3120`)
  expect(readElements({ bytes: whole.subarray(0, 14), totalBytes: whole.length }, 0, explicit)).toEqual({
    kind: 'more',
    bytes: 18,
  })
})

test('sequences of both kinds of length, and one hidden in UN, are read into items', () => {
  const inner = '0800 6000 02000000 4354' // implicit, 10 bytes
  const cases = [
    `0800 1011 5351 0000 12000000 feff00e0 0a000000 ${MODALITY}`,
    `0800 1011 5351 0000 ffffffff feff00e0 ffffffff ${MODALITY} feff0de0 00000000 feffdde0 00000000`,
    `0800 1011 554e 0000 ffffffff feff00e0 ffffffff ${inner} feff0de0 00000000 feffdde0 00000000`,
  ]
  for (const hex of cases) {
    const reading = readElements(part(bytes(hex)), 0, explicit)
    const [item] = reading.kind === 'complete' ? items(reading.dataSet, 0x00081110) : []
    expect(item === undefined ? '' : code(item, 0x00080060)).toBe('CT')
  }
})

test('the 64-bit VRs of 2017 have a four-byte length', () => {
  const reading = readElements(
    part(bytes(`e07f 0100 4f56 0000 08000000 0102030405060708 ${MODALITY}`)),
    0,
    explicit,
  )
  expect(reading.kind === 'complete' && code(reading.dataSet, 0x00080060)).toBe('CT')
})

test.each([
  ['a value that goes past the end', '0800 6000 4353 ff00 4354'],
  [
    'a sequence that is never closed',
    '0800 1011 5351 0000 ffffffff feff00e0 ffffffff 0800 6000 4353 0200 4354',
  ],
  ['half of an element', '0800 6000 43'],
])('%s is refused as truncated', (_, hex) => {
  expect(readElements(part(bytes(hex)), 0, explicit)).toMatchObject({
    kind: 'refused',
    refusal: { code: 'truncated' },
  })
})

test('400,000 levels of sequences do not overflow anything', () => {
  const level = bytes('0800 1011 ffffffff feff00e0 ffffffff')
  const data = new Uint8Array(level.length * 400_000)
  for (let at = 0; at < data.length; at += level.length) data.set(level, at)
  expect(readElements(part(data), 0, { explicit: false, littleEndian: true })).toMatchObject({
    kind: 'refused',
  })
})

test('a decimal that is no finite number is null, its neighbours stand', () => {
  const reading = readElements(part(bytes('2800 3000 4453 0c00 302e355c31653430305c4e61')), 0, explicit) // "0.5\1e400\Na"
  expect(reading.kind === 'complete' && decimals(reading.dataSet, 0x00280030)).toEqual([0.5, null, null])
})

test('whatever bytes come, the answer is a data set, a refusal or a request for more', () => {
  const good = [
    ...new Uint8Array(128),
    ...bytes(`4449434d 0200 1000 5549 1400 312e322e3834302e31303030382e312e322e3100 ${MODALITY}`),
  ]
  const inflate = (): { ok: false; refusal: { code: 'structure-damaged'; reason: string } } => ({
    ok: false,
    refusal: { code: 'structure-damaged', reason: '' },
  })
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 6 }),
      fc.uint8Array({ maxLength: 60 }),
      (changes, tail) => {
        const data = Uint8Array.from([...good, ...tail])
        for (const [at, byte] of changes) data[at] = byte
        const reading = readDicomFile(part(data), inflate)
        expect(['complete', 'refused']).toContain(reading.kind)
      },
    ),
    { numRuns: 500 },
  )
})
