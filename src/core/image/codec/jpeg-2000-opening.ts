/** The main header of a JPEG 2000 code stream (ITU-T T.800 annex A), bare or inside the boxes of a JP2 file (annex I). */
import type { Result } from '../../../contract'
import { refuse } from '../../../contract'
import type { StreamDescription } from './stream-description'

const MARKER = { size: 0x51, capabilities: 0x50, coding: 0x52, tilePart: 0x90, end: 0xd9 } as const
const BOX_CODESTREAM = 0x6a703263
/** Tiles of one picture; T.800 allows 65,535, and each costs a decoder memory before a pixel is read. */
const MOST_TILES = 16_384

const damaged = (reason: string): Result<never> =>
  refuse('pixels-damaged', `JPEG 2000: ${reason}`, { next: 'Copy or export the file again.' })

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** The code stream in the boxes of a JP2 file; null when there is none. */
function unboxed(bytes: Uint8Array): Uint8Array | null {
  if (bytes[0] === 0xff) return bytes
  const view = viewOf(bytes)
  let at = 0
  while (at + 8 <= bytes.length) {
    const length = view.getUint32(at)
    if (view.getUint32(at + 4) === BOX_CODESTREAM)
      return bytes.subarray(at + 8, length === 0 ? bytes.length : at + length)
    if (length < 8) return null
    at += length
  }
  return null
}

interface Opening {
  readonly size: DataView
  readonly isHighThroughput: boolean
  readonly isReversible: boolean
  readonly isTransformed: boolean
  /** First byte behind the main header. */
  readonly end: number
}

/** Reads the main header up to the first tile part; null when it is cut. */
function readMainHeader(bytes: Uint8Array): Opening | null {
  const view = viewOf(bytes)
  let size: DataView | null = null
  let isHighThroughput = false
  let isReversible = false
  let isTransformed = false
  let at = 2
  while (at + 4 <= bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1]
    if (marker === MARKER.tilePart) break
    const length = view.getUint16(at + 2)
    if (length < 2 || at + 2 + length > bytes.length) return null
    const content = new DataView(bytes.buffer, bytes.byteOffset + at + 4, length - 2)
    if (marker === MARKER.size && content.byteLength >= 39) size = content
    if (marker === MARKER.capabilities) isHighThroughput = true
    if (marker === MARKER.coding && content.byteLength >= 10) {
      isTransformed = content.getUint8(4) === 1
      isReversible = content.getUint8(9) === 1
    }
    at += 2 + length
  }
  return size === null ? null : { size, isHighThroughput, isReversible, isTransformed, end: at }
}

/** A tile part of its header (SOT) and the marker behind it (SOD) alone. */
const EMPTY_TILE_BYTES = 14

/** False when a tile part claims more bytes than are there, or none holds any: a decoder would fill them up silently. */
function holdsItsTiles(bytes: Uint8Array, start: number): boolean {
  const view = viewOf(bytes)
  let at = start
  let held = 0
  while (at + 12 <= bytes.length && bytes[at] === 0xff && bytes[at + 1] === MARKER.tilePart) {
    const length = view.getUint32(at + 6)
    // Length 0: the last tile part goes to the end of the stream, which then has to be there.
    if (length === 0)
      return bytes.subarray(-4).some((byte, k, tail) => byte === 0xff && tail[k + 1] === MARKER.end)
    if (length < EMPTY_TILE_BYTES || at + length > bytes.length) return false
    held += length - EMPTY_TILE_BYTES
    at += length
  }
  return held > 0
}

/** Describes a code stream: SIZ for the picture, COD for its transforms, CAP for high throughput (T.814). */
export function describeCodestream(bytes: Uint8Array): Result<StreamDescription> {
  const stream = unboxed(bytes)
  if (stream === null) return damaged('the boxes hold no code stream.')
  const opening = readMainHeader(stream)
  if (opening === null) return damaged('its main header is damaged.')
  const { size } = opening
  const at = (place: number): number => size.getUint32(2 + 4 * place)
  const [right, bottom, left, top, tileWidth, tileHeight] = [at(0), at(1), at(2), at(3), at(4), at(5)]
  const components = size.getUint16(34)
  if (
    size.byteLength < 36 + 3 * components ||
    right <= left ||
    bottom <= top ||
    tileWidth === 0 ||
    tileHeight === 0
  )
    return damaged('its size segment makes no sense.')
  const tiles = Math.ceil(right / tileWidth) * Math.ceil(bottom / tileHeight)
  if (tiles > MOST_TILES) return damaged(`it is cut into ${tiles} tiles; at most ${MOST_TILES} are decoded.`)
  const depth = size.getUint8(36)
  for (let k = 0; k < components; k += 1) {
    const isAlike =
      size.getUint8(36 + 3 * k) === depth &&
      size.getUint8(37 + 3 * k) === 1 &&
      size.getUint8(38 + 3 * k) === 1
    if (!isAlike)
      return refuse(
        'pixel-format-unsupported',
        'JPEG 2000 with components of unlike size or depth is not supported.',
      )
  }
  if (!holdsItsTiles(stream, opening.end))
    return damaged('the stream is cut inside a tile, or its tiles are empty.')
  return {
    ok: true,
    value: {
      kind: opening.isHighThroughput ? 'htj2k' : 'jpeg-2000',
      widthPx: right - left,
      heightPx: bottom - top,
      components,
      bits: (depth & 127) + 1,
      isLossy: !opening.isReversible,
      colour: opening.isTransformed ? 'rgb' : null,
      stream,
    },
  }
}
