import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { standardNormals, STREAM_LATENT } from '../../../src/core/sampling/counter-rng'
import { type Directions, evenNormals, faultOfDirections } from '../../../src/core/sampling/even-draws'
import { drawLatents } from '../../../src/core/sampling/latent-draw'
import { normalQuantile } from '../../../src/core/sampling/normal-quantile'
import { MAX_SOBOL_DIMENSION, sobolWords } from '../../../src/core/sampling/sobol'
import { runPython } from '../../python'
import { latentChunks, seeds } from './latent-chunks'

/** Also read by trainer/tests/sampling/test_even.py. */
const VECTORS = z
  .object({
    directions: z.array(z.array(z.number())),
    draws: z.array(z.object({ seed: z.number(), sample: z.number(), multiples: z.array(z.number()) })),
    points: z.array(z.object({ index: z.number(), words: z.array(z.number()) })),
  })
  .parse(
    JSON.parse(readFileSync(resolve(import.meta.dirname, '../../fixtures/even-draws-vectors.json'), 'utf8')),
  )
const { directions } = VECTORS

describe('vectors that Python is held to as well', () => {
  test.each(VECTORS.draws)('seed $seed, sample $sample', ({ seed, sample, multiples }) => {
    expect([...evenNormals(seed, sample, directions)].map((value) => value * 2 ** 20)).toEqual(multiples)
  })
  test.each(VECTORS.points)('Sobol point $index', ({ index, words }) => {
    expect([...sobolWords(index, MAX_SOBOL_DIMENSION)]).toEqual(words)
  })
})

describe('even draws', () => {
  test('sample k is the same alone, in any chunk and among more', () => {
    const prior = { mean: new Float32Array(6).fill(0.5), logVariance: new Float32Array(6).fill(-0.3) }
    fc.assert(
      fc.property(latentChunks, ({ seed, first, count }) => {
        const together = drawLatents(prior, { seed, directions }, first, count)
        const alone = drawLatents(prior, { seed, directions }, first + count - 1, 1)
        expect(together.subarray((count - 1) * 6)).toEqual(alone)
        for (const value of evenNormals(seed, first, directions)) {
          expect(Number.isInteger(value * 2 ** 20)).toBe(true)
        }
      }),
      { seed: 31, numRuns: 60 },
    )
  })

  test('along every direction a block of 16 holds one sample in each sixteenth of the normal distribution', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 0, max: 60 }), (seed, block) => {
        for (let along = 0; along < 6; along += 1) {
          const places = Array.from({ length: 16 }, (_, at) => {
            const noise = evenNormals(seed, 16 * block + at, directions)
            const on = noise.reduce((sum, value, entry) => sum + value * (directions[entry]?.[along] ?? 0), 0)
            return EDGES.filter((edge) => edge < on).length
          })
          // Turning there and back rounds by some 2^-19: a sample that lies on an edge may fall to either side.
          expect(new Set(places).size).toBeGreaterThanOrEqual(15)
        }
      }),
      { seed: 32, numRuns: 40 },
    )
  })

  test('a sample has the distribution of the normal over seeds: Kolmogorov-Smirnov along each entry', () => {
    const count = 3000
    for (const sample of [0, 7, 99]) {
      const drawn = Array.from({ length: count }, (_, seed) => evenNormals(seed, sample, directions))
      for (let entry = 0; entry < 6; entry += 1) {
        const values = drawn.map((noise) => noise[entry] ?? Number.NaN).sort((a, b) => a - b)
        // The place of the k-th smallest against the k-th quantile; 1.95 / sqrt(n) is passed once in a thousand.
        const worst = Math.max(
          ...values.map((value, at) => Math.abs(shareBelow(value) - (at + 0.5) / count) + 0.5 / count),
        )
        expect(worst).toBeLessThan(2.2 / Math.sqrt(count))
      }
    }
  })

  test('the mean of 16 even samples of a smooth function scatters far less than that of independent ones', () => {
    const runs = Array.from({ length: 200 }, (_, seed) => seed)
    const smooth = (noise: Float64Array): number =>
      Math.tanh(noise.reduce((sum, value, entry) => sum + value * (directions[entry]?.[0] ?? 0), 0) + 0.5)
    const spreadOf = (noiseOf: (seed: number, at: number) => Float64Array): number => {
      const means = runs.map(
        (seed) =>
          Array.from({ length: 16 }, (_, at) => smooth(noiseOf(seed, at))).reduce((a, b) => a + b) / 16,
      )
      const mean = means.reduce((a, b) => a + b) / means.length
      return Math.sqrt(means.reduce((sum, value) => sum + (value - mean) ** 2, 0) / means.length)
    }
    const even = spreadOf((seed, at) => evenNormals(seed, at, directions))
    const independent = spreadOf((seed, at) => standardNormals(seed, at, STREAM_LATENT, 6))
    expect(even).toBeLessThan(independent / 4)
  })

  test('bad input is refused: seeds, dimensions, shares, matrices', () => {
    expect(() => evenNormals(2 ** 53, 0, directions)).toThrow(/seed/)
    expect(() => sobolWords(0, MAX_SOBOL_DIMENSION + 1)).toThrow(/17 dimensions: the table has 1 to 16/)
    expect(() => sobolWords(0, 0)).toThrow(/0 dimensions/)
    for (const share of [0, 1, Number.NaN, -1]) expect(() => normalQuantile(share)).toThrow(/share/)
    expect(faultOfDirections(directions, 6)).toBe('')
    expect(faultOfDirections(directions, 5)).toMatch(/not 5 x 5/)
    expect(faultOfDirections([], 0)).toMatch(/1 to 16 dimensions, not 0/)
  })
})

/** Quantiles at k / 16, so that the places of a block can be counted. */
const EDGES = Array.from({ length: 15 }, (_, at) => normalQuantile((at + 1) / 16))

/** P(X < x) by Simpson's rule on the density: not by the quantile that is tested. */
function shareBelow(x: number): number {
  const steps = 400
  const width = x / steps
  const density = (at: number): number => Math.exp(-(at * at) / 2) / Math.sqrt(2 * Math.PI)
  let sum = density(0) + density(x)
  for (let step = 1; step < steps; step += 1) sum += density(step * width) * (step % 2 === 1 ? 4 : 2)
  return 0.5 + (sum * width) / 3
}

const python = runPython()

describe.skipIf(python === null)(
  `even draws in Python${python === null ? ' (skipped: no .venv with numpy)' : ''}`,
  () => {
    test('100,000 numbers of four seeds, one of them beyond 32 bits, have one hash', () => {
      if (python === null) throw new Error('no Python')
      const asked = JSON.stringify({ seeds: [0, 42, 2 ** 32 + 7, Number.MAX_SAFE_INTEGER], directions })
      const theirs = python(
        `import hashlib, json, sys, numpy as np
from margin_trainer.sampling.even import even_normals
given = json.load(sys.stdin)
for seed in given["seeds"]:
    drawn = even_normals(seed, np.arange(4200), np.array(given["directions"]))
    print(hashlib.sha256(np.ascontiguousarray(drawn).tobytes()).hexdigest())`,
        asked,
      )
      const ours = [0, 42, 2 ** 32 + 7, Number.MAX_SAFE_INTEGER].map((seed) => hashOf(seed, 4200, directions))
      expect(theirs.trim().split('\n')).toEqual(ours)
    })
  },
)

function hashOf(seed: number, samples: number, along: Directions): string {
  const hash = createHash('sha256')
  for (let sample = 0; sample < samples; sample += 1) {
    hash.update(new Uint8Array(evenNormals(seed, sample, along).buffer))
  }
  return hash.digest('hex')
}
