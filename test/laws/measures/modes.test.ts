import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { modesOf, type SampleDistances } from '../../../src/core/uncertainty/modes'
import { distancesWithin } from '../../../src/core/measures/ged'
import { packMasks } from '../../../src/core/measures/packed-masks'
import { runThrough } from '../../../src/core/measures/steps'
import { seeded } from '../../seeded'

/** Ellipse on a 40 x 40 grid: how far right and down of its middle, half its width and height. */
type Ellipse = readonly [right: number, down: number, wide: number, high: number]

const SIDE = 40

function pixelsOf([right, down, wide, high]: Ellipse): Uint8Array {
  return Uint8Array.from({ length: SIDE * SIDE }, (_, at) => {
    const [x, y] = [(at % SIDE) - SIDE / 2 - right, Math.floor(at / SIDE) - SIDE / 2 - down]
    return (x / wide) ** 2 + (y / high) ** 2 <= 1 ? 1 : 0
  })
}

function distancesOf(ellipses: readonly Ellipse[]): SampleDistances {
  const packed = runThrough(packMasks(ellipses.map(pixelsOf), SIDE * SIDE))
  return { count: packed.count, values: runThrough(distancesWithin(packed)) }
}

const all = (count: number): readonly number[] => Array.from({ length: count }, (_, at) => at)

/** Numbers of kinds found in so many sets of 100 samples. */
function found(
  sets: number,
  seed: number,
  draw: (uniform: () => number, normal: () => number) => Ellipse,
): number[] {
  const uniform = seeded(seed)
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform())
  return Array.from({ length: sets }, () => {
    const ellipses = Array.from({ length: 100 }, () => draw(uniform, normal))
    return modesOf(distancesOf(ellipses), all(100)).length
  })
}

const SETS = 10

describe('one kind is not called two', () => {
  test.each<[string, Parameters<typeof found>[2]]>([
    ['sizes of a flat range', (uniform) => [0, 0, 3 + 14 * uniform(), 3 + 14 * uniform()]],
    ['sizes of a hump', (_, normal) => [0, 0, 8 * Math.exp(0.2 * normal()), 8 * Math.exp(0.2 * normal())]],
    ['places of a hump', (_, normal) => [3 * normal(), 3 * normal(), 7, 7]],
  ])('%s', (_name, draw) => {
    expect(found(SETS, 3, draw).filter((kinds) => kinds > 1).length).toBeLessThanOrEqual(1)
  })
})

describe('two kinds are told', () => {
  test.each<[string, Parameters<typeof found>[2]]>([
    [
      'sizes, 6 and 12 px, seven to three',
      (uniform, normal) => {
        const radius = (uniform() < 0.7 ? 6 : 12) + 0.8 * normal()
        return [0.5 * normal(), 0.5 * normal(), radius, radius]
      },
    ],
    ['places', (uniform, normal) => [(uniform() < 0.5 ? -5 : 5) + normal(), normal(), 6, 6]],
  ])('%s', (_name, draw) => {
    expect(found(SETS, 5, draw).filter((kinds) => kinds === 2).length).toBeGreaterThanOrEqual(SETS - 1)
  })
})

test('each sample is of one kind, whatever the distances, and its medoid is one of it', () => {
  const count = 60
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), {
        minLength: count * count,
        maxLength: count * count,
      }),
      (drawn) => {
        const at = (i: number, k: number): number =>
          i === k ? 0 : (drawn[Math.min(i, k) * count + Math.max(i, k)] ?? 0)
        const values = Float64Array.from({ length: count * count }, (_, index) =>
          at(Math.floor(index / count), index % count),
        )
        const modes = modesOf({ count, values }, all(count))
        expect(modes.flatMap(({ samples }) => samples).sort((a, b) => a - b)).toEqual(all(count))
        for (const { samples, medoid } of modes) expect(samples).toContain(medoid)
        const sizes = modes.map(({ samples }) => samples.length)
        expect(sizes).toEqual([...sizes].sort((a, b) => b - a))
      },
    ),
    { numRuns: 20 },
  )
})

test('nothing drawn has no kind; few samples are one', () => {
  expect(modesOf({ count: 3, values: new Float64Array(9) }, [])).toEqual([])
  const far = Float64Array.from({ length: 16 }, (_, at) =>
    Math.floor(at / 8) === Math.floor((at % 4) / 2) ? 0 : 1,
  )
  expect(modesOf({ count: 4, values: far }, [0, 1, 2, 3])).toEqual([{ samples: [0, 1, 2, 3], medoid: 0 }])
})
