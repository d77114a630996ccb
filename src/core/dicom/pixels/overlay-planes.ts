/** Overlay planes (PS3.3 C.9.2): graphics of one bit a pixel, in elements of their own or in unused bits of the pixels. */
import { bitsPerFrame } from '../../image/pixel-layout'
import type { PixelLayout } from '../../image/pixel-layout'
import type { Mask } from '../../image/mask'
import type { ReadBytes } from './decode-frame'
import type { FramePlaces } from './locate-frames'
import type { DataSet } from '../read-elements'
import { integer, valueBytes, word, words } from '../values'

/** Overlays stand in the even groups 6000 to 601E. */
const GROUPS = Array.from({ length: 16 }, (_, index) => 0x60000000 + index * 0x20000)
/** Elements of one of these groups. */
const ELEMENT = {
  rows: 0x0010,
  columns: 0x0011,
  frames: 0x0015,
  origin: 0x0050,
  firstFrame: 0x0051,
  bitPosition: 0x0102,
  pixels: 0x3000,
} as const

interface Plane {
  readonly rows: number
  readonly columns: number
  /** Where its first pixel lies in the image, from 0; may be outside. */
  readonly top: number
  readonly left: number
  /** 1 where the plane is set, by its own pixels. */
  readonly bit: (index: number) => number
}

/** Bits of an overlay's own data, least significant first (PS3.5 8.1.2); words of a big-endian file are swapped back. */
function ownBits(bytes: Uint8Array, firstBit: number, isSwapped: boolean): (index: number) => number {
  return (index) => {
    const at = firstBit + index
    const byte = isSwapped ? (at >> 3) ^ 1 : at >> 3
    return ((bytes[byte] ?? 0) >> (at & 7)) & 1
  }
}

/** A plane in elements of its own; null where there is none for this frame, or its data are shorter than it says. */
function ownPlane(set: DataSet, group: number, frame: number): Plane | null {
  const rows = word(set, group + ELEMENT.rows) ?? 0
  const columns = word(set, group + ELEMENT.columns) ?? 0
  const bytes = valueBytes(set, group + ELEMENT.pixels)
  if (bytes === null || rows * columns === 0) return null
  const frames = integer(set, group + ELEMENT.frames) ?? 1
  const place = frames > 1 ? frame - ((word(set, group + ELEMENT.firstFrame) ?? 1) - 1) : 0
  if (place < 0 || place >= Math.max(1, frames)) return null
  const firstBit = place * rows * columns
  if (bytes.length * 8 < firstBit + rows * columns) return null
  return { rows, columns, ...originOf(set, group), bit: ownBits(bytes, firstBit, isSwapped(set, group)) }
}

const isSwapped = (set: DataSet, group: number): boolean =>
  !set.littleEndian && set.elements.get(group + ELEMENT.pixels)?.vr === 'OW'

function originOf(set: DataSet, group: number): { readonly top: number; readonly left: number } {
  const [row = 1, column = 1] = words(set, group + ELEMENT.origin, true)
  return { top: row - 1, left: column - 1 }
}

/** The words of a native frame of 16 bits, for planes in the bits that its pixels do not use (retired, still met). */
function embeddedPlane(
  set: DataSet,
  group: number,
  layout: PixelLayout,
  frameWords: (() => DataView | null) | null,
): Plane | null {
  const position = word(set, group + ELEMENT.bitPosition) ?? 0
  const isUnused = position > layout.highBit || position <= layout.highBit - layout.bitsStored
  if (position === 0 || position > 15 || !isUnused || !set.elements.has(group + ELEMENT.rows)) return null
  const view = frameWords?.() ?? null
  if (view === null) return null
  const { rows, columns, littleEndian } = layout
  return {
    rows,
    columns,
    ...originOf(set, group),
    bit: (index) => (view.getUint16(2 * index, littleEndian) >> position) & 1,
  }
}

/** The bits of the pixels in which planes lie, as a mask. */
export const overlayBits = (set: DataSet): number =>
  GROUPS.filter((group) => set.elements.has(group + ELEMENT.rows)).reduce(
    (bits, group) => bits | (1 << (word(set, group + ELEMENT.bitPosition) ?? 0)),
    0,
  ) & ~1

function lay(plane: Plane, mask: Mask): void {
  for (let row = 0; row < plane.rows; row += 1) {
    const y = row + plane.top
    if (y < 0 || y >= mask.heightPx) continue
    for (let column = 0; column < plane.columns; column += 1) {
      const x = column + plane.left
      if (x >= 0 && x < mask.widthPx && plane.bit(row * plane.columns + column) === 1)
        mask.pixels[y * mask.widthPx + x] = 1
    }
  }
}

/** The pixels of a frame as the file holds them, for planes inside of them. */
export interface FrameBytes {
  readonly layout: PixelLayout
  readonly places: FramePlaces
  readonly read: ReadBytes
}

/**
 * All overlay planes of a frame laid over one another, as large as the image; null when there is none or nothing is
 * set. A plane that is cut or lies outside is left out: it is an addition, never the picture.
 */
export function overlayPlanes(set: DataSet, frame: number, pixels: FrameBytes): Mask | null {
  const { layout, places, read } = pixels
  const groups = GROUPS.filter((group) => set.elements.has(group + ELEMENT.rows))
  if (groups.length === 0) return null
  const frameBytes = bitsPerFrame(layout) / 8
  const isPlain = places.kind === 'native' && layout.bitsAllocated === 16 && layout.samplesPerPixel === 1
  const frameWords = (): DataView | null => {
    if (!isPlain) return null
    const bytes = read(places.offset + frame * frameBytes, frameBytes)
    return bytes.length < frameBytes ? null : new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }
  const mask: Mask = {
    widthPx: layout.columns,
    heightPx: layout.rows,
    pixels: new Uint8Array(layout.rows * layout.columns),
  }
  for (const group of groups) {
    const plane = ownPlane(set, group, frame) ?? embeddedPlane(set, group, layout, frameWords)
    if (plane !== null) lay(plane, mask)
  }
  return mask.pixels.includes(1) ? mask : null
}
