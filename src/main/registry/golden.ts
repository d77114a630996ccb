import { Golden } from '../../contract'
import type { Manifest } from '../../contract'
import { PackageRefused, parseJson } from './package-refused'

/**
 * What every device must repeat: from the input [1, C, H, W] the prior (mean and log variance, [L] each), and with the
 * latents [N, L] of samples 0..N-1 of the seed the logits [N, 1, H, W]. The file holds them in this order, float32,
 * little endian.
 */
export interface GoldenRun {
  readonly seed: number
  readonly samples: number
  readonly channels: number
  readonly heightPx: number
  readonly widthPx: number
  readonly input: Float32Array<ArrayBuffer>
  readonly mean: Float32Array<ArrayBuffer>
  readonly logVariance: Float32Array<ArrayBuffer>
  readonly latents: Float32Array<ArrayBuffer>
  readonly logits: Float32Array<ArrayBuffer>
  readonly tolerance: Golden['tolerance']
}

/** Refused: a record that breaks its schema or does not fit the manifest, another length of data, values that are not numbers. */
export function readGolden(manifest: Manifest, record: Uint8Array, content: Uint8Array): GoldenRun {
  const { file, data } = manifest.golden
  const golden = parseRecord(manifest, record, file)
  const { seed, samples, tolerance, latentDimension } = golden
  const [, channels, heightPx, widthPx] = golden.inputShape
  const pixels = heightPx * widthPx
  const inputCount = channels * pixels
  const latentCount = samples * latentDimension
  const count = inputCount + 2 * latentDimension + latentCount + samples * pixels
  if (content.byteLength !== 4 * count) {
    throw new PackageRefused(`${data} holds ${content.byteLength} bytes, not ${4 * count}.`, data)
  }
  const values = float32LittleEndian(content)
  if (!values.every(Number.isFinite)) {
    throw new PackageRefused(`${data} holds values that are not numbers.`, data)
  }
  const afterPrior = inputCount + 2 * latentDimension
  return {
    seed,
    samples,
    tolerance,
    channels,
    heightPx,
    widthPx,
    input: values.slice(0, inputCount),
    mean: values.slice(inputCount, inputCount + latentDimension),
    logVariance: values.slice(inputCount + latentDimension, afterPrior),
    latents: values.slice(afterPrior, afterPrior + latentCount),
    logits: values.slice(afterPrior + latentCount),
  }
}

function parseRecord(manifest: Manifest, record: Uint8Array, file: string): Golden {
  const parsed = Golden.safeParse(parseJson(new TextDecoder().decode(record), file))
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw new PackageRefused(`${file}, ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}.`, file)
  }
  const { inputShape, logitsShape, samples, latentDimension } = parsed.data
  const [, channels, heightPx, widthPx] = inputShape
  const expected = [samples, 1, heightPx, widthPx]
  if (logitsShape.some((size, axis) => size !== expected[axis])) {
    throw new PackageRefused(`${file}: the logits' shape does not follow from the input's.`, file)
  }
  if (channels !== manifest.input.channels || latentDimension !== manifest.latent.dimension) {
    throw new PackageRefused(`${file}: channels or latent dimension are not those of the manifest.`, file)
  }
  return parsed.data
}

function float32LittleEndian(bytes: Uint8Array): Float32Array<ArrayBuffer> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const values = new Float32Array(bytes.byteLength / 4)
  for (let index = 0; index < values.length; index += 1) values[index] = view.getFloat32(index * 4, true)
  return values
}
