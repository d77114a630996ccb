import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { packMask } from '../../../src/core/image/mask'
import { findFieldOfView } from '../../../src/core/sampling/field-of-view'
import { emptyFields, packFields, writeFields } from '../../../src/core/sampling/logit-field'
import { cropForModel } from '../../../src/core/sampling/model-input'
import type { GreyFrame, ModelInput } from '../../../src/core/sampling/model-input'
import { photographForModel, scaleMask } from '../../../src/core/sampling/photograph-input'
import { resamplePlane } from '../../../src/core/sampling/resample'

const sizes = fc.integer({ min: 1, max: 30 })

const planes = fc.tuple(sizes, sizes).chain(([widthPx, heightPx]) =>
  fc
    .array(fc.integer({ min: 0, max: 255 }), {
      minLength: widthPx * heightPx,
      maxLength: widthPx * heightPx,
    })
    .map((values) => ({ widthPx, heightPx, values })),
)

const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length

describe('scaling', () => {
  test('a plane at its own size is itself', () => {
    fc.assert(
      fc.property(planes, (plane) => {
        expect([...resamplePlane(plane, plane).values]).toEqual(plane.values)
      }),
      { seed: 21 },
    )
  })

  test('making smaller keeps the mean; no value leaves the range of the input', () => {
    fc.assert(
      fc.property(planes, sizes, sizes, (plane, widthPx, heightPx) => {
        const scaled = resamplePlane(plane, { widthPx, heightPx }).values
        if (widthPx <= plane.widthPx && heightPx <= plane.heightPx) {
          expect(mean(scaled)).toBeCloseTo(mean(plane.values), 9)
        }
        expect(Math.min(...scaled)).toBeGreaterThanOrEqual(Math.min(...plane.values) - 1e-9)
        expect(Math.max(...scaled)).toBeLessThanOrEqual(Math.max(...plane.values) + 1e-9)
      }),
      { seed: 22 },
    )
  })

  test('halving averages pairs; doubling lies at quarters between centres', () => {
    const row = { widthPx: 4, heightPx: 1, values: [0, 8, 4, 4] }
    expect([...resamplePlane(row, { widthPx: 2, heightPx: 1 }).values]).toEqual([4, 4])
    // Three outputs of 4/3 px: (0 + 8/3) / (4/3), (16/3 + 8/3) / (4/3), (4/3 + 4) / (4/3).
    const thirds = resamplePlane(row, { widthPx: 3, heightPx: 1 }).values
    expect([...thirds].map((value) => value.toFixed(9))).toEqual([
      '2.000000000',
      '6.000000000',
      '4.000000000',
    ])
    const two = { widthPx: 2, heightPx: 1, values: [0, 8] }
    expect([...resamplePlane(two, { widthPx: 4, heightPx: 1 }).values]).toEqual([0, 2, 6, 8])
  })

  test('a mask scaled to its own size is itself', () => {
    fc.assert(
      fc.property(planes, ({ widthPx, heightPx, values }) => {
        const mask = { widthPx, heightPx, pixels: Uint8Array.from(values, (value) => value & 1) }
        expect(scaleMask(mask, mask)).toEqual(mask)
      }),
      { seed: 23 },
    )
  })
})

const frameOf = (sizePx: number, value: (column: number, row: number) => number): GreyFrame => ({
  widthPx: sizePx,
  heightPx: sizePx,
  stored: Int16Array.from(
    { length: sizePx * sizePx },
    (_, at) => value(at % sizePx, Math.floor(at / sizePx)) + 1000,
  ),
  slope: 1,
  intercept: -1000,
  paddingStored: null,
})

const CROP = { sizePx: 8, intensity: { kind: 'cropMinMax', contextPx: 12 } } as const

function cropped(
  frame: GreyFrame,
  column: number,
  row: number,
  input: Parameters<typeof cropForModel>[2] = CROP,
): ModelInput {
  const result = cropForModel(frame, { column, row }, input)
  if (!result.ok) throw new Error(result.refusal.reason)
  return result.value
}

const codesOf = (input: ModelInput): string[] => input.warnings.map(({ code }) => code)

describe('crop of a slice', () => {
  test('each value is the pixel at its place on the grid, mapped by the range of the context', () => {
    const hu = (column: number, row: number): number => 10 * row + column
    fc.assert(
      fc.property(
        fc.double({ min: 6, max: 33, noNaN: true }),
        fc.double({ min: 6, max: 33, noNaN: true }),
        (column, row) => {
          const { values, grid } = cropped(frameOf(40, hu), column, row)
          const low = hu(grid.originColumn - 2, grid.originRow - 2)
          const high = hu(grid.originColumn + 9, grid.originRow + 9)
          values.forEach((value, at) => {
            const found = hu(grid.originColumn + (at % 8), grid.originRow + Math.floor(at / 8))
            expect(value).toBe(Math.fround((found - low) / (high - low)))
          })
        },
      ),
      { seed: 24 },
    )
  })

  test('the crop holds the click at its middle, whole pixels', () => {
    const { grid } = cropped(
      frameOf(40, (column) => column),
      20.4,
      19.6,
    )
    expect(grid).toEqual({
      widthPx: 8,
      heightPx: 8,
      originColumn: 16,
      originRow: 16,
      columnStep: 1,
      rowStep: 1,
    })
  })

  test('values do not depend on where the frame ends, as long as the context lies inside', () => {
    const hu = (column: number, row: number): number => (column * 37 + row * 11) % 400
    expect(cropped(frameOf(64, hu), 20, 20).values).toEqual(cropped(frameOf(30, hu), 20, 20).values)
  })

  test('over the edge of the image: low end, and a warning', () => {
    const input = cropped(
      frameOf(40, (column, row) => column + row),
      2,
      20,
    )
    expect(codesOf(input)).toEqual(['crop-at-border'])
    expect(input.values[0]).toBe(0)
    expect(input.grid.originColumn).toBe(-2)
  })

  test.each([
    ['-2048 HU', -2048, null],
    ['-3024 HU', -3024, null],
    ['the value that the file names', -900, 100],
  ])(
    'padding (%s) is left out of the range, becomes the low end, and is told',
    (_, padding, paddingStored) => {
      const frame = { ...frameOf(40, (column, row) => (column < 18 ? padding : 10 * row)), paddingStored }
      const { values, ...input } = cropped(frame, 20, 20)
      expect(codesOf({ ...input, values })).toEqual(['crop-over-padding'])
      // Context rows 14..25, crop rows 16..23: (10 row - 140) / 110.
      expect(values[0]).toBe(0)
      expect(values[7]).toBe(Math.fround(20 / 110))
      expect(values[63]).toBe(Math.fround(90 / 110))
    },
  )

  test('a window maps its ends to 0 and 1', () => {
    const input = { sizePx: 8, intensity: { kind: 'huWindow', centreHu: 50, widthHu: 100 } } as const
    const { values } = cropped(
      frameOf(40, (column) => (column - 18) * 25),
      20,
      20,
      input,
    )
    expect([...values.subarray(0, 8)]).toEqual([0, 0, 0, 0.25, 0.5, 0.75, 1, 1])
  })

  test('one value everywhere is zero and told; only padding, or a point outside, is refused', () => {
    const flat = cropped(
      frameOf(40, () => 30),
      20,
      20,
    )
    expect(flat.values.every((value) => value === 0)).toBe(true)
    expect(codesOf(flat)).toEqual(['crop-constant'])
    const empty = cropForModel(
      frameOf(40, () => -2048),
      { column: 20, row: 20 },
      CROP,
    )
    expect(empty.ok ? '' : empty.refusal.code).toBe('request-invalid')
    for (const [column, row] of [
      [-1, 5],
      [40, 5],
      [5, 40],
      [Number.NaN, 5],
    ] as const) {
      expect(
        cropForModel(
          frameOf(40, () => 30),
          { column, row },
          CROP,
        ).ok,
      ).toBe(false)
    }
  })
})

describe('photograph', () => {
  const picture = (
    widthPx: number,
    heightPx: number,
  ): { widthPx: number; heightPx: number; rgb: Uint8Array } => ({
    widthPx,
    heightPx,
    rgb: Uint8Array.from({ length: 3 * widthPx * heightPx }, (_, at) => (at * 31 + (at % 7) * 5) % 256),
  })

  test('each channel has mean 0 and standard deviation 1 in the field of view, and the padding mirrors', () => {
    fc.assert(
      fc.property(fc.integer({ min: 12, max: 60 }), fc.integer({ min: 12, max: 60 }), (widthPx, heightPx) => {
        const pixels = new Uint8Array(widthPx * heightPx).fill(1)
        const made = photographForModel(
          picture(widthPx, heightPx),
          { widthPx, heightPx, pixels },
          { heightPx: 20, multipleOf: 8 },
        )
        if (!made.ok) throw new Error(made.refusal.reason)
        const { values, grid, widthPx: padded, heightPx: paddedHeight } = made.value
        expect([padded % 8, paddedHeight]).toEqual([0, 24])
        for (let channel = 0; channel < 3; channel += 1) {
          const at = (row: number, column: number): number =>
            values[(channel * 24 + row) * padded + column] ?? 0
          const inside: number[] = []
          for (let row = 0; row < grid.heightPx; row += 1) {
            for (let column = 0; column < grid.widthPx; column += 1) inside.push(at(row, column))
          }
          const centre = mean(inside)
          expect(centre).toBeCloseTo(0, 5)
          expect(mean(inside.map((value) => (value - centre) ** 2))).toBeCloseTo(1, 4)
          expect(at(20, 0)).toBe(at(18, 0))
          if (padded > grid.widthPx && grid.widthPx > 1)
            expect(at(3, grid.widthPx)).toBe(at(3, grid.widthPx - 2))
        }
      }),
      { seed: 25, numRuns: 30 },
    )
  })

  test('the grid takes a pixel to the middle of what it was made of', () => {
    const pixels = new Uint8Array(40 * 40).fill(1)
    const made = photographForModel(
      picture(40, 40),
      { widthPx: 40, heightPx: 40, pixels },
      { heightPx: 16, multipleOf: 8 },
    )
    // 2.5 pixels make one: the first holds pixels -0.5..2, its centre is 0.75.
    expect(made.ok && made.value.grid).toEqual({
      widthPx: 16,
      heightPx: 16,
      originColumn: 0.75,
      originRow: 0.75,
      columnStep: 2.5,
      rowStep: 2.5,
    })
  })

  test('the field of view is the largest bright part, holes filled; everything where all is dark', () => {
    const widthPx = 40
    const rgb = new Uint8Array(3 * widthPx * 30)
    const paint = (left: number, top: number, right: number, bottom: number, value: number): void => {
      for (let row = top; row < bottom; row += 1)
        rgb.fill(value, 3 * (row * widthPx + left), 3 * (row * widthPx + right))
    }
    expect(findFieldOfView({ widthPx, heightPx: 30, rgb }).pixels.every((pixel) => pixel === 1)).toBe(true)
    paint(3, 3, 25, 25, 200)
    paint(10, 10, 18, 18, 0)
    paint(33, 3, 38, 25, 200)
    const field = findFieldOfView({ widthPx, heightPx: 30, rgb }).pixels
    const at = (column: number, row: number): number => field[row * widthPx + column] ?? 0
    expect([at(5, 5), at(14, 14), at(35, 10), at(30, 28)]).toEqual([1, 1, 0, 0])
  })
})

describe('fields of logits', () => {
  const logits = fc.array(
    fc.oneof(fc.double({ min: -20, max: 20, noNaN: true }), fc.constantFrom(0, -0, 1e-30, -1e-30)),
    {
      minLength: 24,
      maxLength: 24,
    },
  )

  test('positive exactly where the logit is, never 0, and the packed masks are those', () => {
    fc.assert(
      fc.property(logits, (values) => {
        const fields = emptyFields(2, 4, 3)
        const strip = { logits: Float32Array.from(values), count: 2, widthPx: 4, heightPx: 3, firstRow: 0 }
        expect(writeFields(fields, strip, null)).toBe(true)
        strip.logits.forEach((logit, at) => {
          const value = fields.values[at] ?? 0
          expect(value > 0).toBe(logit > 0)
          expect(Math.abs(value)).toBe(Math.min(127, Math.max(1, Math.round(Math.abs(logit) * 16))))
        })
        const masks = [0, 1].map((sample) => ({
          widthPx: 4,
          heightPx: 3,
          pixels: Uint8Array.from(fields.values.subarray(sample * 12, sample * 12 + 12), (value) =>
            value > 0 ? 1 : 0,
          ),
        }))
        expect([...packFields(fields)]).toEqual(masks.flatMap((mask) => [...packMask(mask)]))
      }),
      { seed: 26 },
    )
  })

  test('a logit that is not a number is told', () => {
    const strip = { logits: Float32Array.of(1, Number.NaN), count: 1, widthPx: 2, heightPx: 1, firstRow: 0 }
    expect(writeFields(emptyFields(1, 2, 1), strip, null)).toBe(false)
  })
})
