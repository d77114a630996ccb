import { expect, test } from 'vitest'
import type { Mask } from '../image/mask'
import type { RgbPicture } from './field-of-view'
import { foundFieldWarnings } from './field-warnings'

const WIDTH = 200
const HEIGHT = 180

const where = (inside: (column: number, row: number) => boolean): Mask => ({
  widthPx: WIDTH,
  heightPx: HEIGHT,
  pixels: Uint8Array.from({ length: WIDTH * HEIGHT }, (_, at) =>
    inside(at % WIDTH, Math.floor(at / WIDTH)) ? 1 : 0,
  ),
})
const disc =
  (radius: number, column = 99.5, row = 89.5) =>
  (x: number, y: number): boolean =>
    (x - column) ** 2 + (y - row) ** 2 <= radius ** 2
/** Bright in the field, and around it as given. */
const shot = (field: Mask, around = 0): RgbPicture => ({
  ...{ widthPx: WIDTH, heightPx: HEIGHT },
  rgb: Uint8Array.from({ length: 3 * WIDTH * HEIGHT }, (_, at) =>
    field.pixels[Math.floor(at / 3)] === 1 ? 140 : around,
  ),
})
const warningsOf = (mask: Mask) => foundFieldWarnings(mask, shot(mask))
const codes = (mask: Mask): readonly string[] => warningsOf(mask).map(({ code }) => code)

test.each([
  ['a whole disc', where(disc(85))],
  ['a disc that the picture cuts above and below', where(disc(98))],
  ['a disc off the middle', where(disc(80, 90, 85))],
])('%s is found, and how much of the picture it is', (_, field) => {
  expect(codes(field)).toEqual(['field-of-view-found'])
  const share = field.pixels.reduce((sum, pixel) => sum + pixel, 0) / (WIDTH * HEIGHT)
  expect(warningsOf(field)[0]?.text).toContain(`${(share * 100).toFixed(1)}\u00a0% of the picture`)
})

test.each([
  ['the bright disc of the nerve alone', where(disc(18)), /only 2\.8\s% of the picture/],
  [
    'a field whose dark side is left out',
    where((x, y) => disc(85)(x, y) && x < 165),
    /of the disc around it/,
  ],
  ['a field with a bite', where((x, y) => disc(85)(x, y) && !(x < 60 && y < 60)), /of the disc around it/],
])('%s is doubted in words: shares of it are too large', (_, field, words) => {
  expect(codes(field)).toEqual(['field-of-view-found', 'field-of-view-doubtful'])
  expect(warningsOf(field)[1]?.text).toMatch(words)
  expect(warningsOf(field)[1]?.text).toMatch(/shares of the field are then too large/)
})

test('black that is not quite black, taken into the field, is doubted: shares of it are too small', () => {
  const whole = where(() => true)
  const eye = where(disc(85))
  const [found, doubt] = foundFieldWarnings(whole, shot(eye, 20))
  expect(found?.text).toContain('100.0\u00a0% of the picture')
  expect(doubt?.text).toMatch(/36\.\d\s% of it is as dark .* too small/)
})

test.each([30, 60, 255])(
  'a surround of %i is taken in: no edge was found, and shares are of the picture',
  (around) => {
    const doubt = foundFieldWarnings(
      where(() => true),
      shot(where(disc(85)), around),
    )[1]
    expect(doubt).toMatchObject({ code: 'field-of-view-doubtful' })
    expect(doubt?.text).toMatch(
      /No edge of the field of view was found: shares are of the whole picture|taken in/,
    )
  },
)
