/**
 * The tags of TIFF pages (TIFF 6.0, and BigTIFF), as far as they say what the samples mean: what a decoder of pixels
 * does not tell.
 */
const TAG = {
  newSubfileType: 254,
  subfileType: 255,
  bitsPerSample: 258,
  photometric: 262,
  maxSampleValue: 281,
  colourMap: 320,
  extraSamples: 338,
} as const

export interface TiffPage {
  /** A smaller copy of another page. */
  readonly isReduced: boolean
  /** Bits of the first sample. */
  readonly bits: number
  /** 0 white is zero, 1 black is zero, 2 RGB, 3 palette … */
  readonly photometric: number
  /** Whether the page has the colours that its palette numbers stand for. */
  readonly hasColourMap: boolean
  /** Largest value that samples take, where the file says so. */
  readonly maxSampleValue: number | null
  /** 0 unspecified, 1 associated alpha, 2 alpha, one a sample beyond the colours. */
  readonly extraSamples: readonly number[]
}

/** Bytes of the file from an offset on; fewer at its end. */
export type ReadAt = (offset: number, length: number) => Uint8Array

/** Of SubfileType, which older writers use: full resolution is 1, a single page 3. */
const REDUCED_SUBFILE = 2
const MOST_PAGES = 64
const MOST_ENTRIES = 4096

interface Layout {
  readonly little: boolean
  readonly big: boolean
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

function number(view: DataView, at: number, bytes: 2 | 4 | 8, { little }: Layout): number {
  if (at + bytes > view.byteLength) return 0
  if (bytes === 2) return view.getUint16(at, little)
  return bytes === 4 ? view.getUint32(at, little) : Number(view.getBigUint64(at, little))
}

/** Numbers of an entry of type BYTE, SHORT or LONG; [] of others. */
function valuesOf(read: ReadAt, entry: DataView, layout: Layout): readonly number[] {
  const type = number(entry, 2, 2, layout)
  const size = type === 1 ? 1 : type === 3 ? 2 : type === 4 ? 4 : 0
  const count = number(entry, 4, layout.big ? 8 : 4, layout)
  const place = layout.big ? 12 : 8
  const inline = layout.big ? 8 : 4
  if (size === 0 || count > 64) return []
  const bytes =
    size * count <= inline
      ? new Uint8Array(entry.buffer, entry.byteOffset + place, size * count)
      : read(number(entry, place, layout.big ? 8 : 4, layout), size * count)
  const view = viewOf(bytes)
  return Array.from({ length: Math.floor(bytes.length / size) }, (_unused, at) =>
    size === 1 ? (bytes[at] ?? 0) : number(view, at * size, size, layout),
  )
}

/** The pages of a TIFF file, the first 64 of them; [] of another file. */
export function tiffPages(read: ReadAt): readonly TiffPage[] {
  const head = read(0, 16)
  const view = viewOf(head)
  if (head.length < 8) return []
  const little = head[0] === 0x49
  const version = view.getUint16(2, little)
  const isTiff =
    (head[0] === 0x49 || head[0] === 0x4d) && head[0] === head[1] && (version === 42 || version === 43)
  if (!isTiff) return []
  const layout: Layout = { little, big: version === 43 }
  const wide = layout.big ? 8 : 4
  const entryBytes = layout.big ? 20 : 12
  const pages: TiffPage[] = []
  const seen = new Set<number>()
  let offset = number(view, layout.big ? 8 : 4, wide, layout)
  while (offset > 0 && pages.length < MOST_PAGES && !seen.has(offset)) {
    seen.add(offset)
    const countBytes = layout.big ? 8 : 2
    const count = Math.min(MOST_ENTRIES, number(viewOf(read(offset, countBytes)), 0, countBytes, layout))
    const bytes = read(offset + countBytes, count * entryBytes + wide)
    const tags = new Map<number, readonly number[]>()
    for (let at = 0; at < count && (at + 1) * entryBytes <= bytes.length; at += 1) {
      const entry = viewOf(bytes.subarray(at * entryBytes, (at + 1) * entryBytes))
      const tag = number(entry, 0, 2, layout)
      if (Object.values<number>(TAG).includes(tag)) tags.set(tag, valuesOf(read, entry, layout))
    }
    const most = tags.get(TAG.maxSampleValue) ?? []
    pages.push({
      isReduced:
        ((tags.get(TAG.newSubfileType)?.[0] ?? 0) & 1) === 1 ||
        tags.get(TAG.subfileType)?.[0] === REDUCED_SUBFILE,
      bits: tags.get(TAG.bitsPerSample)?.[0] ?? 1,
      photometric: tags.get(TAG.photometric)?.[0] ?? 1,
      hasColourMap: tags.has(TAG.colourMap),
      maxSampleValue: most.length === 0 ? null : Math.max(...most),
      extraSamples: tags.get(TAG.extraSamples) ?? [],
    })
    offset =
      bytes.length < count * entryBytes + wide ? 0 : number(viewOf(bytes), count * entryBytes, wide, layout)
  }
  return pages
}
