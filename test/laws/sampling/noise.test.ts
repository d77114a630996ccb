import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  STREAM_BOOTSTRAP,
  STREAM_LATENT,
  standardNormals,
  uniforms,
} from '../../../src/core/sampling/counter-rng'
import { drawLatents } from '../../../src/core/sampling/latent-draw'
import { runPython } from '../../python'
import { latentChunks, seeds } from './latent-chunks'

const indices = fc.integer({ min: 0, max: 2 ** 32 - 1 })

/** Draws of one seed, sample after sample. */
function drawsOf(seed: number, samples: number, dimension: number, stream = STREAM_LATENT): Float64Array {
  const draws = new Float64Array(samples * dimension)
  for (let sample = 0; sample < samples; sample += 1) {
    draws.set(standardNormals(seed, sample, stream, dimension), sample * dimension)
  }
  return draws
}

function correlation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const n = Math.min(a.length, b.length)
  let [sumA, sumB, sumAa, sumBb, sumAb] = [0, 0, 0, 0, 0]
  for (let at = 0; at < n; at += 1) {
    const x = a[at] ?? 0
    const y = b[at] ?? 0
    sumA += x
    sumB += y
    sumAa += x * x
    sumBb += y * y
    sumAb += x * y
  }
  return (n * sumAb - sumA * sumB) / Math.sqrt((n * sumAa - sumA ** 2) * (n * sumBb - sumB ** 2))
}

describe('noise', () => {
  test('an entry does not depend on how many are drawn', () => {
    fc.assert(
      fc.property(
        seeds,
        indices,
        fc.integer({ min: 0, max: 40 }),
        fc.integer({ min: 0, max: 40 }),
        (seed, sample, a, b) => {
          const shorter = standardNormals(seed, sample, STREAM_LATENT, Math.min(a, b))
          const longer = standardNormals(seed, sample, STREAM_LATENT, Math.max(a, b))
          expect(longer.subarray(0, shorter.length)).toEqual(shorter)
        },
      ),
      { seed: 11 },
    )
  })

  test('normals are multiples of 2^-20 and exact in float32; uniforms lie strictly between 0 and 1', () => {
    fc.assert(
      fc.property(seeds, indices, fc.integer({ min: 0, max: 4 }), (seed, sample, stream) => {
        for (const value of standardNormals(seed, sample, stream, 8)) {
          expect(Number.isInteger(value * 2 ** 20)).toBe(true)
          expect(Math.fround(value)).toBe(value)
        }
        expect(uniforms(seed, sample, stream, 8).every((value) => value > 0 && value < 1)).toBe(true)
      }),
      { seed: 12 },
    )
  })

  test('mean, variance, skewness and fourth moment of 200,000 draws are those of the normal within 4 standard errors', () => {
    const draws = drawsOf(5, 50_000, 4)
    const moment = (power: number): number =>
      draws.reduce((sum, value) => sum + value ** power, 0) / draws.length
    // Variances of the estimators: Var(x) = 1, Var(x^2) = 2, Var(x^3) = 15, Var(x^4) = 96.
    const within = (variance: number): number => 4 * Math.sqrt(variance / draws.length)
    expect(Math.abs(moment(1))).toBeLessThan(within(1))
    expect(Math.abs(moment(2) - 1)).toBeLessThan(within(2))
    expect(Math.abs(moment(3))).toBeLessThan(within(15))
    expect(Math.abs(moment(4) - 3)).toBeLessThan(within(96))
  })

  test('entries, neighbouring samples, neighbouring seeds and streams are uncorrelated', () => {
    const samples = 100_000
    const draws = drawsOf(1, samples, 4)
    const entry = (which: number): Float64Array => draws.filter((_, at) => at % 4 === which)
    expect(Math.abs(correlation(entry(0), entry(1)))).toBeLessThan(0.01)
    expect(Math.abs(correlation(entry(1), entry(2)))).toBeLessThan(0.01)
    expect(Math.abs(correlation(draws, draws.subarray(4)))).toBeLessThan(0.01)
    expect(Math.abs(correlation(draws, drawsOf(2, samples, 4)))).toBeLessThan(0.01)
    expect(Math.abs(correlation(draws, drawsOf(1, samples, 4, STREAM_BOOTSTRAP)))).toBeLessThan(0.01)
  })
})

describe('latents', () => {
  const prior = {
    mean: Float32Array.of(0.5, -2, 0),
    logVariance: Float32Array.of(0, Math.log(0.25), Math.log(9)),
  }

  test('sample k is the same alone and among others', () => {
    fc.assert(
      fc.property(latentChunks, ({ seed, first, count }) => {
        const together = drawLatents(prior, { seed, directions: null }, first, count)
        const alone = drawLatents(prior, { seed, directions: null }, first + count - 1, 1)
        expect(together.subarray((count - 1) * 3)).toEqual(alone)
      }),
      { seed: 13 },
    )
  })

  test('mean and covariance of 50,000 draws are those of the prior within 4 standard errors', () => {
    const count = 50_000
    const draws = drawLatents(prior, { seed: 3, directions: null }, 0, count)
    const sds = [1, 0.5, 3]
    sds.forEach((sd, entry) => {
      const values = draws.filter((_, at) => at % 3 === entry)
      const mean = values.reduce((sum, value) => sum + value, 0) / count
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count
      expect(Math.abs(mean - (prior.mean[entry] ?? 0))).toBeLessThan((4 * sd) / Math.sqrt(count))
      expect(Math.abs(variance / sd ** 2 - 1)).toBeLessThan(4 * Math.sqrt(2 / count))
    })
    const [first, second] = [0, 1].map((entry) => draws.filter((_, at) => at % 3 === entry))
    expect(Math.abs(correlation(first ?? [], second ?? []))).toBeLessThan(4 / Math.sqrt(count))
  })
})

const python = runPython()

describe.skipIf(python === null)(
  `noise in Python${python === null ? ' (skipped: no .venv with numpy)' : ''}`,
  () => {
    const ask = (code: string): string => {
      if (python === null) throw new Error('no Python')
      return python(`import hashlib, numpy as np\nfrom margin_trainer.sampling.philox import *\n${code}`)
    }

    test('the first 100,000 draws of three seeds have one hash', () => {
      for (const seed of [0, 42, Number.MAX_SAFE_INTEGER]) {
        const ours = createHash('sha256')
          .update(new Uint8Array(drawsOf(seed, 20_000, 5).buffer))
          .digest('hex')
        const theirs = ask(
          `print(hashlib.sha256(standard_normals(${seed}, np.arange(20000), 5).tobytes()).hexdigest())`,
        )
        expect(theirs.trim()).toBe(ours)
      }
    })

    test('latents have the same bytes', () => {
      const count = 2000
      const mean = Float32Array.from({ length: 6 }, (_, at) => Math.sin(at + 1))
      const logVariance = Float32Array.from({ length: 6 }, (_, at) => 3 * Math.cos(at))
      const ours = createHash('sha256')
        .update(
          new Uint8Array(drawLatents({ mean, logVariance }, { seed: 9, directions: null }, 0, count).buffer),
        )
        .digest('hex')
      const list = (values: Float32Array): string => `np.array([${[...values].join(',')}], np.float32)`
      const theirs = ask(
        `z = latent_draws(${list(mean)}, ${list(logVariance)}, standard_normals(9, np.arange(${count}), 6))\nprint(hashlib.sha256(z.tobytes()).hexdigest())`,
      )
      expect(theirs.trim()).toBe(ours)
    })
  },
)
