import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DEFAULT_LAYERS, type LayerName } from '../viewer/viewport-types'
import { createViewSettings, nextMode, setMapOpacity, toggleLayer, toggleReader } from './view-settings'

const layers = Object.entries(DEFAULT_LAYERS).flatMap(([name, value]) =>
  typeof value === 'boolean' ? [name as LayerName] : [],
)

test('fresh settings hide nothing and are nobody else’s', () => {
  const [one, two] = [createViewSettings('map'), createViewSettings('contours')]
  expect([one.mode.value, two.mode.value]).toEqual(['map', 'contours'])
  expect([one.inverted.value, one.hidden.value, one.highlightSample.value]).toEqual([false, false, null])
  toggleReader(one, 'A')
  toggleLayer(one, layers[0] ?? 'readers')
  expect(two.hiddenReaders.value.size).toBe(0)
  expect(two.layers.value).toEqual(DEFAULT_LAYERS)
})

test.each(layers)('%s is switched alone, and twice is back', (layer) => {
  const settings = createViewSettings('contours')
  toggleLayer(settings, layer)
  expect(settings.layers.value).toEqual({ ...DEFAULT_LAYERS, [layer]: !DEFAULT_LAYERS[layer] })
  toggleLayer(settings, layer)
  expect(settings.layers.value).toEqual(DEFAULT_LAYERS)
})

test('the map is from clear to full, to the hundredth', () => {
  fc.assert(
    fc.property(fc.double({ min: -2, max: 3, noNaN: true }), (asked) => {
      const settings = createViewSettings('map')
      setMapOpacity(settings, asked)
      const { mapOpacity, ...others } = settings.layers.value
      expect(mapOpacity).toBeGreaterThanOrEqual(0)
      expect(mapOpacity).toBeLessThanOrEqual(1)
      if (asked >= 0 && asked <= 1) expect(Math.abs(mapOpacity - asked)).toBeLessThanOrEqual(0.005 + 1e-12)
      expect({ ...others, mapOpacity: DEFAULT_LAYERS.mapOpacity }).toEqual(DEFAULT_LAYERS)
    }),
  )
  const settings = createViewSettings('map')
  const shown = [-1, 0, 0.254, 0.256, 1, 7].map((asked) => {
    setMapOpacity(settings, asked)
    return settings.layers.value.mapOpacity
  })
  expect(shown).toEqual([0, 0, 0.25, 0.26, 1, 1])
})

test('modes come round: contours, bands, map', () => {
  const settings = createViewSettings('contours')
  const seen = Array.from({ length: 4 }, () => {
    nextMode(settings)
    return settings.mode.value
  })
  expect(seen).toEqual(['bands', 'map', 'contours', 'bands'])
})

test('readers are hidden and shown one by one, each change a new set', () => {
  const settings = createViewSettings('contours')
  const before = settings.hiddenReaders.value
  toggleReader(settings, 'A')
  toggleReader(settings, 'C')
  expect([...settings.hiddenReaders.value]).toEqual(['A', 'C'])
  toggleReader(settings, 'A')
  expect([...settings.hiddenReaders.value]).toEqual(['C'])
  expect(before.size).toBe(0)
})
