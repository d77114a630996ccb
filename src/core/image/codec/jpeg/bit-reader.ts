/** Zeros behind the bytes of a segment, so that what is held can be filled up without a look at the end. */
const BEHIND = 4

/** The bits of an entropy-coded segment (T.81 F.2.2.5): stuffed zeros left out, stopped at a marker. */
export class BitReader {
  readonly #bytes: Uint8Array
  /** The segment without its stuffed zeros, and zeros behind it. */
  readonly #plain: Uint8Array
  /** Bytes of the segment without stuffed zeros. */
  #length = 0
  #at = 0
  /** The bits held are the lowest of these. */
  #held = 0
  #count = 0
  /** The marker that ends the segment, or the end of the stream. */
  position: number

  constructor(bytes: Uint8Array, position: number) {
    this.#bytes = bytes
    this.#plain = new Uint8Array(bytes.length - position + BEHIND)
    this.position = position
    this.#open()
  }

  /** Takes the segment at `position` over. */
  #open(): void {
    const bytes = this.#bytes
    let from = this.position
    let length = 0
    for (;;) {
      const found = bytes.indexOf(0xff, from)
      const isStuffed = found >= 0 && bytes[found + 1] === 0
      const end = found < 0 ? bytes.length : isStuffed ? found + 1 : found
      this.#plain.set(bytes.subarray(from, end), length)
      length += end - from
      from = end
      if (!isStuffed) break
      from += 1
    }
    this.position = from
    this.#length = length
    this.#plain.fill(0, length, length + BEHIND)
    this.#at = 0
    this.#held = 0
    this.#count = 0
  }

  /** Holds at least 16 bits; behind the end of the segment they are zeros. */
  fill(): void {
    if (this.#count >= 16) return
    const at = this.#at
    this.#held = (this.#held << 16) | ((this.#plain[at] ?? 0) << 8) | (this.#plain[at + 1] ?? 0)
    this.#at = at + 2
    this.#count += 16
  }

  /** The next `bits` (at most 16) without taking them; `fill` was called. */
  peek(bits: number): number {
    return (this.#held >>> (this.#count - bits)) & ((1 << bits) - 1)
  }

  skip(bits: number): void {
    this.#count -= bits
  }

  /** Takes `bits`, at most 16. */
  take(bits: number): number {
    if (bits === 0) return 0
    this.fill()
    this.#count -= bits
    return (this.#held >>> this.#count) & ((1 << bits) - 1)
  }

  /** True once bits were taken that the segment does not have. */
  get isOverrun(): boolean {
    return 8 * this.#at - this.#count > 8 * this.#length
  }

  /** Drops what is left of the segment and goes on behind the restart marker; false when there is none. */
  restart(): boolean {
    const bytes = this.#bytes
    while (this.position + 1 < bytes.length) {
      const marker = bytes[this.position + 1] ?? 0
      if (bytes[this.position] === 0xff && marker !== 0 && marker !== 0xff) {
        if (marker < 0xd0 || marker > 0xd7) return false
        this.position += 2
        this.#open()
        return true
      }
      this.position += 1
    }
    return false
  }
}
