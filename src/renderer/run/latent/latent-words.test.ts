import { expect, test } from 'vitest'
import { areaWords, directionWords, fartherOutWords, sdWords } from './latent-words'

const IN_MM = { pixelMm2: 0.5, fieldPx: null }
const one = { direction: 0, outlineChange: 0.344, areaBelowPx: 400, areaAbovePx: 800 }

test('areas are told in what the picture allows, and none is told as none', () => {
  expect(areaWords(400, IN_MM)).toBe('200\u00a0mm²')
  expect(areaWords(400, { pixelMm2: null, fieldPx: null })).toBe('400\u00a0px²')
  expect(areaWords(400, { pixelMm2: null, fieldPx: 4000 })).toBe('10.0\u00a0% of the field')
  expect(areaWords(0, IN_MM)).toBe('no outline')
})

test('a direction says what it moves, or that it is idle', () => {
  expect(directionWords(one, IN_MM)).toBe('moves 34\u00a0% of the outline: 200\u00a0mm² to 400\u00a0mm²')
  expect(directionWords({ ...one, outlineChange: 0.01 }, IN_MM)).toBe('moves next to nothing here')
})

test('how far out a place lies is told by draws, as of a normal in the plane', () => {
  expect(fartherOutWords(0, 0)).toBe('The middle of the latent')
  // exp(-1/2) = 0.607, exp(-2) = 0.135, exp(-9) = 0.0001.
  expect(fartherOutWords(0.6, -0.8)).toBe('Of 100 draws 61 lie farther out')
  expect(fartherOutWords(2, 0)).toBe('Of 100 draws 14 lie farther out')
  expect(fartherOutWords(-3, 3)).toBe('Of 100 draws fewer than 1 lie farther out')
  expect([sdWords(0), sdWords(-1.25), sdWords(2)]).toEqual(['0', '\u22121.3', '+2.0'])
})
