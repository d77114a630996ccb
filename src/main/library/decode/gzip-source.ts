/** A single file in gzip (.nii.gz, .dcm.gz), unpacked in memory: the last one is kept while its slices are asked for. */
import { constants, gunzipSync } from 'node:zlib'
import { accept, refuse } from '../../../contract'
import type { Result } from '../../../contract'
import { inflatedLimitBytes } from '../../../core/dicom/limits'
import {
  isNifti,
  NIFTI_LONGEST_HEADER_BYTES,
  readNiftiHeader,
} from '../../../core/exchange/nifti/nifti-header'
import { niftiVolume } from '../../../core/exchange/nifti/nifti-volume'
import { inflateRaw } from './inflate'
import { MAX_WHOLE_FILE_BYTES } from './limits'

export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b

/** Packed bytes that are unpacked to see what is in them; they unfold to 1032 times as much at most. */
const PEEK_BYTES = 4096
const PEEKED_BYTES = 8 * 1024 * 1024
/** Beyond the voxels that a header declares: what some writers leave behind them. */
const SLACK_BYTES = 1024 * 1024
const KEPT_MS = 20_000

let kept: { readonly key: string; readonly bytes: Uint8Array<ArrayBuffer> } | null = null
let forgetting: NodeJS.Timeout | undefined

function keep(key: string, bytes: Uint8Array<ArrayBuffer>): void {
  kept = { key, bytes }
  clearTimeout(forgetting)
  forgetting = setTimeout(() => {
    kept = null
  }, KEPT_MS)
  forgetting.unref()
}

/** The beginning of what is packed; empty where even that is damaged. */
function peek(packed: Uint8Array): Uint8Array {
  try {
    const options = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: PEEKED_BYTES }
    return gunzipSync(packed.subarray(0, PEEK_BYTES), options)
  } catch {
    return new Uint8Array(0)
  }
}

/** How much a file may unfold to: of a NIfTI image what its header declares, of anything else by its packed size. */
function limitBytes(packed: Uint8Array): Result<number> {
  const head = peek(packed).subarray(0, NIFTI_LONGEST_HEADER_BYTES)
  if (!isNifti(head)) return accept(inflatedLimitBytes(packed.length))
  const header = readNiftiHeader(head)
  if (!header.ok) return header
  const volume = niftiVolume(header.value)
  if (!volume.ok) return volume
  const volumes = header.value.sizes.slice(3).reduce((product, size) => product * size, 1)
  const { planeBytes, stored } = volume.value
  const declared = header.value.dataStart + planeBytes * stored[2] * volumes
  if (declared <= MAX_WHOLE_FILE_BYTES) return accept(declared + SLACK_BYTES)
  return refuse(
    'pixels-too-large',
    `The NIfTI image unpacks to ${declared} bytes; at most ${MAX_WHOLE_FILE_BYTES} are unpacked in memory.`,
    {
      next: 'Unpack the file (.nii), or split its volumes.',
    },
  )
}

/**
 * The bytes in a gzip file, all of its members. `key` says which file it is, as it is now. Refused: damage, a cut file,
 * anything that unfolds past what it may.
 */
export function unpackedGzip(key: string, packedBytes: () => Uint8Array): Result<Uint8Array<ArrayBuffer>> {
  if (kept?.key === key) {
    keep(key, kept.bytes)
    return accept(kept.bytes)
  }
  const packed = packedBytes()
  const limit = limitBytes(packed)
  if (!limit.ok) return limit
  const bytes = inflateRaw(packed, limit.value, { damaged: 'truncated', tooLarge: 'limit-reached' })
  if (!bytes.ok)
    return bytes.refusal.code === 'truncated'
      ? refuse('truncated', 'The gzip file is cut or damaged.', { next: 'Copy or export the file again.' })
      : bytes
  const own = new Uint8Array(bytes.value)
  keep(key, own)
  return accept(own)
}
