import { closeSync, openSync, readSync } from 'node:fs'
import type { Refusal } from '../../contract'
import { isPng } from '../../core/files/png-file'

/**
 * libvips looks at each text of a PNG file beside all those before it: 400,000 of them took 15 s. A photograph has a few
 * dozen chunks that are not pixels (texts, a profile, EXIF).
 */
const MOST_CHUNKS = 1_000
/** Length and type of a chunk (PNG, 5.3); a checksum of four bytes follows its content. */
const HEAD_BYTES = 8
const CHECKSUM_BYTES = 4

/** Bytes of a file or of what is in memory; fewer at its end. */
type ReadAt = (at: number, length: number) => Uint8Array

/** Why a PNG file is not given to the decoder; null: it may be, or it is another kind of file, or damaged. */
export function refusedChunks(input: string | Uint8Array): Refusal | null {
  if (typeof input !== 'string')
    return isCrowded((at, length) => input.subarray(at, at + length)) ? crowded : null
  const file = openSync(input, 'r')
  try {
    const bytes = new Uint8Array(HEAD_BYTES)
    return isCrowded((at, length) => bytes.subarray(0, readSync(file, bytes, 0, length, at))) ? crowded : null
  } finally {
    closeSync(file)
  }
}

const crowded: Refusal = {
  code: 'limit-reached',
  reason: `The PNG file has more than ${MOST_CHUNKS} chunks that are not pixels (texts, say).`,
  next: 'Save the picture again without its texts.',
}

function isCrowded(read: ReadAt): boolean {
  if (!isPng(read(0, HEAD_BYTES))) return false
  let others = 0
  for (let at = HEAD_BYTES; others <= MOST_CHUNKS;) {
    const head = read(at, HEAD_BYTES)
    if (head.length < HEAD_BYTES) return false
    const type = String.fromCharCode(...head.subarray(4))
    if (type === 'IEND') return false
    if (type !== 'IDAT') others += 1
    at += HEAD_BYTES + new DataView(head.buffer, head.byteOffset).getUint32(0, false) + CHECKSUM_BYTES
  }
  return true
}
