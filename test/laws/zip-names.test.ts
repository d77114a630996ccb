/** Names in ZIP archives are what was meant by them, flagged or not. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { entryName } from '../../src/main/library/decode/archive-listing'

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
