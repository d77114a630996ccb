/** The shape that all libraries of the Cornerstone codecs share: a module of WebAssembly with one decoder class. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { streamDamaged } from '../../../../core/image/codec/stream-description'
import type { DecodedStream, StreamKind } from '../../../../core/image/codec/stream-description'
import { interleave } from '../../../../core/image/unpack'
import type { PixelArray } from '../../../../core/image/pixel-layout'
import type { Result } from '../../../../contract'

interface FrameShape {
  readonly width: number
  readonly height: number
  readonly bitsPerSample: number
  readonly componentCount: number
  readonly isSigned?: boolean
}

interface Decoder {
  readonly getEncodedBuffer: (sizeBytes: number) => Uint8Array
  readonly getDecodedBuffer: () => Uint8Array
  readonly getFrameInfo: () => FrameShape
  readonly decode: () => void
  /** JPEG-LS alone: 0 for planes one after another. */
  readonly getInterleaveMode?: () => number
  readonly delete: () => void
}

/** A module that is ready: fresh decoders, and how much memory it holds. */
export interface WasmCodec {
  readonly decoder: () => Decoder
  readonly heapBytes: () => number
}

interface WasmModule {
  readonly HEAPU8: Uint8Array
  readonly [name: string]: unknown
}

type Factory = (options: object) => Promise<WasmModule>

const quiet = (): void => undefined

/** Gives the class of a module; the libraries carry no types. */
function decoderClass(module: WasmModule, name: string): new () => Decoder {
  const found = module[name]
  if (typeof found !== 'function') throw new Error(`The library has no ${name}.`)
  return found as new () => Decoder
}

/**
 * Starts a module. The bytes of WebAssembly are read here, since some builds would fetch them; what the libraries
 * print is dropped, since standard output carries results.
 */
export async function startModule(factory: unknown, wasm: string, className: string): Promise<WasmCodec> {
  const wasmBinary = readFileSync(createRequire(import.meta.url).resolve(wasm))
  const module = await (factory as Factory)({ wasmBinary, print: quiet, printErr: quiet })
  const Class = decoderClass(module, className)
  return { decoder: () => new Class(), heapBytes: () => module.HEAPU8.byteLength }
}

/** Samples copied out of the module's memory. */
function samplesOf(bytes: Uint8Array, { bitsPerSample, isSigned }: FrameShape): PixelArray {
  const copy = bytes.slice().buffer
  if (bitsPerSample <= 8) return isSigned === true ? new Int8Array(copy) : new Uint8Array(copy)
  return isSigned === true ? new Int16Array(copy) : new Uint16Array(copy)
}

/**
 * Decodes one stream. The libraries throw numbers (addresses of C++ exceptions), or give an empty or half picture
 * without a word: both are refused by name. What is no number is a fault of the module itself and goes on up.
 */
export function decodeWith(codec: WasmCodec, kind: StreamKind, stream: Uint8Array): Result<DecodedStream> {
  const decoder = codec.decoder()
  try {
    decoder.getEncodedBuffer(stream.length).set(stream)
    decoder.decode()
    const shape = decoder.getFrameInfo()
    const bytes = decoder.getDecodedBuffer()
    const { width, height, componentCount, bitsPerSample } = shape
    const expected = width * height * componentCount * (bitsPerSample <= 8 ? 1 : 2)
    if (expected === 0 || bytes.length !== expected)
      return streamDamaged(kind, 'the stream cannot be decoded.')
    const taken = samplesOf(bytes, shape)
    const samples = componentCount === 3 && decoder.getInterleaveMode?.() === 0 ? interleave(taken) : taken
    return {
      ok: true,
      value: { widthPx: width, heightPx: height, components: componentCount, samples, isRgb: false },
    }
  } catch (error) {
    if (typeof error !== 'number') throw error
    return streamDamaged(kind, 'the stream cannot be decoded.')
  } finally {
    decoder.delete()
  }
}
