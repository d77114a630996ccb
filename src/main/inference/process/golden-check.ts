import type { Ports, Port } from './protocol'
import type { Manifest } from '../../../contract'

/**
 * Largest difference between the logits of a device and the golden ones, and whether it is within the tolerance. Masks
 * then differ only where |logit| is below it. `reason` is empty when the device may be used.
 */
export function compareLogits(
  found: Float32Array,
  expected: Float32Array,
  toleranceAbs: number,
): { readonly worst: number; readonly reason: string } {
  if (found.length !== expected.length) {
    return { worst: Infinity, reason: `the golden run gave ${found.length} logits, not ${expected.length}` }
  }
  let worst = 0
  for (let index = 0; index < expected.length; index += 1) {
    const difference = Math.abs((found[index] ?? Number.NaN) - (expected[index] ?? Number.NaN))
    if (Number.isNaN(difference))
      return { worst: Infinity, reason: 'the golden run gave values that are not numbers' }
    if (difference > worst) worst = difference
  }
  if (worst <= toleranceAbs) return { worst, reason: '' }
  return {
    worst,
    reason: `the golden run differs by ${worst.toPrecision(3)}, more than ${toleranceAbs} allowed`,
  }
}

/** What is wrong with a package's graphs against its manifest, naming the input or output; empty when nothing is. */
export function mismatchOfPorts(manifest: Manifest, encoder: Ports, sampler: Ports): string {
  const { channels } = manifest.input
  const { dimension } = manifest.latent
  const features: Shape = [1, manifest.features.channels, 'H', 'W']
  return (
    mismatch('encoder input', encoder.inputs, manifest.graphs.encoder.inputs, {
      image: [1, channels, 'H', 'W'],
    }) ||
    mismatch('encoder output', encoder.outputs, manifest.graphs.encoder.outputs, {
      features,
      mean: [1, dimension],
      logVariance: [1, dimension],
    }) ||
    mismatch('sampler input', sampler.inputs, manifest.graphs.sampler.inputs, {
      features,
      z: ['N', dimension],
    }) ||
    mismatch('sampler output', sampler.outputs, manifest.graphs.sampler.outputs, {
      logits: ['N', 1, 'H', 'W'],
    })
  )
}

/**
 * A number is the size that the graph must fix (1 may be named: the golden run has so many values); a letter stands for
 * a size that must be free.
 */
type Shape = readonly (number | string)[]

function sizeFits(found: number | string | undefined, size: number | string): boolean {
  if (typeof size === 'string') return typeof found === 'string'
  return found === size || (size === 1 && typeof found === 'string')
}

function mismatch(
  what: string,
  found: readonly Port[],
  declared: readonly string[],
  expected: Readonly<Record<string, Shape>>,
): string {
  const names = found.map((port) => port.name)
  const wanted = Object.keys(expected)
  const same = (others: readonly string[]): boolean =>
    others.length === wanted.length && wanted.every((name) => others.includes(name))
  if (!same(declared)) return `${what}s in the manifest are ${declared.join(', ')}, not ${wanted.join(', ')}`
  if (!same(names)) return `${what}s of the graph are ${names.join(', ')}, not ${wanted.join(', ')}`
  for (const port of found) {
    const shape = expected[port.name] ?? []
    if (port.type !== 'float32') return `${what} "${port.name}" is ${port.type}, not float32`
    const fits =
      port.shape.length === shape.length && shape.every((size, axis) => sizeFits(port.shape[axis], size))
    if (!fits) return `${what} "${port.name}" has shape [${port.shape.join(', ')}], not [${shape.join(', ')}]`
  }
  return ''
}
