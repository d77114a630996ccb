import { gunzipSync, inflateRawSync } from 'node:zlib'
import { refuse } from '../../../contract'
import type { RefusalCode, Result } from '../../../contract'

const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b

/** Raw deflate or gzip (all of its members) by zlib, stopped at `limitBytes`; `codes` say what damage and excess are called where it is used. */
export function inflateRaw(
  deflated: Uint8Array,
  limitBytes: number,
  codes: { readonly damaged: RefusalCode; readonly tooLarge: RefusalCode },
): Result<Uint8Array> {
  try {
    const unpack = isGzip(deflated) ? gunzipSync : inflateRawSync
    const inflated = unpack(deflated, { maxOutputLength: limitBytes })
    return { ok: true, value: new Uint8Array(inflated.buffer, inflated.byteOffset, inflated.byteLength) }
  } catch (error) {
    const isTooLarge = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'
    if (isTooLarge) {
      return refuse(
        codes.tooLarge,
        `${deflated.length} deflated bytes unfold to more than the limit of ${limitBytes}.`,
      )
    }
    return refuse(codes.damaged, 'The deflated data are damaged.', { next: 'Copy or export the file again.' })
  }
}
