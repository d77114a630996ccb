import type { PixelDescription } from '../../contract'
import type { PixelBody } from '../library/library-service'

/** Stored values of a grey body, in the machine's own (little endian) order; null for colours. */
export function storedValues({ description, bytes }: PixelBody): ArrayLike<number> | null {
  const type: PixelDescription['type'] = description.type
  if (type === 'rgb8') return null
  if (type === 'uint8') return bytes
  // A copy begins at byte 0: a body may begin anywhere in its buffer.
  const { buffer } = new Uint8Array(bytes)
  if (type === 'int16') return new Int16Array(buffer)
  return type === 'uint16' ? new Uint16Array(buffer) : new Float32Array(buffer)
}
