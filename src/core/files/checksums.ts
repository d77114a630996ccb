/** Checksums of ZIP, gzip and PNG (CRC-32, ISO 3309) and of zlib streams (Adler-32, RFC 1950). */
const POLYNOMIAL = 0xedb88320
const table = Uint32Array.from({ length: 256 }, (_unused, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1
  return value
})

export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) crc = (crc >>> 8) ^ (table[(crc ^ byte) & 0xff] ?? 0)
  return (crc ^ 0xffffffff) >>> 0
}

const ADLER_MODULUS = 65_521
/** Sums stay below 2^53 for far longer than this; the modulus is taken now and then for speed. */
const ADLER_BLOCK = 1 << 16

export function adler32(bytes: Uint8Array): number {
  let a = 1
  let b = 0
  for (let start = 0; start < bytes.length; start += ADLER_BLOCK) {
    for (const byte of bytes.subarray(start, start + ADLER_BLOCK)) {
      a += byte
      b += a
    }
    a %= ADLER_MODULUS
    b %= ADLER_MODULUS
  }
  return b * 0x10000 + a
}
