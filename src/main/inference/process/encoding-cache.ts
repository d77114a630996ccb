import type { Tensor } from 'onnxruntime-node'

/** Features of some rows of the network's input, [1, F, rows, W]. */
export interface FeatureStrip {
  readonly firstRow: number
  readonly rows: number
  readonly features: Tensor
}

/** What the encoder said about one image. */
export interface Encoding {
  readonly strips: readonly FeatureStrip[]
  readonly mean: Float32Array<ArrayBuffer>
  readonly logVariance: Float32Array<ArrayBuffer>
  readonly sizeBytes: number
}

/** The encodings used last, as many as fit; one that does not fit alone is kept alone. */
export class EncodingCache {
  readonly #limitBytes: number
  readonly #encodings = new Map<string, Encoding>()

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes
  }

  get(key: string): Encoding | null {
    const found = this.#encodings.get(key)
    if (found === undefined) return null
    this.#encodings.delete(key)
    this.#encodings.set(key, found)
    return found
  }

  put(key: string, encoding: Encoding): void {
    this.#encodings.delete(key)
    this.#encodings.set(key, encoding)
    let held = 0
    for (const { sizeBytes } of this.#encodings.values()) held += sizeBytes
    for (const [oldest, { sizeBytes }] of this.#encodings) {
      if (held <= this.#limitBytes || oldest === key) break
      this.#encodings.delete(oldest)
      held -= sizeBytes
    }
  }
}
