/**
 * PNG (W3C Recommendation, third edition) as far as masks need it: written as 1-bit grey with text chunks, read as
 * grey, palette or colour, not interlaced.
 */
import { accept, refuse, type Result } from '../../contract'
import type { Inflate } from './inflate'
import { markedPixels, type PictureSamples } from '../image/marked-pixels'
import type { Mask } from '../image/mask'
import { crc32 } from './checksums'
import { zlibStream } from './deflate-runs'

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
/** Far above any photograph of an eye; keeps a hostile file from filling the memory. */
const MAX_PIXELS = 120_000_000
const MAX_TEXTS = 64

export interface PngMask {
  readonly mask: Mask
  /** Text chunks by keyword. */
  readonly texts: ReadonlyMap<string, string>
}

const asciiBytes = (text: string): Uint8Array => new TextEncoder().encode(text)

function chunk(type: string, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(body.length + 12)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, body.length, false)
  bytes.set(asciiBytes(type), 4)
  bytes.set(body, 8)
  view.setUint32(body.length + 8, crc32(bytes.subarray(4, body.length + 8)), false)
  return bytes
}

/** iTXt, uncompressed: keyword, flags, language and translated keyword empty, UTF-8. */
const textChunk = (keyword: string, text: string): Uint8Array =>
  chunk('iTXt', asciiBytes(`${keyword}\0\0\0\0\0${text}`))

/** A mask of at least one pixel as 1-bit grey: white is set. The same mask gives the same bytes everywhere. */
export function writePngMask(
  { widthPx, heightPx, pixels }: Mask,
  texts: Readonly<Record<string, string>>,
): Uint8Array {
  const rowBytes = 1 + ((widthPx + 7) >> 3)
  const rows = new Uint8Array(rowBytes * heightPx)
  for (let row = 0; row < heightPx; row += 1) {
    for (let column = 0; column < widthPx; column += 1) {
      if (pixels[row * widthPx + column] !== 1) continue
      const at = row * rowBytes + 1 + (column >> 3)
      rows[at] = (rows[at] ?? 0) | (0x80 >> (column & 7))
    }
  }
  const head = new Uint8Array(13)
  const view = new DataView(head.buffer)
  view.setUint32(0, widthPx, false)
  view.setUint32(4, heightPx, false)
  head.set([1, 0, 0, 0, 0], 8)
  const parts = [
    Uint8Array.from(SIGNATURE),
    chunk('IHDR', head),
    ...Object.entries(texts).map(([keyword, text]) => textChunk(keyword, text)),
    chunk('IDAT', zlibStream(rows)),
    chunk('IEND', new Uint8Array(0)),
  ]
  return joined(parts)
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

const damaged = (reason: string): Result<never> =>
  refuse('annotation-damaged', reason, { next: 'Export the PNG file again.' })

export const isPng = (bytes: Uint8Array): boolean => SIGNATURE.every((byte, at) => bytes[at] === byte)

interface Header {
  readonly widthPx: number
  readonly heightPx: number
  readonly depth: number
  /** 0 grey, 2 colour, 3 palette, 4 grey with alpha, 6 colour with alpha. */
  readonly colourType: number
}

const SAMPLES: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }
const DEPTHS: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
}

function headerOf(body: Uint8Array): Result<Header> {
  if (body.length !== 13) return damaged('The header of the PNG file is damaged.')
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength)
  const [widthPx, heightPx] = [view.getUint32(0, false), view.getUint32(4, false)]
  const [depth = 0, colourType = 0, compression, filter, interlace] = body.subarray(8)
  if (widthPx === 0 || heightPx === 0) return damaged('The PNG file has no pixels.')
  if (widthPx * heightPx > MAX_PIXELS) {
    return refuse('pixels-too-large', `The mask has ${widthPx} × ${heightPx} pixels, more than are opened.`)
  }
  const isKnown = DEPTHS[colourType]?.includes(depth) === true && compression === 0 && filter === 0
  if (!isKnown) return damaged('The PNG file has a form that the format does not know.')
  if (interlace !== 0) {
    return refuse('picture-unsupported', 'Interlaced PNG masks are not read.', {
      next: 'Save it without interlacing.',
    })
  }
  return accept({ widthPx, heightPx, depth, colourType })
}

/** Undoes the filters of rows, in place (PNG 9.2). */
function unfilter(rows: Uint8Array, rowBytes: number, pixelBytes: number): Result<null> {
  for (let start = 0; start < rows.length; start += rowBytes + 1) {
    const filter = rows[start] ?? 0
    if (filter > 4) return damaged(`A row has the unknown filter ${filter}.`)
    if (filter === 0) continue
    for (let k = 1; k <= rowBytes; k += 1) {
      const at = start + k
      const left = k > pixelBytes ? (rows[at - pixelBytes] ?? 0) : 0
      const up = start > 0 ? (rows[at - rowBytes - 1] ?? 0) : 0
      const corner = k > pixelBytes && start > 0 ? (rows[at - rowBytes - 1 - pixelBytes] ?? 0) : 0
      rows[at] = ((rows[at] ?? 0) + guessOf(filter, left, up, corner)) & 0xff
    }
  }
  return accept(null)
}

function guessOf(filter: number, left: number, up: number, corner: number): number {
  if (filter === 1) return left
  if (filter === 2) return up
  if (filter === 3) return (left + up) >> 1
  return filter === 4 ? paeth(left, up, corner) : 0
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)]
  return a <= b && a <= c ? left : b <= c ? up : corner
}

/** Samples of all pixels as they are stored; indices of a palette as its colours, with alpha where it has some. */
function samplesOf(header: Header, rows: Uint8Array, rowBytes: number, chunks: Chunks): PictureSamples {
  const { widthPx, heightPx, depth, colourType } = header
  const stored = SAMPLES[colourType] ?? 1
  const most = 2 ** depth - 1
  const sampleAt = (row: number, index: number): number => {
    const start = row * (rowBytes + 1) + 1
    if (depth === 16) return (rows[start + 2 * index] ?? 0) * 256 + (rows[start + 2 * index + 1] ?? 0)
    const bit = index * depth
    return ((rows[start + (bit >> 3)] ?? 0) >> (8 - depth - (bit & 7))) & most
  }
  const channels = colourType === 3 ? 4 : stored
  const samples = new Uint16Array(widthPx * heightPx * channels)
  for (let row = 0; row < heightPx; row += 1) {
    for (let column = 0; column < widthPx; column += 1) {
      const at = (row * widthPx + column) * channels
      if (colourType === 3) {
        const index = sampleAt(row, column)
        samples.set(chunks.palette.subarray(3 * index, 3 * index + 3), at)
        samples[at + 3] = chunks.alpha[index] ?? 255
      } else {
        for (let k = 0; k < stored; k += 1) samples[at + k] = sampleAt(row, column * stored + k)
      }
    }
  }
  return { widthPx, heightPx, channels, samples }
}

interface Chunks {
  readonly header: Uint8Array | null
  readonly palette: Uint8Array
  /** Of the palette's colours, from the first on. */
  readonly alpha: Uint8Array
  readonly data: Uint8Array
  readonly texts: ReadonlyMap<string, string>
}

function keepText(body: Uint8Array, type: string, texts: Map<string, string>): void {
  const end = body.indexOf(0)
  if (end < 1 || texts.size >= MAX_TEXTS) return
  const keyword = new TextDecoder('latin1').decode(body.subarray(0, end))
  if (type === 'tEXt') texts.set(keyword, new TextDecoder('latin1').decode(body.subarray(end + 1)))
  else if (body[end + 1] === 0) {
    const language = body.indexOf(0, end + 3)
    const translated = language < 0 ? -1 : body.indexOf(0, language + 1)
    if (translated > 0) texts.set(keyword, new TextDecoder('utf-8').decode(body.subarray(translated + 1)))
  }
}

function chunksOf(bytes: Uint8Array): Result<Chunks> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const data: Uint8Array[] = []
  const texts = new Map<string, string>()
  let header: Uint8Array | null = null
  let palette = new Uint8Array(0)
  let alpha = new Uint8Array(0)
  let at = SIGNATURE.length
  for (;;) {
    if (at + 12 > bytes.length) return refuse('truncated', 'The PNG file ends early.')
    const length = view.getUint32(at, false)
    if (at + 12 + length > bytes.length) return refuse('truncated', 'The PNG file ends inside a chunk.')
    const type = new TextDecoder('latin1').decode(bytes.subarray(at + 4, at + 8))
    if (crc32(bytes.subarray(at + 4, at + 8 + length)) !== view.getUint32(at + 8 + length, false)) {
      return damaged(`The chunk ${type} of the PNG file is damaged.`)
    }
    const body = bytes.subarray(at + 8, at + 8 + length)
    if (type === 'IEND') return accept({ header, palette, alpha, data: joined(data), texts })
    if (type === 'IHDR') header = body
    else if (type === 'PLTE') palette = Uint8Array.from(body)
    else if (type === 'tRNS') alpha = Uint8Array.from(body)
    else if (type === 'IDAT') data.push(body)
    else if (type === 'tEXt' || type === 'iTXt') keepText(body, type, texts)
    at += 12 + length
  }
}

/**
 * A mask from a PNG file, by the rule of `markedPixels`. Refused: what that rule refuses, damage, interlaced files, more than `MAX_PIXELS`, all before pixels are unpacked.
 */
export function readPngMask(bytes: Uint8Array, inflate: Inflate): Result<PngMask> {
  if (!isPng(bytes)) return refuse('picture-unsupported', 'The file is no PNG file.')
  const chunks = chunksOf(bytes)
  if (!chunks.ok) return chunks
  const { data, texts } = chunks.value
  const header = headerOf(chunks.value.header ?? new Uint8Array(0))
  if (!header.ok) return header
  const { widthPx, heightPx, depth, colourType } = header.value
  const bitsPerPixel = depth * (SAMPLES[colourType] ?? 1)
  const rowBytes = Math.ceil((widthPx * bitsPerPixel) / 8)
  const wanted = (rowBytes + 1) * heightPx
  if (data.length < 6) return refuse('truncated', 'The PNG file has no pixel data.')
  const rows = inflate(data.subarray(2, data.length - 4), wanted)
  if (!rows.ok) return rows
  if (rows.value.length !== wanted) return refuse('truncated', 'The PNG file has too few pixels.')
  const own = Uint8Array.from(rows.value)
  const unfiltered = unfilter(own, rowBytes, Math.max(1, bitsPerPixel >> 3))
  if (!unfiltered.ok) return unfiltered
  const mask = markedPixels(samplesOf(header.value, own, rowBytes, chunks.value))
  return mask.ok ? accept({ mask: mask.value, texts }) : mask
}
