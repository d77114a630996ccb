import fc from 'fast-check'

export const seeds = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })

/** Some samples of a run: its seed, the first of them and how many. */
export const latentChunks = fc.record({
  seed: seeds,
  first: fc.integer({ min: 0, max: 900 }),
  count: fc.integer({ min: 1, max: 60 }),
})
