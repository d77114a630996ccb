/** Marker segments of a JPEG stream (ITU-T T.81 annex B): the frame header and what says how colours are meant. */
import { JpegDamage } from './damage'

export const MARKER = {
  frameBaseline: 0xc0,
  frameExtended: 0xc1,
  frameProgressive: 0xc2,
  frameLossless: 0xc3,
  huffmanTables: 0xc4,
  startOfImage: 0xd8,
  endOfImage: 0xd9,
  startOfScan: 0xda,
  quantisationTables: 0xdb,
  restartInterval: 0xdd,
  app0: 0xe0,
  app14: 0xee,
  frameJpegLs: 0xf7,
} as const

export interface FrameComponent {
  readonly id: number
  readonly horizontal: number
  readonly vertical: number
  readonly quantisation: number
}

/** SOFn, B.2.2. */
export interface FrameHeader {
  /** The marker: which process of T.81 packed the picture. */
  readonly process: number
  readonly precisionBits: number
  readonly rows: number
  readonly columns: number
  readonly components: readonly FrameComponent[]
}

/** One marker segment: its marker and where its content lies. */
export interface Segment {
  readonly marker: number
  readonly start: number
  readonly end: number
}

const isAlone = (marker: number): boolean => marker === 0x01 || (marker >= 0xd0 && marker <= 0xd9)

/** The segment at `at` or behind it; null when the stream ends first. Fill bytes before a marker are passed over, B.1.1.2. */
export function nextSegment(bytes: Uint8Array, at: number): Segment | null {
  let position = at
  while (position + 1 < bytes.length) {
    const marker = bytes[position + 1] ?? 0
    if (bytes[position] !== 0xff || marker === 0 || marker === 0xff) {
      position += 1
      continue
    }
    const start = position + 2
    if (isAlone(marker)) return { marker, start, end: start }
    if (start + 2 > bytes.length) return null
    const length = (bytes[start] ?? 0) * 256 + (bytes[start + 1] ?? 0)
    if (length < 2 || start + length > bytes.length) return null
    return { marker, start: start + 2, end: start + length }
  }
  return null
}

/** SOF0 to SOF15 and SOF55, without the three markers between them that are something else. */
export const isFrameHeader = (marker: number): boolean =>
  (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc) ||
  marker === MARKER.frameJpegLs

/** Most components of a frame of DICOM; T.81 allows 255. */
const MOST_COMPONENTS = 4

export function readFrameHeader(bytes: Uint8Array, { marker, start, end }: Segment): FrameHeader {
  const at = (offset: number): number => bytes[start + offset] ?? 0
  const count = at(5)
  if (end - start < 6 + 3 * count || count < 1 || count > MOST_COMPONENTS)
    throw new JpegDamage(`its frame header names ${count} components`)
  const components = Array.from({ length: count }, (_, k): FrameComponent => ({
    id: at(6 + 3 * k),
    horizontal: at(7 + 3 * k) >> 4,
    vertical: at(7 + 3 * k) & 15,
    quantisation: at(8 + 3 * k),
  }))
  const isSampled = (factor: number): boolean => factor >= 1 && factor <= 4
  if (components.some(({ horizontal, vertical }) => !isSampled(horizontal) || !isSampled(vertical)))
    throw new JpegDamage('its frame header gives impossible sampling factors')
  return {
    process: marker,
    precisionBits: at(0),
    rows: at(1) * 256 + at(2),
    columns: at(3) * 256 + at(4),
    components,
  }
}

/** What a stream says of itself before its first scan. */
export interface JpegOpening {
  readonly frame: FrameHeader
  readonly isJfif: boolean
  /** Colour transform of an Adobe segment: 0 none, 1 YCbCr; null without a whole segment. */
  readonly adobeTransform: number | null
}

const ADOBE = [0x41, 0x64, 0x6f, 0x62, 0x65]
const JFIF = [0x4a, 0x46, 0x49, 0x46, 0x00]
/** Version, two words of flags and the transform stand behind the letters. */
const ADOBE_BYTES = 12

const startsWith = (bytes: Uint8Array, { start, end }: Segment, letters: readonly number[]): boolean =>
  end - start >= letters.length && letters.every((letter, index) => bytes[start + index] === letter)

/** Reads up to the first scan; null for what is no JPEG stream or has no frame header. */
export function readOpening(bytes: Uint8Array): JpegOpening | null {
  if (bytes[0] !== 0xff || bytes[1] !== MARKER.startOfImage) return null
  let frame: FrameHeader | null = null
  let isJfif = false
  let adobeTransform: number | null = null
  let segment = nextSegment(bytes, 2)
  while (segment !== null && segment.marker !== MARKER.startOfScan && segment.marker !== MARKER.endOfImage) {
    const { marker, start, end } = segment
    if (isFrameHeader(marker)) frame = readFrameHeader(bytes, segment)
    else if (marker === MARKER.app0 && startsWith(bytes, segment, JFIF)) isJfif = true
    else if (marker === MARKER.app14 && startsWith(bytes, segment, ADOBE) && end - start >= ADOBE_BYTES)
      adobeTransform = bytes[start + ADOBE_BYTES - 1] ?? null
    segment = nextSegment(bytes, end)
  }
  return frame === null ? null : { frame, isJfif, adobeTransform }
}

/** True when the last marker of the stream is its end; encoders pad behind it. */
export function isClosed(bytes: Uint8Array): boolean {
  const from = Math.max(2, bytes.length - LONGEST_PADDING)
  for (let at = bytes.length - 2; at >= from; at -= 1) {
    if (bytes[at] === 0xff && bytes[at + 1] === MARKER.endOfImage) return true
  }
  return false
}

/** Bytes that may stand behind the end marker. */
const LONGEST_PADDING = 4096
