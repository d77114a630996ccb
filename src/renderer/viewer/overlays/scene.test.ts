import { expect, it } from 'vitest'
import { contoursInPlace } from './paint-scene'
import { hasMap, type Scene } from './scene'

const photograph = (parts: Partial<Scene>): Scene =>
  ({ mode: 'map', look: { isWhole: true }, overlay: null, ...parts }) as Scene

it('contours stand on a photograph until a map lies over it; before a run there is none', () => {
  const overlay = {} as Scene['overlay']
  const stepMap = {} as NonNullable<Scene['stepMap']>
  expect(contoursInPlace(photograph({}))).toBe(true)
  expect(contoursInPlace(photograph({ overlay }))).toBe(false)
  expect(contoursInPlace(photograph({ stepMap }))).toBe(false)
  expect(contoursInPlace(photograph({ overlay, mode: 'contours' }))).toBe(true)
  expect(contoursInPlace(photograph({ overlay, look: { isWhole: false } }))).toBe(true)
  expect([hasMap(photograph({})), hasMap(photograph({ overlay }))]).toEqual([false, true])
})
