import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DocumentEdit } from '../../../contract'
import { emptyDocument, sliceMask, type AnnotationDocument } from '../../../core/annotation/document'
import { applyEdit } from '../../../core/annotation/edit'
import { wholeBox } from '../../../core/contour/slice-mask'
import { emptyMask, type Mask } from '../../../core/image/mask'
import { paintEdit } from './edits'
import { copyTo, drawnSlices, fillBetween, gapAround } from './slice-operations'

const SIDE = 24
const ID = 'one'

function square(column: number, side: number): Mask {
  const mask = emptyMask(SIDE, SIDE)
  const rows = Array.from({ length: side }, (_, at) => 4 + at)
  for (const row of rows) mask.pixels.fill(1, row * SIDE + column, row * SIDE + column + side)
  return mask
}

function done(document: AnnotationDocument, edit: DocumentEdit | null): AnnotationDocument {
  const applied = edit === null ? null : applyEdit(document, edit)
  if (applied?.ok !== true) throw new Error('the edit does not apply')
  return applied.value
}

function drawn(slices: ReadonlyMap<number, Mask>): AnnotationDocument {
  const changes = [...slices].map(([sliceIndex, after]) => ({ sliceIndex, after, box: wholeBox(after) }))
  const document = emptyDocument(SIDE, SIDE)
  return done(document, paintEdit(document, { title: 't', tool: 't', structureId: ID, label: 'l', changes }))
}

const area = (document: AnnotationDocument, at: number): number =>
  sliceMask(document, ID, at).pixels.reduce((sum, pixel) => sum + pixel, 0)

describe('a gap', () => {
  it('is empty, lies between neighbours of the list, and no other gap is nearer', () => {
    const slices = fc.uniqueArray(fc.nat(40), { minLength: 0, maxLength: 8 })
    fc.assert(
      fc.property(slices, fc.nat(40), (some, here) => {
        const sorted = some.sort((a, b) => a - b)
        const gap = gapAround(sorted, here)
        const gaps = sorted.slice(1).filter((last, at) => last - (sorted[at] ?? last) > 1)
        expect(gap === null).toBe(gaps.length === 0)
        if (gap === null) return
        expect(sorted.indexOf(gap.last)).toBe(sorted.indexOf(gap.first) + 1)
        const isEmptyHere = sorted.length > 0 && here > (sorted[0] ?? 0) && here < (sorted.at(-1) ?? 0)
        if (isEmptyHere && !sorted.includes(here)) {
          expect(gap.first).toBeLessThan(here)
          expect(gap.last).toBeGreaterThan(here)
        }
      }),
    )
  })
})

describe('filling between two slices', () => {
  const two = drawn(
    new Map([
      [2, square(4, 4)],
      [6, square(4, 12)],
    ]),
  )

  it('fills every slice of the gap and leaves the drawn ones', () => {
    const filled = fillBetween(two, ID, 3, (index) => index, null)
    if (!filled.ok) throw new Error(filled.refusal.reason)
    const { changes } = filled.value
    const after = done(two, paintEdit(two, { title: 't', tool: 't', structureId: ID, label: 'l', changes }))
    expect(drawnSlices(after, ID)).toEqual([2, 3, 4, 5, 6])
    const areas = [2, 3, 4, 5, 6].map((at) => area(after, at))
    expect(areas).toEqual([...areas].sort((a, b) => a - b))
    expect(areas[0]).toBe(16)
    expect(areas[4]).toBe(144)
  })

  it('goes by where slices lie, not by their number', () => {
    const near = fillBetween(two, ID, 3, (index) => (index < 6 ? index / 100 : 6), null)
    if (!near.ok) throw new Error(near.refusal.reason)
    const last = near.value.changes.at(-1)?.after.pixels.reduce((sum, pixel) => sum + pixel, 0) ?? 0
    expect(last).toBeLessThan(40)
  })

  it('refuses where there is no gap', () => {
    const one = drawn(
      new Map([
        [2, square(4, 4)],
        [3, square(4, 4)],
      ]),
    )
    expect(fillBetween(one, ID, 2, (index) => index, null).ok).toBe(false)
  })
})

it('copies what stands on a slice in the place of what stood on the other', () => {
  const two = drawn(
    new Map([
      [2, square(4, 4)],
      [3, square(12, 8)],
    ]),
  )
  const { after, sliceIndex } = copyTo(two, ID, 2, 3)
  expect(sliceIndex).toBe(3)
  expect(after.pixels).toEqual(sliceMask(two, ID, 2).pixels)
})
