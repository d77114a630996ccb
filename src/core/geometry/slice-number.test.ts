import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Orientation } from '../../contract'
import { sliceNumber, sliceNumbering, sliceOfNumber } from './slice-number'

// PS3.3 C.7.6.2.1.1: rows to the left (+x), columns to the back (+y): the normal x cross y = +z, towards the head.
const AXIAL: Orientation = { row: [1, 0, 0], column: [0, 1, 0] }
/** Prone: rows to the right, columns to the front; the normal is +z again. Turned over: it is -z. */
const PRONE: Orientation = { row: [-1, 0, 0], column: [0, -1, 0] }
const FROM_ABOVE: Orientation = { row: [-1, 0, 0], column: [0, 1, 0] }
const SAGITTAL: Orientation = { row: [0, 1, 0], column: [0, 0, -1] }
const slice = (instanceNumber: number | null, frame = 0) => ({ instanceNumber, frame })
const of = (modality: string, orientation: Orientation | null, first = slice(1), last = slice(20)) =>
  sliceNumbering({ modality, orientation, first, last })

describe('which end slice 1 is', () => {
  it('the head in an axial CT, whatever its Instance Numbers', () => {
    expect(of('CT', AXIAL)).toBe('down')
    expect(of('CT', AXIAL, slice(20), slice(1))).toBe('down')
    expect(of('CT', PRONE, slice(null), slice(null))).toBe('down')
    expect(of('CT', FROM_ABOVE)).toBe('up')
  })

  it('an axial slice of a tilted gantry is axial', () => {
    const [cos, sin] = [Math.cos(Math.PI / 6), Math.sin(Math.PI / 6)]
    expect(of('CT', { row: [1, 0, 0], column: [0, cos, sin] })).toBe('down')
  })

  it('where Instance Number is lowest in everything else, and the lower frame of one instance', () => {
    expect(of('CT', SAGITTAL)).toBe('up')
    expect(of('CT', SAGITTAL, slice(20), slice(1))).toBe('down')
    expect(of('MR', AXIAL)).toBe('up')
    expect(of('MR', AXIAL, slice(20), slice(1))).toBe('down')
    expect(of('MR', AXIAL, slice(1, 19), slice(1, 0))).toBe('down')
    expect(of('MR', AXIAL, slice(null), slice(null))).toBe('up')
  })

  it('slices without places stand as they are numbered', () => {
    expect(of('CT', null)).toBe('up')
  })
})

it('number and index are each other’s inverse, and run from 1 to the count', () => {
  fc.assert(
    fc.property(fc.constantFrom('up', 'down'), fc.integer({ min: 1, max: 2000 }), (numbering, count) => {
      const stack = { numbering, count } as const
      const numbers = Array.from({ length: count }, (_, index) => sliceNumber(stack, index))
      expect([...numbers].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, at) => at + 1))
      expect(numbers.map((number) => sliceOfNumber(stack, number))).toEqual(numbers.map((_, at) => at))
      expect([0, count + 1, 1.5, Number.NaN].map((number) => sliceOfNumber(stack, number))).toEqual(
        Array.from({ length: 4 }, () => null),
      )
    }),
  )
})
