import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Mask } from '../image/mask'
import { applyPatch, EMPTY_PATCH, invertPatch, isEmptyPatch, makePatch, type MaskPatch } from './mask-patch'
import { encodeBoxMask } from './box-mask'
import { fromBoxMask, wholeBox } from './slice-mask'

const size = fc.integer({ min: 1, max: 24 })

/** Two masks of one size: `rarity` and `changes` say how dense they are and how much they differ. */
const pairs = fc
  .tuple(size, size, fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 9 }))
  .chain(([widthPx, heightPx, rarity, changes]) => {
    const count = { minLength: widthPx * heightPx, maxLength: widthPx * heightPx }
    const digit = fc.integer({ min: 0, max: 9 })
    return fc.tuple(fc.array(digit, count), fc.array(digit, count)).map(([draws, moves]) => {
      const before = Uint8Array.from(draws, (draw) => (draw < rarity ? 1 : 0))
      const after = before.map((pixel, at) => ((moves[at] ?? 0) < changes ? 1 - pixel : pixel))
      return { before: { widthPx, heightPx, pixels: before }, after: { widthPx, heightPx, pixels: after } }
    })
  })

function applied(mask: Mask, patch: MaskPatch): Mask {
  const result = applyPatch(mask, patch)
  if (!result.ok) throw new Error(result.refusal.reason)
  return result.value
}

test('apply leads to the mask that it was made of, its inverse back, and neither touches what it was given', () => {
  fc.assert(
    fc.property(pairs, ({ before, after }) => {
      const kept = before.pixels.slice()
      const patch = JSON.parse(JSON.stringify(makePatch(before, after, wholeBox(before)))) as MaskPatch
      const forward = applied(before, patch)
      expect(forward.pixels).toEqual(after.pixels)
      expect(applied(forward, invertPatch(patch)).pixels).toEqual(kept)
      expect(before.pixels).toEqual(kept)
      expect(invertPatch(invertPatch(patch))).toEqual(patch)
      expect(isEmptyPatch(patch)).toBe(kept.every((pixel, at) => pixel === after.pixels[at]))
    }),
  )
})

test('one pixel of the box that is not as before refuses the edit', () => {
  fc.assert(
    fc.property(pairs, fc.nat(), ({ before, after }, which) => {
      const patch = makePatch(before, after, wholeBox(before))
      fc.pre(!isEmptyPatch(patch))
      const { column, row, widthPx, heightPx } = patch.box
      const at = which % (widthPx * heightPx)
      const pixels = before.pixels.slice()
      const index = (row + Math.floor(at / widthPx)) * before.widthPx + column + (at % widthPx)
      pixels[index] = 1 - (pixels[index] ?? 0)
      const result = applyPatch({ ...before, pixels }, patch)
      expect(result).toMatchObject({ ok: false, refusal: { code: 'annotation-mismatch' } })
    }),
  )
})

test('only what changed within the box is in the patch, in the smallest box', () => {
  fc.assert(
    fc.property(pairs, ({ before, after }) => {
      const half = { column: 0, row: 0, widthPx: Math.ceil(before.widthPx / 2), heightPx: before.heightPx }
      const patch = makePatch(before, after, half)
      const expected = before.pixels.map((pixel, at) =>
        at % before.widthPx < half.widthPx ? (after.pixels[at] ?? 0) : pixel,
      )
      expect(applied(before, patch).pixels).toEqual(expected)
      const columns = [...expected.keys()].filter((at) => expected[at] !== before.pixels[at])
      expect(patch.box.widthPx).toBe(
        columns.length === 0
          ? 0
          : Math.max(...columns.map((at) => at % before.widthPx)) -
              Math.min(...columns.map((at) => at % before.widthPx)) +
              1,
      )
    }),
  )
})

test('run lengths are as the format says', () => {
  // 200 clear = 0xC8 -> 48 + 128, 1; then 3 set; after: 0 clear, 203 set = 0x4B + 128, 1. Base64 by hand.
  const before: Mask = { widthPx: 203, heightPx: 1, pixels: new Uint8Array(203).fill(1, 200) }
  const after: Mask = { ...before, pixels: new Uint8Array(203).fill(1) }
  const kept: Mask = { ...before, pixels: before.pixels.slice().fill(0, 202) }
  expect(makePatch(before, after, wholeBox(before))).toEqual({
    box: { column: 0, row: 0, widthPx: 200, heightPx: 1 },
    before: Buffer.from([0xc8, 1]).toString('base64'),
    after: Buffer.from([0, 0xc8, 1]).toString('base64'),
  })
  expect(makePatch(after, kept, wholeBox(before)).after).toBe(Buffer.from([0xc8, 1, 2, 1]).toString('base64'))
})

test('a damaged edit is refused, never applied in part', () => {
  const mask: Mask = { widthPx: 4, heightPx: 2, pixels: new Uint8Array(8) }
  const box = { column: 1, row: 0, widthPx: 3, heightPx: 2 }
  const runs = (...bytes: number[]): string => Buffer.from(bytes).toString('base64')
  const good: MaskPatch = { box, before: runs(6), after: runs(0, 6) }
  expect(applyPatch(mask, good).ok).toBe(true)
  const damaged = [
    runs(5),
    runs(7),
    runs(3, 0, 3),
    runs(0, 0, 6),
    runs(6, 128),
    runs(255, 255, 255),
    '*',
    'A',
  ]
  for (const after of damaged) {
    expect(applyPatch(mask, { ...good, after }), after).toMatchObject({
      refusal: { code: 'annotation-damaged' },
    })
  }
  for (const outside of [
    { ...box, column: 2 },
    { ...box, row: -1 },
    { ...box, column: 0.5 },
    { ...box, widthPx: 2 ** 40, heightPx: 2 ** 40 },
  ]) {
    expect(applyPatch(mask, { ...good, box: outside })).toMatchObject({
      refusal: { code: 'annotation-mismatch' },
    })
  }
  expect(applyPatch(mask, EMPTY_PATCH)).toEqual({ ok: true, value: mask })
})

test('a layer and its box mask hold the same pixels', () => {
  fc.assert(
    fc.property(pairs, ({ before }) => {
      const back = fromBoxMask(encodeBoxMask(before, 0, 0), before.widthPx, before.heightPx)
      expect(back).toEqual({ ok: true, value: before })
    }),
  )
  const box = { originColumn: 3, originRow: 0, widthPx: 2, heightPx: 1, bits: 'wA==' }
  expect(fromBoxMask(box, 5, 1)).toMatchObject({ value: { pixels: Uint8Array.of(0, 0, 0, 1, 1) } })
  expect(fromBoxMask(box, 4, 1)).toMatchObject({ refusal: { code: 'annotation-mismatch' } })
  expect(fromBoxMask({ ...box, bits: 'wAAA' }, 5, 1)).toMatchObject({
    refusal: { code: 'annotation-damaged' },
  })
})
