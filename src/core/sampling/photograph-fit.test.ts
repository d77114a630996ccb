import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CMYK_WARNING, photographFit } from './photograph-fit'

const MODEL_PX = 512
const fit = (widthPx: number, heightPx: number) => photographFit({ widthPx, heightPx }, [], MODEL_PX)

test.each([
  [999, 960],
  [605, 700],
  [3_900, 3_072],
  [256, 256],
])('a photograph of %i × %i px is drawn without a word', (widthPx, heightPx) => {
  expect(fit(widthPx, heightPx)).toEqual({ ok: true, value: [] })
})

test('a small one is warned of, naming its size; a thumbnail and a strip are refused, naming theirs', () => {
  const small = fit(200, 190)
  expect(small.ok && small.value).toMatchObject([
    { code: 'photograph-small', text: expect.stringContaining('200 × 190 px') as string },
  ])
  for (const [widthPx, heightPx] of [
    [30, 29],
    [3_000, 40],
    [3_000, 700],
    [400, 2_000],
  ] as const)
    expect(fit(widthPx, heightPx)).toMatchObject({
      ok: false,
      refusal: { reason: expect.stringContaining(`${widthPx} × ${heightPx} px`) as string },
    })
})

test('whatever is drawn has a grid of at most four squares of the model’s height', () => {
  const side = fc.integer({ min: 1, max: 20_000 })
  fc.assert(
    fc.property(side, side, (widthPx, heightPx) => {
      if (!fit(widthPx, heightPx).ok) return
      expect((widthPx * MODEL_PX) / heightPx).toBeLessThanOrEqual(4 * MODEL_PX)
    }),
  )
})

test('colours for print are refused at any size', () => {
  expect(photographFit({ widthPx: 999, heightPx: 960 }, [CMYK_WARNING], MODEL_PX)).toMatchObject({
    ok: false,
    refusal: { reason: expect.stringContaining('CMYK') as string },
  })
})
