/** So many arguments every JavaScript engine takes in one call. */
const CHUNK_BYTES = 0x2000

/** Bytes to base64 (RFC 4648 section 4, padded). */
export function toBase64(bytes: Uint8Array): string {
  const parts: string[] = []
  for (let start = 0; start < bytes.length; start += CHUNK_BYTES) {
    parts.push(String.fromCharCode(...bytes.subarray(start, start + CHUNK_BYTES)))
  }
  return btoa(parts.join(''))
}

/** The inverse of `toBase64`; a letter outside the alphabet is an error of the program that wrote it, and throws. */
export function fromBase64(text: string): Uint8Array {
  // The standard's own reading skips white space, which nobody here writes.
  if (/\s/.test(text)) throw new Error('base64: white space')
  const letters = atob(text)
  const bytes = new Uint8Array(letters.length)
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = letters.charCodeAt(at)
  return bytes
}
