import { expect, test } from 'vitest'
import { philoxBlock, standardNormals, uniforms } from './counter-rng'

const FULL = 0xffffffff

// Known answers of Random123's kat_vectors for philox4x32, 10 rounds.
test.each([
  {
    counter: [0, 0, 0, 0],
    key: [0, 0],
    words: [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
  },
  {
    counter: [FULL, FULL, FULL, FULL],
    key: [FULL, FULL],
    words: [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  },
  {
    counter: [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    key: [0xa4093822, 0x299f31d0],
    words: [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  },
] as const)('a block is that of Random123: $counter', ({ counter, key, words }) => {
  expect(philoxBlock(counter, key)).toEqual(words)
})

// Computed in Python with numpy; values times 2^20, six entries, latent stream.
test.each([
  [1, 0, [398879, -310670, -261340, -1052600, 657402, -664780]],
  [1, 1, [805972, 905274, 2010818, 567129, -68013, -251628]],
  [42, 7, [-626663, 420825, -536441, -587087, 241790, 520218]],
  [3735928559, 99, [2049645, 1918243, 940410, 577639, -544945, -820282]],
  [9007199254740991, 1000000, [-156465, -1231366, 1457662, 1460894, -843226, 636721]],
])('normals of seed %d, sample %d', (seed, sampleIndex, expected) => {
  expect([...standardNormals(seed, sampleIndex, 0, 6)].map((value) => value * 2 ** 20)).toEqual(expected)
})

test('a uniform is its word plus a half over 2^32', () => {
  expect(uniforms(0, 0, 0, 3)).toEqual(
    Float64Array.of((0x6627e8d5 + 0.5) / 2 ** 32, (0xe169c58d + 0.5) / 2 ** 32, (0xbc57ac4c + 0.5) / 2 ** 32),
  )
})

test.each([-1, 0.5, 2 ** 53, Number.NaN])('seed %d is refused', (seed) => {
  expect(() => standardNormals(seed, 0, 0, 1)).toThrow(/seed/)
})
