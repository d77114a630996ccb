import { expect, test } from 'vitest'
import { findResources } from './resources'

test('in a clone models lie beside the build', () => {
  const clone = findResources('/somewhere/margin/out/main', {}, '/usr/bin/node')
  expect(clone.modelsDir).toBe('/somewhere/margin/models')
  expect(clone.program('inference')).toBe('/somewhere/margin/out/main/inference.js')
  expect(clone.window).toBe(null)
})

test('in an installed program they lie beside the archive, and the program itself opens the window', () => {
  const installed = findResources('/opt/margin/resources/app.asar/out/main', {}, '/opt/margin/margin')
  expect(installed.modelsDir).toBe('/opt/margin/resources/models')
  expect(installed.caseDir).toBe('/opt/margin/resources/case')
  expect(installed.preload).toBe('/opt/margin/resources/app.asar/out/preload/index.cjs')
  expect(installed.librariesDir).toMatch(/^\/opt\/margin\/resources\/app\.asar\.unpacked\/.*onnxruntime-node/)
  expect(installed.window).toEqual({ binary: '/opt/margin/margin', words: [] })
})

test('a folder of models that was named is the one', () => {
  const named = findResources('/a/out/main', { MARGIN_MODELS: '/mine' }, '/usr/bin/node')
  expect(named.modelsDir).toBe('/mine')
})
