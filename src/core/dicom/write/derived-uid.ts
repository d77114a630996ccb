/**
 * Unique identifiers under 2.25 (PS3.5 B.2) that follow from a name: the same name, the same UID, on every computer.
 * FNV-1a on 64 bits, twice with different starts, gives the 128 bits of the number.
 */
const FNV_PRIME = 0x100000001b3n
const FNV_START = 0xcbf29ce484222325n
const MASK_64 = (1n << 64n) - 1n

function hash64(text: string, start: bigint): bigint {
  let hash = start
  for (const byte of new TextEncoder().encode(text)) hash = ((hash ^ BigInt(byte)) * FNV_PRIME) & MASK_64
  return hash
}

/** A UID that only `name` gives. Version and variant bits are those of a UUID of version 8 (RFC 9562). */
export function derivedUid(name: string): string {
  const high = (hash64(name, FNV_START) & ~0xf000n) | 0x8000n
  const low = (hash64(`${name}\u0000`, FNV_START ^ MASK_64) & ~(3n << 62n)) | (2n << 62n)
  return `2.25.${((high << 64n) | low).toString()}`
}
