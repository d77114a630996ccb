/** Names in ZIP archives are what was meant by them, flagged or not. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { crc32 } from '../../../src/core/files/checksums'
import { entryName, unicodeName } from '../../../src/main/library/decode/archive-listing'

test('UTF-8 is read without its flag, in either composition of letters', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
      fc.boolean(),
      (name, isComposed) => {
        const written = isComposed ? name.normalize('NFC') : name.normalize('NFD')
        expect(entryName(new TextEncoder().encode(written))).toBe(name.normalize('NFC'))
      },
    ),
    { numRuns: 300, seed: 81 },
  )
})

test('bytes that are no UTF-8 are code page 437 (APPNOTE appendix D)', () => {
  expect(entryName(Uint8Array.of(0x4d, 0x81, 0x6c, 0x6c, 0x65, 0x72))).toBe('Müller')
  expect(entryName(Uint8Array.of(0x80, 0x87, 0xe1, 0xff))).toBe('Ççß\u00a0')
})

test('a name in the extra field counts where it is of this entry, whatever fields stand around it', () => {
  const field = (id: number, content: readonly number[]): number[] => [
    ...[id & 0xff, id >> 8, content.length & 0xff, content.length >> 8],
    ...content,
  ]
  const long = (value: number): number[] => [0, 8, 16, 24].map((shift) => (value >>> shift) & 0xff)
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 20 })
  fc.assert(
    fc.property(
      bytes,
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
      fc.boolean(),
      (raw, name, isOf) => {
        const sum = (crc32(raw) + (isOf ? 0 : 1)) >>> 0
        const extra = Uint8Array.from([
          ...field(0x5455, [1, 2, 3]),
          ...field(0x7075, [1, ...long(sum), ...new TextEncoder().encode(name)]),
        ])
        expect(unicodeName(extra, raw)).toBe(isOf ? name.normalize('NFC') : null)
        expect(unicodeName(extra.slice(0, extra.length - 1), raw)).toBeNull()
      },
    ),
    { numRuns: 200, seed: 82 },
  )
})
