/** The bits of an entropy-coded segment (T.81 F.2.2.5): stuffed zeros left out, stopped at a marker. */
export class BitReader {
  readonly #bytes: Uint8Array
  /** Next byte that was not taken yet. */
  position: number
  #held = 0
  #count = 0
  /** Zeros that were put in behind the end, among the bits held. */
  #padding = 0

  constructor(bytes: Uint8Array, position: number) {
    this.#bytes = bytes
    this.position = position
  }

  /** Holds at least 25 bits; behind the end of the segment they are zeros. */
  fill(): void {
    while (this.#count <= 24) {
      let byte = 0
      const next = this.#bytes[this.position]
      if (next === undefined || (next === 0xff && this.#bytes[this.position + 1] !== 0)) this.#padding += 8
      else {
        byte = next
        this.position += next === 0xff ? 2 : 1
      }
      this.#held = (this.#held << 8) | byte
      this.#count += 8
    }
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
    if (this.#count < bits) this.fill()
    this.#count -= bits
    return (this.#held >>> this.#count) & ((1 << bits) - 1)
  }

  /** True once bits were taken that the segment does not have. */
  get isOverrun(): boolean {
    return this.#padding > this.#count
  }

  /** Drops what is left of the segment and goes on behind the restart marker; false when there is none. */
  restart(): boolean {
    this.#held = 0
    this.#count = 0
    this.#padding = 0
    const bytes = this.#bytes
    while (this.position + 1 < bytes.length) {
      const marker = bytes[this.position + 1] ?? 0
      if (bytes[this.position] === 0xff && marker !== 0 && marker !== 0xff) {
        if (marker < 0xd0 || marker > 0xd7) return false
        this.position += 2
        return true
      }
      this.position += 1
    }
    return false
  }
}
