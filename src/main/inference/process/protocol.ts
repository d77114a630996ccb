import { z } from 'zod'
import { DeviceName, Grid, PixelSpacing, Refusal, SliceReport, Warning } from '../../../contract'

/**
 * What passes between the program and the process that owns ONNX Runtime. One request, one reply with the same id,
 * in order; typed arrays pass as they are (structured clone). Both ends parse what they get.
 */

const floats = z.custom<Float32Array<ArrayBuffer>>((value) => value instanceof Float32Array)
const int8 = z.custom<Int8Array<ArrayBuffer>>((value) => value instanceof Int8Array)
const bytes = z.custom<Uint8Array<ArrayBuffer>>((value) => value instanceof Uint8Array)
const size = z.number().int().positive()
const id = z.number().int().nonnegative()

/** A package on a device: `modelKey` names the graphs by their contents. */
const model = { id, modelKey: z.string().min(1), device: DeviceName }

const Pixels = z.strictObject({
  widthPx: z.number().int().nonnegative(),
  heightPx: z.number().int().nonnegative(),
  pixels: bytes,
})

/** What needs no graph but takes too long for the thread that serves. */
export const ComputeRequest = z.discriminatedUnion('kind', [
  z.strictObject({
    id,
    kind: z.literal('prepare'),
    picture: z.strictObject({ widthPx: size, heightPx: size, rgb: bytes }),
    givenField: Pixels.nullable(),
    heightPx: size,
    multipleOf: size,
  }),
  z.strictObject({
    id,
    kind: z.literal('report'),
    /** Packed masks as in the contract. */
    masks: bytes,
    count: size,
    slice: z.strictObject({
      grid: Grid,
      pixelSpacingMm: PixelSpacing.nullable(),
      fieldOfView: Pixels.nullable(),
      readers: z.array(
        z.strictObject({
          readingId: z.string(),
          letter: z.string(),
          placed: z.strictObject({ originColumn: z.number(), originRow: z.number(), mask: Pixels }),
        }),
      ),
      sopInstanceUid: z.string().nullable(),
      sliceIndex: z.number().nullable(),
      place: z.object({ column: z.number(), row: z.number() }).nullable(),
      warnings: z.array(Warning),
    }),
  }),
])
export type ComputeRequest = z.infer<typeof ComputeRequest>

/** What runs graphs. */
export const GraphRequest = z.discriminatedUnion('kind', [
  z.strictObject({
    ...model,
    kind: z.literal('open'),
    encoderPath: z.string().min(1),
    samplerPath: z.string().min(1),
    threads: z.number().int().positive(),
  }),
  z.strictObject({
    ...model,
    kind: z.literal('encode'),
    inputKey: z.string().min(1),
    /** [1, C, H, W] */
    image: floats,
    channels: size,
    heightPx: size,
    widthPx: size,
    /** Rows that the sampler takes at a time; null: all. */
    stripRows: size.nullable(),
  }),
  z.strictObject({
    ...model,
    kind: z.literal('sample'),
    inputKey: z.string().min(1),
    /** [N, L] */
    latents: floats,
    count: size,
    /** The grid: what lies beyond it in the logits is padding. */
    widthPx: size,
    heightPx: size,
    /** One byte a pixel of the grid. */
    fieldOfView: bytes.nullable(),
  }),
  z.strictObject({
    ...model,
    kind: z.literal('logits'),
    inputKey: z.string().min(1),
    latents: floats,
    count: size,
  }),
])
export type GraphRequest = z.infer<typeof GraphRequest>

export const InferenceRequest = z.union([GraphRequest, ComputeRequest])
export type InferenceRequest = z.infer<typeof InferenceRequest>

/** One input or output of a graph as ONNX Runtime sees it; a text stands for a size that is free. */
export const Port = z.strictObject({
  name: z.string(),
  type: z.string(),
  shape: z.array(z.union([z.number(), z.string()])),
})
export type Port = z.infer<typeof Port>

const Ports = z.strictObject({ inputs: z.array(Port), outputs: z.array(Port) })
export type Ports = z.infer<typeof Ports>

export const InferenceReply = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('opened'), id, encoder: Ports, sampler: Ports }),
  z.strictObject({
    kind: z.literal('encoded'),
    id,
    mean: floats,
    logVariance: floats,
    /** Taken from the cache: the encoder did not run. */
    cached: z.boolean(),
  }),
  z.strictObject({ kind: z.literal('sampled'), id, masks: bytes, fields: int8 }),
  z.strictObject({ kind: z.literal('logits'), id, logits: floats }),
  z.strictObject({
    kind: z.literal('prepared'),
    id,
    input: z.strictObject({
      values: floats,
      channels: size,
      heightPx: size,
      widthPx: size,
      grid: Grid,
      fieldOfView: Pixels.nullable(),
      warnings: z.array(Warning),
    }),
  }),
  z.strictObject({ kind: z.literal('reported'), id, report: SliceReport }),
  z.strictObject({ kind: z.literal('refused'), id, refusal: Refusal }),
  /** The process does not hold (any more) what the request builds on. */
  z.strictObject({ kind: z.literal('absent'), id, what: z.enum(['model', 'encoding']) }),
  z.strictObject({ kind: z.literal('failed'), id, reason: z.string() }),
])
export type InferenceReply = z.infer<typeof InferenceReply>
