const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const VALUE_OF = new Map(Array.from(ALPHABET).map((letter, value) => [letter.charCodeAt(0), value]))

/** Bytes to base64 (RFC 4648 section 4, padded). Core has neither Buffer nor btoa, and both doors need the same text. */
export function toBase64(bytes: Uint8Array): string {
  const parts: string[] = []
  for (let start = 0; start < bytes.length; start += 3) {
    const [a = 0, b = 0, c = 0] = bytes.subarray(start, start + 3)
    const group = (a << 16) | (b << 8) | c
    const letters = [18, 12, 6, 0].map((shift) => ALPHABET.charAt((group >> shift) & 63)).join('')
    const missing = Math.max(0, start + 3 - bytes.length)
    parts.push(missing === 0 ? letters : letters.slice(0, 4 - missing) + '='.repeat(missing))
  }
  return parts.join('')
}

/** The inverse of `toBase64`; a letter outside the alphabet is an error of the program that wrote it, and throws. */
export function fromBase64(text: string): Uint8Array {
  const length = text.length - (text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0)
  const bytes = new Uint8Array(Math.floor((length * 3) / 4))
  let bits = 0
  let bitCount = 0
  let at = 0
  for (let index = 0; index < length; index += 1) {
    const value = VALUE_OF.get(text.charCodeAt(index))
    if (value === undefined) throw new Error(`base64: letter ${text.charAt(index)} at ${index}`)
    bits = ((bits << 6) | value) & 0xffffff
    bitCount += 6
    if (bitCount >= 8) {
      bitCount -= 8
      bytes[at] = (bits >> bitCount) & 0xff
      at += 1
    }
  }
  return bytes
}
