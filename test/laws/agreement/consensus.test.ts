import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Difference, type Orientation } from '../../../src/contract'
import { edgeLetters, type EdgeLetters } from '../../../src/core/geometry/orientation'
import { differenceRegions, type DifferenceRegion } from '../../../src/core/comparison/differences'
import { dice } from '../../../src/core/measures/dice'
import { fleissKappa } from '../../../src/core/measures/ratings'
import { staple, type StapleRegion } from '../../../src/core/measures/staple'
import { runThrough } from '../../../src/core/measures/steps'
import { voxelSizeOf, type VoxelBlock } from '../../../src/core/measures/voxel-block'
import {
  countVotes,
  disagreementMap,
  disagreementSteps,
  majority,
  voxelAgreement,
} from '../../../src/core/comparison/votes'
import { uniforms } from '../../../src/core/sampling/counter-rng'

const bits = fc
  .array(fc.integer({ min: 0, max: 1 }), { minLength: 40, maxLength: 40 })
  .map((values) => Uint8Array.from(values))
const panels = fc.array(bits, { minLength: 1, maxLength: 6 })
const regions = fc.constantFrom<StapleRegion>('block', 'disagreement')

test('consensus and maps leave the readings as they are and do not depend on the order of readers', () => {
  fc.assert(
    fc.property(panels, regions, (masks, region) => {
      const before = masks.map((mask) => [...mask])
      const turned = [...masks].reverse()
      const votes = countVotes(masks)
      expect(countVotes(turned)).toEqual(votes)
      expect([...majority(votes, masks.length)].map((mark) => mark === 1)).toEqual(
        [...votes].map((count) => count > masks.length - count),
      )
      const map = disagreementMap(votes, masks.length)
      const steps = disagreementSteps(map, masks.length)
      expect(steps.map(({ voxelCount }) => voxelCount).reduce((sum, count) => sum + count, 0)).toBe(
        map.reduce((sum, minority) => sum + (minority > 0 ? 1 : 0), 0),
      )
      const [one, other] = [runThrough(staple(masks, region)), runThrough(staple(turned, region))]
      expect(one.probabilities.every((inside) => inside >= 0 && inside <= 1)).toBe(true)
      const apart = one.probabilities.map((inside, at) => Math.abs(inside - (other.probabilities[at] ?? NaN)))
      expect(Math.max(...apart)).toBeLessThan(1e-6)
      expect(masks.map((mask) => [...mask])).toEqual(before)
    }),
    { numRuns: 25, seed: 6 },
  )
  expect(disagreementSteps(disagreementMap(Uint8Array.of(0, 1, 2, 3, 4, 5), 5), 5)).toEqual([
    { minority: 1, text: '1 against 4', voxelCount: 2 },
    { minority: 2, text: '2 against 3', voxelCount: 2 },
  ])
})

test('a tie is not marked', () => {
  expect([...majority(countVotes([Uint8Array.of(1, 1), Uint8Array.of(0, 1)]), 2)]).toEqual([0, 1])
})

test('STAPLE of readers who all agree is their mask, at once', () => {
  fc.assert(
    fc.property(bits, fc.integer({ min: 1, max: 5 }), regions, (mask, readers, region) => {
      const found = runThrough(staple(Array<Uint8Array>(readers).fill(mask), region))
      expect(found.mask).toEqual(mask)
      expect([...found.probabilities]).toEqual([...mask])
      expect(found.converged).toBe(true)
      const mixed = mask.includes(0) && mask.includes(1)
      expect(found.performance).toEqual(
        mixed && region === 'block' ? Array(readers).fill({ sensitivity: 1, specificity: 1 }) : null,
      )
    }),
    { numRuns: 40, seed: 7 },
  )
})

test('STAPLE finds the mask and the performance that readings were made with', () => {
  const pixels = 6000
  const truth = Uint8Array.from({ length: pixels }, (_, at) => (at % 4 === 0 ? 1 : 0))
  const made = [
    { sensitivity: 0.95, specificity: 0.9 },
    { sensitivity: 0.85, specificity: 0.97 },
    { sensitivity: 0.6, specificity: 0.8 },
    { sensitivity: 0.9, specificity: 0.92 },
  ]
  const masks = made.map(({ sensitivity, specificity }, reader) => {
    const draws = uniforms(61, reader, 2, pixels)
    return truth.map((inside, at) =>
      (draws[at] ?? 0) < (inside === 1 ? sensitivity : 1 - specificity) ? 1 : 0,
    )
  })
  const found = runThrough(staple(masks))
  found.performance?.forEach((reader, index) => {
    // Four standard errors of a share of 1,500 voxels.
    expect(Math.abs(reader.sensitivity - (made[index]?.sensitivity ?? 0))).toBeLessThan(0.05)
    expect(Math.abs(reader.specificity - (made[index]?.specificity ?? 0))).toBeLessThan(0.05)
  })
  const wrong = (mask: Uint8Array): number => mask.filter((inside, at) => inside !== truth[at]).length
  expect(wrong(found.mask)).toBeLessThan(wrong(majority(countVotes(masks), 4)))
})

test('STAPLE takes many readers without losing its footing', () => {
  const masks = Array.from({ length: 200 }, (_, reader) =>
    Uint8Array.from(uniforms(62, reader, 2, 50), (draw, at) => (draw < (at < 20 ? 0.7 : 0.2) ? 1 : 0)),
  )
  const { probabilities, mask } = runThrough(staple(masks))
  expect(probabilities.every((inside) => inside >= 0 && inside <= 1)).toBe(true)
  expect([...mask]).toEqual(Array.from({ length: 50 }, (_, at) => (at < 20 ? 1 : 0)))
})

test('voxel agreement: kappa is that of the answers, positive agreement of two readers is their Dice', () => {
  fc.assert(
    fc.property(bits, bits, bits, (a, b, c) => {
      const found = voxelAgreement(countVotes([a, b, c]), 3)
      const kappa = fleissKappa([...a].map((first, at) => [first, b[at] ?? 0, c[at] ?? 0]))
      expect(found.kappa.without).toBe(kappa.without)
      if (kappa.value !== null) expect(found.kappa.value).toBeCloseTo(kappa.value, 12)
      const two = voxelAgreement(countVotes([a, b]), 2).positive
      const count = (mask: Uint8Array): number => mask.reduce((sum, pixel) => sum + pixel, 0)
      if (two.value !== null) {
        expect(two.value).toBeCloseTo(
          dice(count(a.map((pixel, at) => pixel & (b[at] ?? 0))), count(a), count(b)),
          12,
        )
      }
    }),
    { numRuns: 60, seed: 8 },
  )
})

const side = { widthPx: 40, heightPx: 30 }
/** Readings of one slice from rows and columns of image (100.., 200..). */
const blockOf = (inside: readonly ((column: number, row: number) => boolean)[]): VoxelBlock => ({
  originColumn: 100,
  originRow: 200,
  firstSlice: 7,
  ...side,
  sliceCount: 1,
  masks: inside.map((test) =>
    Uint8Array.from({ length: 1200 }, (_, at) => (test(at % 40, Math.floor(at / 40)) ? 1 : 0)),
  ),
})
const disc = (column: number, row: number): boolean => Math.hypot(column - 20, row - 15) <= 9
const differences = (block: VoxelBlock, letters: EdgeLetters | null): DifferenceRegion[] =>
  runThrough(
    differenceRegions(
      block,
      0,
      block.masks.slice(1).map((_, index) => index + 1),
      voxelSizeOf({ row: 0.5, column: 0.5, slice: 2 }),
      letters,
    ),
  )
const axial: Orientation = { row: [1, 0, 0], column: [0, 1, 0] }

test('differences: the areas add up to what differs, largest first, each on its side and in its box', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc
          .array(fc.integer({ min: 0, max: 1 }), { minLength: 1200, maxLength: 1200 })
          .map((values) => Uint8Array.from(values)),
        { minLength: 2, maxLength: 4 },
      ),
      (masks) => {
        const found = differences({ ...blockOf([]), masks }, null)
        const theirs = majority(countVotes(masks.slice(1)), masks.length - 1)
        const onlyOf = (value: number): number =>
          (masks[0] ?? theirs).filter((own, at) => own === value && own !== theirs[at]).length
        const sumOf = (kind: Difference['kind']): number =>
          found.filter((each) => each.kind === kind).reduce((sum, { area }) => sum + area.value, 0)
        expect(sumOf('only-own')).toBeCloseTo(onlyOf(1) / 4, 9)
        expect(sumOf('only-others')).toBeCloseTo(onlyOf(0) / 4, 9)
        found.forEach(({ area, box, centroid }, index) => {
          expect(area.value).toBeLessThanOrEqual(found[index - 1]?.area.value ?? Infinity)
          expect(area.unit).toBe('mm2')
          expect(centroid.column >= box.column && centroid.column < box.column + box.widthPx).toBe(true)
          expect(centroid.row >= box.row && centroid.row < box.row + box.heightPx).toBe(true)
        })
      },
    ),
    { numRuns: 8, seed: 9 },
  )
})

test('a place is named from the patient, whichever way the image lies, and from the picture where that is not known', () => {
  // A bump at the lower edge of the picture, and a bite at its right.
  const bump = (column: number, row: number): boolean => Math.abs(column - 20) <= 2 && row > 22 && row <= 27
  const bite = (column: number, row: number): boolean => column > 26 && Math.abs(row - 15) <= 3
  const own = (column: number, row: number): boolean =>
    (disc(column, row) && !bite(column, row)) || bump(column, row)
  const block = blockOf([own, disc, disc, disc])
  const found = differences(block, edgeLetters(axial))
  expect(found.map(({ place, kind, sliceIndex }) => [place, kind, sliceIndex])).toEqual([
    ['Posterior edge', 'only-own', 7],
    ['Left edge', 'only-others', 7],
  ])
  expect(found[0]?.box).toEqual({ column: 118, row: 224, widthPx: 5, heightPx: 4 })
  for (const { sliceIndex, place, kind, area, box } of found) {
    Difference.parse({ sliceIndex, place, kind, area, box })
  }
  const places = (letters: EdgeLetters | null): string[] =>
    differences(block, letters).map(({ place }) => place)
  expect(places(edgeLetters({ row: [-1, 0, 0], column: [0, -1, 0] }))).toEqual([
    'Anterior edge',
    'Right edge',
  ])
  expect(places(edgeLetters({ row: [0, 1, 0], column: [0, 0, -1] }))).toEqual([
    'Inferior edge',
    'Posterior edge',
  ])
  expect(places(null)).toEqual(['Lower edge', 'Image right edge'])
})

test('a rim all around, a hole in the middle, a corner, and a slice that only one marked have names', () => {
  const placesOf = (own: (column: number, row: number) => boolean): string[] =>
    differences(blockOf([own, disc]), edgeLetters(axial)).map(({ place }) => place)
  const distance = (column: number, row: number): number => Math.hypot(column - 20, row - 15)
  expect(placesOf((column, row) => distance(column, row) <= 7)).toEqual(['Around the edge'])
  expect(placesOf((column, row) => disc(column, row) && distance(column, row) > 2)).toEqual(['Middle'])
  expect(placesOf((column, row) => disc(column, row) && !(column < 15 && row < 10))).toEqual([
    'Anterior edge, right',
  ])
  expect(placesOf(() => false)).toEqual(['Whole outline'])
  expect(differences(blockOf([disc]), null)).toEqual([])
})
