// @vitest-environment happy-dom
import { effectScope, nextTick, ref, shallowRef } from 'vue'
import { describe, expect, it } from 'vitest'
import { emptyDocument, sliceMask, type AnnotationDocument } from '../../../core/annotation/document'
import { applyEdit } from '../../../core/annotation/edit'
import { sweepDisc } from '../../../core/contour/brush'
import { discOfPx } from '../../../core/contour/slice-mask'
import type { ValueSlice } from '../../../core/contour/slice-mask'
import { createDrawSettings } from './draw-settings'
import { paintEdit } from './edits'
import { SliceDrawing } from './slice-drawing'

const SIZE = { widthPx: 48, heightPx: 32 }
const ID = 'one'
const at = (column: number, row: number) => ({ column, row })

/** A drawing on slice 3 of an empty document, with a bright half on the right. */
function open() {
  const document = shallowRef<AnnotationDocument>(emptyDocument(SIZE.widthPx, SIZE.heightPx))
  const sliceIndex = ref(3)
  const values: ValueSlice = {
    ...SIZE,
    values: Float32Array.from({ length: 48 * 32 }, (_, index) => (index % 48 < 24 ? -800 : 50)),
  }
  const settings = createDrawSettings(true)
  settings.diameter = 8
  const titles: string[] = []
  const drawing = effectScope().run(
    () =>
      new SliceDrawing(
        {
          document: () => document.value,
          structureId: () => ID,
          label: () => 'Nodule 1',
          sliceIndex: () => sliceIndex.value,
          sliceWords: () => `slice ${sliceIndex.value + 1}`,
          values: () => values,
          spacingMm: () => null,
          isOpen: () => true,
          add: (edit) => {
            const applied = applyEdit(document.value, edit)
            if (applied.ok) document.value = applied.value
            titles.push(edit.title)
            return applied.ok
          },
          finished: () => undefined,
        },
        settings,
      ),
  )
  if (drawing === undefined) throw new Error('no drawing')
  const drag = (from: ReturnType<typeof at>, to: ReturnType<typeof at>, opposite = false): void => {
    const stroke = drawing.begin(from, opposite)
    stroke?.move(to)
    stroke?.end(to, false)
  }
  const mask = (slice = 3): number[] => [...sliceMask(document.value, ID, slice).pixels]
  const count = (slice = 3): number => mask(slice).reduce((sum, pixel) => sum + pixel, 0)
  return { document, sliceIndex, settings, titles, drawing, drag, mask, count }
}

describe('strokes', () => {
  it('paint exactly what the disc sweeps, and erase it again with Alt', () => {
    const { drag, mask, count, titles } = open()
    drag(at(8, 10), at(18, 14))
    const swept = sweepDisc(discOfPx(4), [at(8, 10), at(18, 14)], SIZE)
    const expected = new Uint8Array(48 * 32)
    swept.mask.pixels.forEach((pixel, index) => {
      const column = swept.originColumn + (index % swept.mask.widthPx)
      const row = swept.originRow + Math.floor(index / swept.mask.widthPx)
      expected[row * 48 + column] = pixel
    })
    expect(mask()).toEqual([...expected])
    expect(titles).toEqual(['Brush 8.0 px, slice 4'])
    drag(at(8, 10), at(18, 14), true)
    expect(count()).toBe(0)
  })

  it('leave nothing when they are dropped', () => {
    const { drawing, count, titles } = open()
    const stroke = drawing.begin(at(8, 10), false)
    stroke?.move(at(20, 20))
    stroke?.cancel()
    expect(count()).toBe(0)
    expect(titles).toEqual([])
    expect(drawing.own.value?.rings).toEqual([])
    expect(drawing.isStroking).toBe(false)
  })

  it('end on the slice where they began', () => {
    const { drawing, sliceIndex, count } = open()
    const stroke = drawing.begin(at(8, 10), false)
    sliceIndex.value = 4
    stroke?.end(at(12, 10), false)
    expect(count(3)).toBeGreaterThan(0)
    expect(count(4)).toBe(0)
  })

  it('keep what another window drew meanwhile', async () => {
    const { drawing, document, mask } = open()
    const stroke = drawing.begin(at(8, 10), false)
    const after = sliceMask(document.value, ID, 3)
    after.pixels[20 * 48 + 40] = 1
    // Within the box of the stroke, but not under the disc.
    after.pixels[6 * 48 + 4] = 1
    const box = { column: 0, row: 0, ...SIZE }
    const edit = paintEdit(document.value, {
      title: 't',
      tool: 't',
      structureId: ID,
      label: 'l',
      changes: [{ sliceIndex: 3, after, box }],
    })
    const applied = edit === null ? null : applyEdit(document.value, edit)
    if (applied?.ok !== true) throw new Error('the edit does not apply')
    document.value = applied.value
    await nextTick()
    stroke?.end(at(12, 10), false)
    expect(mask()[20 * 48 + 40]).toBe(1)
    expect(mask()[6 * 48 + 4]).toBe(1)
    expect(mask()[10 * 48 + 8]).toBe(1)
  })

  it('keep to the limits', () => {
    const { drag, settings, mask } = open()
    settings.limited = true
    settings.limits = { low: 0, high: 100 }
    drag(at(20, 10), at(28, 10))
    expect(mask().some((pixel) => pixel === 1)).toBe(true)
    expect(mask().every((pixel, index) => pixel === 0 || index % 48 >= 24)).toBe(true)
  })
})

describe('lines and fill', () => {
  it('close a polygon at its first corner, and fill the hole of a ring', () => {
    const { drawing, settings, count, titles } = open()
    settings.tool = 'polygon'
    for (const corner of [at(10, 10), at(20, 10), at(20, 20), at(10, 20), at(10, 10)])
      drawing.begin(corner, false)?.end(corner, true)
    expect(titles).toEqual(['Polygon, slice 4'])
    expect(count()).toBeGreaterThanOrEqual(81)
    expect(count()).toBeLessThanOrEqual(121)
    const whole = count()
    settings.tool = 'erase'
    settings.diameter = 3
    drawing.begin(at(15, 15), false)?.end(at(15, 15), true)
    expect(count()).toBeLessThan(whole)
    settings.tool = 'fill'
    drawing.begin(at(15, 15), false)?.end(at(15, 15), true)
    expect(count()).toBe(whole)
  })

  it('say of an open line that it is laid, until it is closed or dropped', () => {
    const { drawing, settings, count } = open()
    settings.tool = 'polygon'
    const click = (column: number, row: number): void =>
      drawing.begin(at(column, row), false)?.end(at(column, row), true)
    click(10, 10)
    expect(drawing.isLaying).toBe(true)
    expect(drawing.drop()).toBe(true)
    expect(drawing.isLaying).toBe(false)
    for (const [column, row] of [
      [10, 10],
      [20, 10],
      [20, 20],
    ] as const)
      click(column, row)
    expect(count()).toBe(0)
    drawing.closeLine()
    expect(drawing.isLaying).toBe(false)
    expect(count()).toBeGreaterThan(40)
  })

  it('fill an even region up to its edge', () => {
    const { drawing, settings, count } = open()
    settings.tool = 'fill'
    drawing.begin(at(30, 10), false)?.end(at(30, 10), true)
    expect(count()).toBe(24 * 32)
  })
})
