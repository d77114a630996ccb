import type { InferenceSession, Tensor } from 'onnxruntime-node'
import type { DeviceName } from '../../../contract'
import { emptyFields, packFields, writeFields } from '../../../core/sampling/logit-field'
import { EncodingCache } from './encoding-cache'
import type { Encoding, FeatureStrip } from './encoding-cache'
import { runtime } from './onnx-runtime'
import type { GraphRequest, InferenceReply, Ports } from './protocol'

type Request<K extends GraphRequest['kind']> = Extract<GraphRequest, { readonly kind: K }>

interface OpenModel {
  readonly encoder: InferenceSession
  readonly sampler: InferenceSession
}

/** A photograph's features at 512 px take 35 MiB: several images, or a hundred crops. */
const CACHE_LIMIT_BYTES = 256 * 2 ** 20
/** A package on a device holds some tens of megabytes; a session uses two or three. */
const MAX_OPEN_MODELS = 8

/**
 * Holds ONNX Runtime's sessions and what the encoder said about the last images. `session.run` blocks its thread
 * although it gives a promise, so this lives in a process of its own (child.ts).
 */
export class Engine {
  readonly #models = new Map<string, OpenModel>()
  readonly #encodings = new EncodingCache(CACHE_LIMIT_BYTES)

  /** Answers a request; what goes wrong inside ONNX Runtime is a `failed` reply with its words. */
  async answer(request: GraphRequest): Promise<InferenceReply> {
    try {
      switch (request.kind) {
        case 'open':
          return await this.#open(request)
        case 'encode':
          return await this.#encode(request)
        case 'sample':
          return await this.#sample(request)
        case 'logits':
          return await this.#logits(request)
      }
    } catch (error) {
      return {
        kind: 'failed',
        id: request.id,
        reason: error instanceof Error ? error.message : String(error),
      }
    }
  }

  async #open(request: Request<'open'>): Promise<InferenceReply> {
    const key = modelOn(request)
    let model = this.#models.get(key)
    if (model === undefined) {
      const options = sessionOptions(request.device, request.threads)
      model = {
        encoder: await runtime.InferenceSession.create(request.encoderPath, options),
        sampler: await runtime.InferenceSession.create(request.samplerPath, options),
      }
      await this.#makeRoom()
      this.#models.set(key, model)
    }
    return {
      kind: 'opened',
      id: request.id,
      encoder: portsOf(model.encoder),
      sampler: portsOf(model.sampler),
    }
  }

  async #makeRoom(): Promise<void> {
    for (const [key, model] of this.#models) {
      if (this.#models.size < MAX_OPEN_MODELS) return
      this.#models.delete(key)
      await model.encoder.release()
      await model.sampler.release()
    }
  }

  async #encode(request: Request<'encode'>): Promise<InferenceReply> {
    const key = encodingOn(request)
    const known = this.#encodings.get(key)
    if (known !== null) return encoded(request.id, known, true)
    const model = this.#models.get(modelOn(request))
    if (model === undefined) return { kind: 'absent', id: request.id, what: 'model' }
    const image = new runtime.Tensor('float32', request.image, [
      1,
      request.channels,
      request.heightPx,
      request.widthPx,
    ])
    const outputs = await model.encoder.run({ image })
    const features = floatsOf(outputs, 'features')
    const strips = cutRows(features.data, features.dims, request.stripRows)
    const mean = floatsOf(outputs, 'mean').data
    const logVariance = floatsOf(outputs, 'logVariance').data
    const sizeBytes = features.data.byteLength + mean.byteLength + logVariance.byteLength
    const encoding: Encoding = { strips, mean, logVariance, sizeBytes }
    this.#encodings.put(key, encoding)
    return encoded(request.id, encoding, false)
  }

  async #sample(request: Request<'sample'>): Promise<InferenceReply> {
    const held = this.#held(request)
    if ('kind' in held) return held
    const fields = emptyFields(request.count, request.widthPx, request.heightPx)
    const z = latentsOf(request)
    for (const strip of held.encoding.strips) {
      if (strip.firstRow >= request.heightPx) break
      const { data, dims } = floatsOf(await held.model.sampler.run({ features: strip.features, z }), 'logits')
      const widthPx = dims[3] ?? 0
      const finite = writeFields(
        fields,
        { logits: data, count: request.count, widthPx, heightPx: strip.rows, firstRow: strip.firstRow },
        request.fieldOfView,
      )
      if (!finite)
        return { kind: 'failed', id: request.id, reason: 'The model gave values that are not numbers.' }
    }
    return {
      kind: 'sampled',
      id: request.id,
      masks: new Uint8Array(packFields(fields)),
      fields: new Int8Array(fields.values),
    }
  }

  async #logits(request: Request<'logits'>): Promise<InferenceReply> {
    const held = this.#held(request)
    if ('kind' in held) return held
    const z = latentsOf(request)
    const parts = []
    for (const strip of held.encoding.strips) {
      parts.push(floatsOf(await held.model.sampler.run({ features: strip.features, z }), 'logits').data)
    }
    const perSample = parts.map((part) => part.length / request.count)
    const logits = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0))
    let at = 0
    for (let sample = 0; sample < request.count; sample += 1) {
      parts.forEach((part, index) => {
        const length = perSample[index] ?? 0
        logits.set(part.subarray(sample * length, (sample + 1) * length), at)
        at += length
      })
    }
    return { kind: 'logits', id: request.id, logits }
  }

  #held(request: Request<'sample' | 'logits'>): { model: OpenModel; encoding: Encoding } | InferenceReply {
    const model = this.#models.get(modelOn(request))
    if (model === undefined) return { kind: 'absent', id: request.id, what: 'model' }
    const encoding = this.#encodings.get(encodingOn(request))
    if (encoding === null) return { kind: 'absent', id: request.id, what: 'encoding' }
    return { model, encoding }
  }
}

const modelOn = (request: { modelKey: string; device: DeviceName }): string =>
  `${request.device} ${request.modelKey}`

const encodingOn = (request: { modelKey: string; device: DeviceName; inputKey: string }): string =>
  `${modelOn(request)} ${request.inputKey}`

const encoded = (id: number, encoding: Encoding, cached: boolean): InferenceReply => ({
  kind: 'encoded',
  id,
  mean: encoding.mean,
  logVariance: encoding.logVariance,
  cached,
})

/** One provider, never a list: with a list ONNX Runtime falls back in silence. Errors only in its log. */
function sessionOptions(device: DeviceName, threads: number): InferenceSession.SessionOptions {
  return {
    executionProviders: [device],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  }
}

function portsOf(session: InferenceSession): Ports {
  const ports = (metadata: readonly InferenceSession.ValueMetadata[]): Ports['inputs'] =>
    metadata.map((value) =>
      value.isTensor
        ? { name: value.name, type: value.type, shape: [...value.shape] }
        : { name: value.name, type: 'not a tensor', shape: [] },
    )
  return { inputs: ports(session.inputMetadata), outputs: ports(session.outputMetadata) }
}

const latentsOf = (request: Request<'sample' | 'logits'>): Tensor =>
  new runtime.Tensor('float32', request.latents, [request.count, request.latents.length / request.count])

function floatsOf(
  outputs: InferenceSession.OnnxValueMapType,
  name: string,
): { readonly data: Float32Array<ArrayBuffer>; readonly dims: readonly number[] } {
  const value = outputs[name]
  if (!(value instanceof runtime.Tensor) || !(value.data instanceof Float32Array)) {
    throw new Error(`The graph gave no float32 tensor "${name}".`)
  }
  return {
    data: new Float32Array(value.data.buffer as ArrayBuffer, value.data.byteOffset, value.data.length),
    dims: value.dims,
  }
}

/** Features [1, F, H, W] -> strips of rows: everything after the encoder is per pixel, and a strip stays in the cache of the CPU. */
function cutRows(features: Float32Array, dims: readonly number[], stripRows: number | null): FeatureStrip[] {
  const [, channels = 0, heightPx = 0, widthPx = 0] = dims
  const limit = Math.min(stripRows ?? heightPx, heightPx)
  const strips: FeatureStrip[] = []
  for (let firstRow = 0; firstRow < heightPx; firstRow += limit) {
    const rows = Math.min(limit, heightPx - firstRow)
    const data = new Float32Array(channels * rows * widthPx)
    for (let channel = 0; channel < channels; channel += 1) {
      const from = (channel * heightPx + firstRow) * widthPx
      data.set(features.subarray(from, from + rows * widthPx), channel * rows * widthPx)
    }
    strips.push({
      firstRow,
      rows,
      features: new runtime.Tensor('float32', data, [1, channels, rows, widthPx]),
    })
  }
  return strips
}
