import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { findFieldOfView } from '../../../src/core/sampling/field-of-view'
import { photographForModel, scaleMask } from '../../../src/core/sampling/photograph-input'
import { resamplePlane } from '../../../src/core/sampling/resample'
import { runPython } from '../../python'

const grid = z.array(z.array(z.number()).min(1)).min(1)
const scaled = z.array(z.object({ input: grid, heightPx: z.number(), widthPx: z.number(), output: grid }))

/** Exact rational arithmetic, rounded once: trainer/tests/data/exact_resample.py. Python is held to the same file. */
const vectors = z
  .object({
    toleranceAbs: z.number(),
    values: scaled,
    masks: scaled,
    widths: z.array(
      z.object({
        widthPx: z.number(),
        heightPx: z.number(),
        targetHeightPx: z.number(),
        outputWidthPx: z.number(),
      }),
    ),
    fieldOfView: z.object({ rgb: z.array(z.array(z.array(z.number()))), output: z.array(z.string()) }),
  })
  .parse(
    JSON.parse(readFileSync(resolve(import.meta.dirname, '../../fixtures/resample-vectors.json'), 'utf8')),
  )

const flat = (
  rows: readonly (readonly number[])[],
): { widthPx: number; heightPx: number; values: number[] } => ({
  widthPx: rows[0]?.length ?? 0,
  heightPx: rows.length,
  values: rows.flat(),
})

describe('the vectors shared with the trainer', () => {
  test.each(vectors.values)('a plane at $widthPx x $heightPx px', ({ input, widthPx, heightPx, output }) => {
    const found = resamplePlane(flat(input), { widthPx, heightPx }).values
    const expected = output.flat()
    expect(found).toHaveLength(expected.length)
    found.forEach((value, at) => {
      expect(Math.abs(value - (expected[at] ?? Number.NaN))).toBeLessThanOrEqual(vectors.toleranceAbs)
    })
  })

  test.each(vectors.masks)('a mask at $widthPx x $heightPx px', ({ input, widthPx, heightPx, output }) => {
    const { values, ...size } = flat(input)
    const found = scaleMask({ ...size, pixels: Uint8Array.from(values) }, { widthPx, heightPx })
    expect([...found.pixels]).toEqual(output.flat())
  })

  test.each(vectors.widths)('$widthPx x $heightPx at $targetHeightPx px', (row) => {
    const { widthPx, heightPx, targetHeightPx, outputWidthPx } = row
    const picture = { widthPx, heightPx, rgb: new Uint8Array(3 * widthPx * heightPx) }
    const made = photographForModel(picture, null, { heightPx: targetHeightPx, multipleOf: 8 })
    expect(made.ok && made.value.grid.widthPx).toBe(outputWidthPx)
  })

  test('the field of view', () => {
    const { rgb, output } = vectors.fieldOfView
    const picture = {
      widthPx: rgb[0]?.length ?? 0,
      heightPx: rgb.length,
      rgb: Uint8Array.from(rgb.flat(2)),
    }
    expect(findFieldOfView(picture).pixels.join('')).toBe(output.join(''))
  })
})

const python = runPython()

const Answer = z.object({
  heightPx: z.number(),
  widthPx: z.number(),
  field: z.array(z.number()),
  values: z.array(z.number()),
})

/** The trainer's own way from a photograph to the network's input, field of view found. */
const TRAINER = `
import json, sys
import numpy as np
from margin_trainer.data.field_of_view import find_field_of_view
from margin_trainer.data.fundus import standardise
from margin_trainer.data.resample import pad_to_multiple, resample, resample_mask, width_at_height
given = json.load(sys.stdin)
rgb = np.array(given["rgb"], np.uint8).reshape(given["heightPx"], given["widthPx"], 3)
height, width = given["targetPx"], width_at_height(rgb.shape[1], rgb.shape[0], given["targetPx"])
inside = resample_mask(find_field_of_view(rgb), height, width)
value = np.stack([resample(rgb[..., c].astype(np.float64), height, width) for c in range(3)])
image = pad_to_multiple(standardise(value, inside), 8)
json.dump({"heightPx": height, "widthPx": width, "field": inside.astype(int).ravel().tolist(), "values": image.astype(float).ravel().tolist()}, sys.stdout)
`

describe.skipIf(python === null)(
  `photographs in the trainer${python === null ? ' (skipped: no .venv)' : ''}`,
  () => {
    test.each([
      { widthPx: 101, heightPx: 77, targetPx: 33 },
      { widthPx: 40, heightPx: 52, targetPx: 64 },
      { widthPx: 96, heightPx: 64, targetPx: 64 },
    ])(
      '$widthPx x $heightPx at $targetPx px: same field of view, same input within one rounding',
      ({ widthPx, heightPx, targetPx }) => {
        const rgb = Uint8Array.from({ length: 3 * widthPx * heightPx }, (_, at) => {
          const column = Math.floor(at / 3) % widthPx
          const row = Math.floor(at / 3 / widthPx)
          const inField =
            Math.hypot(column - widthPx / 2, row - heightPx / 2) < Math.min(widthPx, heightPx) * 0.42
          return inField ? 40 + ((column * 13 + row * 7 + (at % 3) * 50) % 150) : (column * row) % 9
        })
        const made = photographForModel({ widthPx, heightPx, rgb }, null, {
          heightPx: targetPx,
          multipleOf: 8,
        })
        if (!made.ok || python === null) throw new Error('no input')
        const theirs = Answer.parse(
          JSON.parse(python(TRAINER, JSON.stringify({ widthPx, heightPx, targetPx, rgb: [...rgb] }))),
        )
        expect([made.value.grid.heightPx, made.value.grid.widthPx]).toEqual([theirs.heightPx, theirs.widthPx])
        expect([...(made.value.fieldOfView?.pixels ?? [])]).toEqual(theirs.field)
        expect(made.value.values).toHaveLength(theirs.values.length)
        const worst = theirs.values.reduce(
          (most, value, at) => Math.max(most, Math.abs(value - (made.value.values[at] ?? 9))),
          0,
        )
        // Sums are taken in another order, so the last bit of a float32 of size 4 may differ.
        expect(worst).toBeLessThanOrEqual(2 ** -21)
      },
    )
  },
)
