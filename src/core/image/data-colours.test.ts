import { describe, expect, it } from 'vitest'
import { cividis, cividisCss, readerStyle } from './data-colours'

/** WCAG 2.2 relative luminance of an sRGB colour. */
function luminance(rgb: readonly number[]): number {
  const [red = 0, green = 0, blue = 0] = rgb.map((part) => {
    const share = part / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
const parts = (hex: string): number[] => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16))

describe('cividis', () => {
  it('grows in luminance all the way', () => {
    const steps = Array.from({ length: 256 }, (_, step) => luminance(cividis(step / 255)))
    steps.slice(1).forEach((step, index) => {
      expect(step).toBeGreaterThan(steps[index] ?? 1)
    })
  })

  it('has the ends and the middle of the published table, held outside', () => {
    // Rows 0, 71 and 255 of the table times 255; row 71 lies between our places.
    expect(cividisCss(0)).toBe('rgb(0, 34, 78)')
    expect(cividisCss(1)).toBe('rgb(254, 232, 56)')
    const between = cividis(71 / 255)
    const published = [0.290884 * 255, 0.326816 * 255, 0.423517 * 255]
    between.forEach((part, index) => {
      expect(Math.abs(part - (published[index] ?? 0))).toBeLessThan(1)
    })
    expect(cividis(-3)).toEqual(cividis(0))
    expect(cividis(7)).toEqual(cividis(1))
  })
})

describe('readers', () => {
  it('are told apart without colour: the first sixteen dash patterns differ', () => {
    const patterns = Array.from({ length: 16 }, (_, index) => readerStyle(index).dashPx.join(' '))
    expect(new Set(patterns).size).toBe(16)
  })

  it('have a colour each, up to the eighth', () => {
    expect(new Set(Array.from({ length: 8 }, (_, index) => readerStyle(index).colour)).size).toBe(8)
  })

  it('carry the letter of their place', () => {
    expect(Array.from({ length: 8 }, (_, index) => readerStyle(index).letter).join('')).toBe('ABCDEFGH')
  })

  it('stand out from black by at least 3 : 1', () => {
    for (let index = 0; index < 8; index += 1) {
      expect((luminance(parts(readerStyle(index).colour)) + 0.05) / 0.05).toBeGreaterThan(3)
    }
  })
})
