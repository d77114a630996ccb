import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cropToBox, type PlacedMask } from '../contour/box-mask'
import { maskOfEdgeMaps } from './edge-mask'
import { type LidcFile, parseLidcFile } from './lidc-file'
import { traceEdgeMaps } from './trace-edge-map'
import { writeLidcFile } from './write-lidc-file'

/** Sets every pixel that no path over sides joins to the outside: the same mask without holes. */
function withoutHoles(widthPx: number, heightPx: number, pixels: Uint8Array): Uint8Array {
  const outside = new Uint8Array((widthPx + 2) * (heightPx + 2))
  const open = [0]
  outside[0] = 1
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const column = at % (widthPx + 2)
    const row = Math.floor(at / (widthPx + 2))
    const neighbours = [
      [column - 1, row],
      [column + 1, row],
      [column, row - 1],
      [column, row + 1],
    ] as const
    for (const [c, r] of neighbours) {
      const inner = c > 0 && r > 0 && c <= widthPx && r <= heightPx
      const next = r * (widthPx + 2) + c
      if (c < 0 || r < 0 || c > widthPx + 1 || r > heightPx + 1 || outside[next] === 1) continue
      if (inner && pixels[(r - 1) * widthPx + c - 1] === 1) continue
      outside[next] = 1
      open.push(next)
    }
  }
  return pixels.map((_pixel, index) => {
    const at = (Math.floor(index / widthPx) + 1) * (widthPx + 2) + (index % widthPx) + 1
    return outside[at] === 1 ? 0 : 1
  })
}

const masks = fc
  .record({
    widthPx: fc.integer({ min: 1, max: 14 }),
    heightPx: fc.integer({ min: 1, max: 14 }),
    originColumn: fc.integer({ min: 1, max: 400 }),
    originRow: fc.integer({ min: 1, max: 400 }),
    density: fc.integer({ min: 2, max: 9 }),
  })
  .chain(({ widthPx, heightPx, originColumn, originRow, density }) =>
    fc
      .array(fc.integer({ min: 0, max: 9 }), { minLength: widthPx * heightPx, maxLength: widthPx * heightPx })
      .map((draws) => {
        const pixels = Uint8Array.from(draws, (draw) => (draw < density ? 1 : 0))
        return cropToBox({
          originColumn,
          originRow,
          mask: { widthPx, heightPx, pixels: withoutHoles(widthPx, heightPx, pixels) },
        })
      }),
  )
  .filter((placed) => placed.mask.pixels.includes(1))

const edgeMapsOf = (mask: PlacedMask) =>
  traceEdgeMaps(mask).map((points) => ({ sopInstanceUid: '1.2.3', zMm: -4.5, inclusion: true, points }))

test('tracing a mask and filling its edge points gives it back', () => {
  fc.assert(
    fc.property(masks, (mask) => {
      expect(maskOfEdgeMaps(edgeMapsOf(mask))).toEqual(mask)
    }),
    { numRuns: 500 },
  )
})

test('every edge point lies outside the mask and beside it', () => {
  fc.assert(
    fc.property(masks, (placed) => {
      const { originColumn, originRow, mask } = placed
      const isSet = (column: number, row: number) => {
        const c = column - originColumn
        const r = row - originRow
        return (
          c >= 0 && r >= 0 && c < mask.widthPx && r < mask.heightPx && mask.pixels[r * mask.widthPx + c] === 1
        )
      }
      for (const { column, row } of traceEdgeMaps(placed).flat()) {
        expect(isSet(column, row)).toBe(false)
        const beside = [
          isSet(column - 1, row),
          isSet(column + 1, row),
          isSet(column, row - 1),
          isSet(column, row + 1),
        ]
        expect(beside).toContain(true)
      }
    }),
  )
})

test('writing a reading file and reading it gives the same sessions', () => {
  const point = fc.record({ column: fc.integer({ min: 0, max: 511 }), row: fc.integer({ min: 0, max: 511 }) })
  const uid = fc.stringMatching(/^1\.2\.[1-9][0-9]{0,8}$/)
  const nodule = (name: string) =>
    fc.record({
      noduleId: fc.constantFrom(`${name} <&> "x"`, `${name} plain`),
      characteristics: fc.option(fc.record({ malignancy: fc.integer({ min: 1, max: 5 }) })),
      edgeMaps: fc.array(
        fc.record({
          sopInstanceUid: uid,
          zMm: fc.option(fc.integer({ min: -4000, max: 4000 }).map((tenths) => tenths / 10)),
          inclusion: fc.constant(true),
          points: fc.array(point, { minLength: 3, maxLength: 20 }),
        }),
        { minLength: 1, maxLength: 4 },
      ),
    })
  const session = fc.record({
    radiologist: fc.constant('anonymous'),
    nodules: fc.oneof(
      fc.constant([]),
      nodule('first').map((one) => [one]),
      fc.tuple(nodule('first'), nodule('second')).map((two) => [...two]),
    ),
    smallMarkCount: fc.constant(0),
    smallMarks: fc.constant([]),
    nonNoduleCount: fc.constant(0),
  })
  const files: fc.Arbitrary<LidcFile> = fc.record({
    seriesUid: uid,
    studyUid: uid,
    sessions: fc.array(session, { maxLength: 5 }),
  })
  fc.assert(
    fc.property(files, (file) => {
      const read = parseLidcFile(new TextEncoder().encode(writeLidcFile(file)))
      expect(read).toEqual({ ok: true, value: file })
    }),
  )
})
