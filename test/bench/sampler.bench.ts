import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { Mask } from '../../src/core/image/mask'
import { countPixels, packedSizeBytes, unpackMask } from '../../src/core/image/mask'
import { traceField } from '../../src/core/contour/trace'
import { drawLatents } from '../../src/core/sampling/latent-draw'
import type { LatentPrior } from '../../src/core/sampling/latent-draw'
import { cropForModel } from '../../src/core/sampling/model-input'
import type { GreyFrame } from '../../src/core/sampling/model-input'
import { addSamples, mapOf, noMoments, varianceOfSamples } from '../../src/core/uncertainty/moments'
import { sizesOfMask } from '../../src/core/uncertainty/sizes'
import { Engine } from '../../src/main/inference/process/engine'
import type { Bench, BenchSet, Skipped } from './harness'
import { missingPython, runToEnd, startPeer } from './python-peer'

/**
 * The sampler: what it saves to run the encoder once and three 1x1 layers a sample. All in one process with the
 * program's own engine (that of the inference process), so that both sides pay the same.
 */

const SIZE_PX = 128
const SEED = 1
const THREADS = 2
const CHUNK = 8
/** As the program does on the processor. */
const STRIP_ROWS = 32
const PIXEL = { unit: 'px', betweenColumns: 1, betweenRows: 1 } as const

const Peer = z.looseObject({
  ms: z.number(),
  cpuMs: z.number(),
  maskPixels: z.number(),
  longestPx: z.number(),
})

interface Network {
  readonly key: string
  readonly encoderPath: string
  readonly samplerPath: string
}

interface Drawn {
  readonly masks: readonly Mask[]
  readonly fields: readonly Int8Array[]
}

/** The engine with one network open, and a count that makes each input new to its cache. */
class BenchEngine {
  readonly #engine = new Engine()
  readonly #network: Network
  #inputs = 0

  constructor(network: Network) {
    this.#network = network
  }

  async open(): Promise<void> {
    const { encoderPath, samplerPath } = this.#network
    const reply = await this.#engine.answer({
      ...this.#on(),
      kind: 'open',
      encoderPath,
      samplerPath,
      threads: THREADS,
    })
    if (reply.kind !== 'opened') throw new Error(JSON.stringify(reply))
  }

  /** Runs the encoder, unless this input was seen; gives the prior. */
  async encode(
    image: Float32Array,
    { inputKey = `input ${(this.#inputs += 1)}`, stripRows }: { inputKey?: string; stripRows: number | null },
  ): Promise<LatentPrior & { inputKey: string }> {
    const reply = await this.#engine.answer({
      ...this.#on(),
      kind: 'encode',
      inputKey,
      image: new Float32Array(image),
      channels: 1,
      heightPx: SIZE_PX,
      widthPx: SIZE_PX,
      stripRows,
    })
    if (reply.kind !== 'encoded') throw new Error(JSON.stringify(reply))
    return { mean: reply.mean, logVariance: reply.logVariance, inputKey }
  }

  async sample(prior: LatentPrior & { inputKey: string }, first: number, count: number): Promise<Drawn> {
    const reply = await this.#engine.answer({
      ...this.#on(),
      kind: 'sample',
      inputKey: prior.inputKey,
      latents: drawLatents(prior, { seed: SEED, directions: null }, first, count),
      count,
      widthPx: SIZE_PX,
      heightPx: SIZE_PX,
      fieldOfView: null,
    })
    if (reply.kind !== 'sampled') throw new Error(JSON.stringify(reply))
    const pixels = SIZE_PX * SIZE_PX
    return {
      masks: Array.from({ length: count }, (_, at) =>
        unpackMask(reply.masks, SIZE_PX, SIZE_PX, at * packedSizeBytes(pixels)),
      ),
      fields: Array.from({ length: count }, (_, at) => reply.fields.subarray(at * pixels, (at + 1) * pixels)),
    }
  }

  #on(): { id: number; modelKey: string; device: 'cpu' } {
    return { id: 0, modelKey: this.#network.key, device: 'cpu' }
  }
}

/** A CT slice with a soft disc in noisy air, HU + 1000. */
function frame(): GreyFrame {
  const stored = new Int16Array(SIZE_PX * SIZE_PX)
  for (let at = 0; at < stored.length; at += 1) {
    const distance = Math.hypot((at % SIZE_PX) - 63, Math.floor(at / SIZE_PX) - 66)
    stored[at] = 80 + 900 / (1 + Math.exp(distance - 11)) + ((at * 2654435761) % 97)
  }
  return { widthPx: SIZE_PX, heightPx: SIZE_PX, stored, slope: 1, intercept: -1000, paddingStored: null }
}

function inputOf(slice: GreyFrame): Float32Array {
  const input = { sizePx: SIZE_PX, intensity: { kind: 'cropMinMax', contextPx: SIZE_PX } } as const
  const crop = cropForModel(slice, { column: SIZE_PX / 2, row: SIZE_PX / 2 }, input)
  if (!crop.ok) throw new Error(crop.refusal.reason)
  return crop.value.values
}

/** Mean and variance of masks. */
function statistics(masks: readonly Mask[]): { mean: Float32Array; variance: Float32Array } {
  const moments = addSamples(
    noMoments(SIZE_PX * SIZE_PX),
    masks.map((mask) => mask.pixels),
  )
  return { mean: mapOf(moments, shareOfSamples), variance: mapOf(moments, varianceOfSamples) }
}

const shareOfSamples = (count: number, sampleCount: number): number => count / sampleCount

async function inChunks(
  engine: BenchEngine,
  prior: LatentPrior & { inputKey: string },
  samples: number,
): Promise<Drawn> {
  const masks: Mask[] = []
  const fields: Int8Array[] = []
  for (let first = 0; first < samples; first += CHUNK) {
    const drawn = await engine.sample(prior, first, Math.min(CHUNK, samples - first))
    masks.push(...drawn.masks)
    fields.push(...drawn.fields)
  }
  return { masks, fields }
}

/** Pixels to statistics: the encoder once, samples in chunks. */
async function once(engine: BenchEngine, slice: GreyFrame, samples: number): Promise<null> {
  statistics(
    (await inChunks(engine, await engine.encode(inputOf(slice), { stripRows: STRIP_ROWS }), samples)).masks,
  )
  return null
}

/** Pixels to statistics: the whole network anew for each sample. */
async function perSample(engine: BenchEngine, slice: GreyFrame, samples: number): Promise<null> {
  const image = inputOf(slice)
  const masks: Mask[] = []
  for (let sample = 0; sample < samples; sample += 1) {
    masks.push(...(await engine.sample(await engine.encode(image, { stripRows: null }), sample, 1)).masks)
  }
  statistics(masks)
  return null
}

/**
 * The four rows of one network. They are claimed for the network of the paper's size, whose arithmetic the numbers
 * come from; the shipped network is narrower, so what is done once a sample outside the network weighs more.
 */
function rowsOf(engine: BenchEngine, network: string, prefix: string, claimed: boolean): Bench[] {
  const slice = frame()
  const image = inputOf(slice)
  const cached = async (samples: number): Promise<null> => {
    statistics(
      (
        await inChunks(
          engine,
          await engine.encode(image, { inputKey: 'cached', stripRows: STRIP_ROWS }),
          samples,
        )
      ).masks,
    )
    return null
  }
  const whole = (samples: number, leastRatio: number, aimRatio: number, rounds: number): Bench => ({
    id: `${prefix}-${samples}-against-whole-network`,
    name: `${samples} samples ${SIZE_PX} x ${SIZE_PX}, pixels to statistics`,
    ours: {
      name: 'encoder once, sampler in chunks of 8 samples x 32 rows',
      run: () => once(engine, slice, samples),
    },
    peer: { name: 'the whole network once per sample', run: () => perSample(engine, slice, samples) },
    claim: claimed ? { leastRatio, aimRatio } : null,
    rounds,
    terms: `${network}; both sides: the same two ONNX graphs, ONNX Runtime on the CPU, ${THREADS} threads; the peer runs encoder and sampler for every sample`,
  })
  const fromCache = (samples: number, leastRatio: number, aimRatio: number, rounds: number): Bench => ({
    id: `${prefix}-${samples}-from-cached-encoder`,
    name: `${samples} new samples ${SIZE_PX} x ${SIZE_PX} of an image seen before`,
    ours: { name: 'encoder from the cache', run: () => cached(samples) },
    peer: { name: 'encoder run again', run: () => once(engine, slice, samples) },
    claim: claimed ? { leastRatio, aimRatio } : null,
    rounds,
    terms: `${network}; same process and chunks, ${THREADS} threads`,
  })
  return [
    whole(16, 8, 14.6, 9),
    whole(100, 30, 60.7, 3),
    fromCache(16, 4, 8, 31),
    fromCache(100, 1.8, 2.3, 21),
  ]
}

async function authorsRow(
  engine: BenchEngine,
  folder: string,
  root: string,
): Promise<{ bench: Bench; close: () => void }> {
  const samples = 100
  const peer = startPeer(root, [join(root, 'test/bench/authors_way.py'), 'serve', folder])
  const bytes = readFileSync(join(folder, 'image.f32'))
  const image = new Float32Array(new Uint8Array(bytes).buffer)
  const ours = async (): Promise<{ maskPixels: number }> => {
    const { masks, fields } = await inChunks(
      engine,
      await engine.encode(image, { stripRows: STRIP_ROWS }),
      samples,
    )
    statistics(masks)
    for (const field of fields) traceField(field, SIZE_PX, SIZE_PX)
    const counts = masks.map(countPixels)
    masks.forEach((mask, at) => sizesOfMask(mask, counts[at] ?? 0, PIXEL))
    return { maskPixels: counts.reduce((sum, count) => sum + count, 0) }
  }
  const theirs = async (): Promise<z.infer<typeof Peer>> => Peer.parse(await peer.ask({ samples }))
  const [a, b] = [(await ours()).maskPixels, (await theirs()).maskPixels]
  // Same weights and noise: pixels whose logit is nearly 0 may fall either way, nothing else.
  if (Math.abs(a - b) > 1e-3 * b)
    throw new Error(`the two sides draw different samples: ${a} and ${b} pixels`)
  const bench: Bench = {
    id: 'sampler-100-against-authors-way',
    name: `${samples} samples ${SIZE_PX} x ${SIZE_PX}, pixels to mean, variance, contours and sizes`,
    ours: {
      name: 'this program',
      run: async () => {
        await ours()
        return null
      },
    },
    peer: { name: "the authors' way in PyTorch", run: theirs },
    claim: { leastRatio: 2, aimRatio: 4 },
    rounds: 11,
    terms: `filters 32-64-128-256, fusion of width 32, fixed weights on both sides, same noise (mask pixels ${a} and ${b}); peer: U-Net once, last layers per sample, NumPy, scikit-image contours, SciPy hulls; CPU, ${THREADS} threads each, waiting without spinning`,
  }
  return { bench, close: peer.close }
}

/** The rows of the sampler; the network is that of the shipped lesion package where it is there. */
export async function samplerBenches(root: string): Promise<BenchSet> {
  const shipped = ['models', 'build/models']
    .map((folder) => join(root, folder, 'lidc-cflow-planar'))
    .find((folder) => existsSync(join(folder, 'encoder.onnx')))
  const benches: (Bench | Skipped)[] = []
  if (shipped === undefined) {
    benches.push({ id: 'shipped', skipped: 'no package lidc-cflow-planar under models' })
  } else {
    const engine = new BenchEngine({
      key: 'shipped',
      encoderPath: join(shipped, 'encoder.onnx'),
      samplerPath: join(shipped, 'sampler.onnx'),
    })
    await engine.open()
    benches.push(...rowsOf(engine, 'network of lidc-cflow-planar', 'shipped', false))
  }
  const missing = missingPython()
  if (missing !== null) {
    benches.push({ id: 'sampler-100-against-authors-way', skipped: missing })
    return { benches, close: () => Promise.resolve() }
  }
  const folder = join(root, 'build', 'bench-authors')
  runToEnd(root, [join(root, 'test/bench/authors_way.py'), 'make', folder])
  const engine = new BenchEngine({
    key: 'authors',
    encoderPath: join(folder, 'encoder.onnx'),
    samplerPath: join(folder, 'sampler.onnx'),
  })
  await engine.open()
  const { bench, close } = await authorsRow(engine, folder, root)
  benches.push(
    ...rowsOf(
      engine,
      'network of the size of the paper (filters 32-64-128-256), fixed weights',
      'sampler',
      true,
    ),
    bench,
  )
  return {
    benches,
    close: () => {
      close()
      return Promise.resolve()
    },
  }
}
