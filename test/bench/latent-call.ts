import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { placeOnImage, traceField } from '../../src/core/contour/trace'
import { drawLatents, type LatentPrior } from '../../src/core/sampling/latent-draw'
import { Engine } from '../../src/main/inference/process/engine'
import { type Cost, quantile } from './harness'

const THREADS = 2
const Manifest = z.looseObject({ input: z.looseObject({ sizePx: z.number().int().positive() }) })

/** One sample of an image whose encoder ran before: what a place of the latent costs at least. */
export class LatentDraw {
  readonly #engine = new Engine()
  readonly #folder: string
  readonly #sizePx: number
  #prior: LatentPrior | null = null

  constructor(folder: string) {
    this.#folder = folder
    this.#sizePx = Manifest.parse(
      JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')),
    ).input.sizePx
  }

  async open(): Promise<void> {
    const opened = await this.#engine.answer({
      ...{ id: 0, modelKey: 'latent', device: 'cpu', kind: 'open', threads: THREADS },
      encoderPath: join(this.#folder, 'encoder.onnx'),
      samplerPath: join(this.#folder, 'sampler.onnx'),
    })
    if (opened.kind !== 'opened') throw new Error(JSON.stringify(opened))
    const side = this.#sizePx
    const image = Float32Array.from(
      { length: side * side },
      (_, at) =>
        1 / (1 + Math.exp(Math.hypot((at % side) - side / 2, Math.floor(at / side) - side / 2) - 11)),
    )
    const encoded = await this.#engine.answer({
      ...{ id: 0, modelKey: 'latent', device: 'cpu', kind: 'encode', inputKey: 'disc' },
      ...{ image, channels: 1, heightPx: side, widthPx: side, stripRows: null },
    })
    if (encoded.kind !== 'encoded') throw new Error(JSON.stringify(encoded))
    this.#prior = { mean: encoded.mean, logVariance: encoded.logVariance }
  }

  /** The median of so many calls, one after another. */
  samples = (calls: number): Promise<Cost> => medianOf(calls, (call) => this.#sample(call))

  /** The same, with the outline of each as the page draws it. */
  contours = (calls: number): Promise<Cost> =>
    medianOf(calls, async (call) => {
      const side = this.#sizePx
      const grid = { widthPx: side, heightPx: side, originColumn: 0, originRow: 0, columnStep: 1, rowStep: 1 }
      placeOnImage(traceField(await this.#sample(call), side, side), grid)
    })

  /** The field of the sample. */
  async #sample(index: number): Promise<Int8Array> {
    if (this.#prior === null) throw new Error('not opened')
    const drawn = await this.#engine.answer({
      ...{ id: 0, modelKey: 'latent', device: 'cpu', kind: 'sample', inputKey: 'disc', count: 1 },
      latents: drawLatents(this.#prior, { seed: 1, directions: null }, index, 1),
      ...{ widthPx: this.#sizePx, heightPx: this.#sizePx, fieldOfView: null },
    })
    if (drawn.kind !== 'sampled') throw new Error(JSON.stringify(drawn))
    return drawn.fields
  }
}

async function medianOf(calls: number, act: (call: number) => Promise<unknown>): Promise<Cost> {
  const times: number[] = []
  for (let call = 0; call < calls; call += 1) {
    const fromMs = performance.now()
    await act(call)
    times.push(performance.now() - fromMs)
  }
  return { ms: quantile(times, 0.5), cpuMs: 0 }
}
