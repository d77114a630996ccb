/**
 * PNG (W3C Recommendation, third edition) as far as masks need it: written as 1-bit grey with text chunks, and read back
 * in that form alone, to be sure of what was written. Pictures of others are decoded elsewhere (libvips).
 */
import { joinBytes } from './join-bytes'
import { accept, refuse, type Result } from '../../contract'
import type { Inflate } from './inflate'
import type { Mask } from '../image/mask'
import { crc32 } from './checksums'
import { zlibStream } from './deflate-runs'

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
const MAX_TEXTS = 64

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
  return joinBytes(parts)
}

const damaged = (reason: string): Result<never> =>
  refuse('annotation-damaged', reason, { next: 'Export the PNG file again.' })

export const isPng = (bytes: Uint8Array): boolean => SIGNATURE.every((byte, at) => bytes[at] === byte)

interface Chunks {
  readonly header: Uint8Array | null
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
    if (type === 'IEND') return accept({ header, data: joinBytes(data), texts })
    if (type === 'IHDR') header = body
    else if (type === 'IDAT') data.push(body)
    else if (type === 'tEXt' || type === 'iTXt') keepText(body, type, texts)
    at += 12 + length
  }
}

/** Text chunks of a PNG file by keyword. Refused: damaged chunks, since what they say would be passed over. */
export function pngTexts(bytes: Uint8Array): Result<ReadonlyMap<string, string>> {
  const chunks = isPng(bytes) ? chunksOf(bytes) : damaged('The file is no PNG file.')
  return chunks.ok ? accept(chunks.value.texts) : chunks
}

/** The header of a mask that `writePngMask` wrote: 1-bit grey, no filter method, not interlaced. */
const WRITTEN_FORM = [1, 0, 0, 0, 0]

/**
 * The mask in a file that `writePngMask` wrote, read back through zlib. Refused: damage, and every other form.
 */
export function writtenPngMask(bytes: Uint8Array, inflate: Inflate): Result<Mask> {
  const chunks = isPng(bytes) ? chunksOf(bytes) : damaged('The file is no PNG file.')
  if (!chunks.ok) return chunks
  const { header, data } = chunks.value
  if (header?.length !== 13 || !WRITTEN_FORM.every((value, at) => header[8 + at] === value))
    return damaged('The PNG file has another form than masks are written in.')
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength)
  const [widthPx, heightPx] = [view.getUint32(0, false), view.getUint32(4, false)]
  const rowBytes = 1 + ((widthPx + 7) >> 3)
  const wanted = rowBytes * heightPx
  if (data.length < 6) return refuse('truncated', 'The PNG file has no pixel data.')
  const rows = inflate(data.subarray(2, data.length - 4), wanted)
  if (!rows.ok) return rows
  if (rows.value.length !== wanted) return refuse('truncated', 'The PNG file has too few pixels.')
  const pixels = new Uint8Array(widthPx * heightPx)
  for (let row = 0; row < heightPx; row += 1) {
    if (rows.value[row * rowBytes] !== 0) return damaged('A row of the PNG file has a filter.')
    for (let column = 0; column < widthPx; column += 1) {
      const byte = rows.value[row * rowBytes + 1 + (column >> 3)] ?? 0
      pixels[row * widthPx + column] = (byte >> (7 - (column & 7))) & 1
    }
  }
  return accept({ widthPx, heightPx, pixels })
}
