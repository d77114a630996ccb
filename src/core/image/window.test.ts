import { expect, test } from 'vitest'
import { voiFunction, windowForCt, windowLevel, windowOver } from './window'

// PS3.3 C.11.2.1.2.1, note 3: centre 2048, width 4096, output 0..255: y = (x - 2047.5) / 4095 * 255 + 127.5.
test.each([
  [-1, 0],
  [0, 0],
  [2047.5, 0.5],
  [4095, 1],
  [5000, 1],
])('LINEAR, centre 2048 and width 4096: %s', (value, level) => {
  expect(windowLevel(value, 2048, 4096)).toBeCloseTo(level, 12)
})

// The same note: centre 2048, width 1: 0 up to 2047, full from 2048 on.
test('LINEAR of width 1 is a step', () => {
  expect([2047, 2047.5, 2048].map((value) => windowLevel(value, 2048, 1))).toEqual([0, 0, 1])
})

test('LINEAR_EXACT spans centre - width / 2 to centre + width / 2', () => {
  expect([-160, 40, 240].map((value) => windowLevel(value, 40, 400, 'LINEAR_EXACT'))).toEqual([0, 0.5, 1])
})

test('SIGMOID is half at the centre and 1 / (1 + e^-4) one width above', () => {
  expect(windowLevel(1000, 1000, 800, 'SIGMOID')).toBe(0.5)
  expect(windowLevel(1800, 1000, 800, 'SIGMOID')).toBeCloseTo(0.98201379, 8)
})

test('a file that names no function, or an unknown one, means LINEAR', () => {
  expect(['', 'LINEAR', 'CURVED'].map(voiFunction)).toEqual(['LINEAR', 'LINEAR', 'LINEAR'])
})

test('windows of CT by body part', () => {
  expect(windowForCt('CHEST').label).toBe('lung')
  expect(windowForCt('Head').label).toBe('brain')
  expect(windowForCt('ABDOMEN')).toMatchObject({ centre: 40, width: 400 })
})

test('a window over all values shows the least black and the most white', () => {
  const { centre, width } = windowOver(-1000, 500)
  expect([-1000, 500].map((value) => windowLevel(value, centre, width))).toEqual([0, 1])
})
