/** Where each frame lies in the file: native frames one after another, or fragments (PS3.5 annex A.4). */
import { refuse } from '../../../contract'
import type { Result, Warning } from '../../../contract'
import { beginsStream } from '../../image/codec/compressed-stream'
import { bitsPerFrame } from '../../image/pixel-layout'
import type { PixelLayout } from '../../image/pixel-layout'
import type { DicomFile } from '../read-file'
import { pixelElement } from './image-pixels'
import { UNDEFINED_LENGTH } from '../read-elements'
import { TAG } from '../elements'
import { ITEM, SEQUENCE_END } from '../tag'
import { valueBytes } from '../values'

export interface Span {
  readonly offset: number
  readonly length: number
}

export type FramePlaces =
  | {
      readonly kind: 'native'
      readonly offset: number
      readonly frames: number
      /** From the first bit of a frame to that of the next. */
      readonly strideBits: number
      readonly warnings: readonly Warning[]
    }
  /** One list of fragments a frame. */
  | {
      readonly kind: 'fragments'
      readonly frames: readonly (readonly Span[])[]
      readonly warnings: readonly Warning[]
    }

const missing = (present: number, declared: number): Warning => ({
  code: 'frames-missing',
  text: `${declared} frames are declared, ${present} are present; the others are not shown.`,
})

const evenBytes = (bits: number): number => 2 * Math.ceil(bits / 16)

/**
 * How far frames lie apart. They follow each other without padding (PS3.5 8.1.1); where there are more bytes, exactly
 * as many as frames that were each filled up to whole or even bytes would have, they lie so.
 */
function strideOf(hereBytes: number, frameBits: number, frames: number): number {
  if (frames < 2 || hereBytes <= evenBytes(frameBits * frames)) return frameBits
  const padded = [8 * Math.ceil(frameBits / 8), 16 * Math.ceil(frameBits / 16)]
  return padded.find((bits) => evenBytes(bits * frames) === hereBytes) ?? frameBits
}

function lengthWarnings(hereBytes: number, wantedBytes: number, isPadded: boolean): readonly Warning[] {
  if (isPadded) {
    const text = `The frames were each filled up to whole bytes (${hereBytes} bytes of pixels where ${wantedBytes} are asked for); they were read so.`
    return [{ code: 'frames-padded', text }]
  }
  if (hereBytes <= wantedBytes) return []
  const text = `The pixel data have ${hereBytes} bytes, the header asks for ${wantedBytes}: rows, columns, frames or bits may be wrong, and the picture with them.`
  return [{ code: 'pixels-left-over', text }]
}

/** Native pixel data: as many whole frames as the file holds, refused when there is not even one. */
export function locateNative(file: DicomFile, layout: PixelLayout): Result<FramePlaces> {
  const element = pixelElement(file.dataSet)
  if (element === undefined) return refuse('pixels-absent', 'There is no pixel data.')
  if (element.length === UNDEFINED_LENGTH) {
    return refuse(
      'pixels-damaged',
      `Pixel data of undefined length under ${file.syntax.name}, which has no fragments.`,
      { where: '(7FE0,0010)' },
    )
  }
  const here = Math.max(0, Math.min(element.length, file.totalBytes - element.offset))
  const frameBits = bitsPerFrame(layout)
  const declaredBytes = Math.ceil((frameBits * layout.frames) / 8)
  const present = Math.min(layout.frames, Math.floor((here * 8) / frameBits))
  if (present < 1) {
    const reason = `Pixel data truncated (${here} of ${declaredBytes} bytes).`
    return refuse('pixels-truncated', reason, {
      where: '(7FE0,0010)',
      next: 'Copy or export the file again.',
    })
  }
  const strideBits = strideOf(here, frameBits, layout.frames)
  const warnings = [
    ...(present < layout.frames ? [missing(present, layout.frames)] : []),
    ...lengthWarnings(here, evenBytes(frameBits * layout.frames), strideBits !== frameBits),
  ]
  return {
    ok: true,
    value: { kind: 'native', offset: element.offset, frames: present, strideBits, warnings },
  }
}

interface Fragments {
  readonly offsetTable: readonly number[]
  /** Spans of the fragments' contents; the item head of 8 bytes stands before each. */
  readonly spans: readonly Span[]
  readonly warnings: readonly Warning[]
}

function readFragments(bytes: Uint8Array, start: number): Result<Fragments> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const spans: Span[] = []
  const warnings: Warning[] = []
  let at = start
  for (;;) {
    if (at + 8 > bytes.length) {
      warnings.push({
        code: 'fragments-unclosed',
        text: 'The file ends without the delimiter behind its fragments.',
      })
      break
    }
    const tag = view.getUint16(at, true) * 0x10000 + view.getUint16(at + 2, true)
    const length = view.getUint32(at + 4, true)
    if (tag === SEQUENCE_END) break
    if (tag !== ITEM)
      return refuse('pixels-damaged', 'Something that is no fragment stands among the fragments.', {
        where: `byte ${at}`,
      })
    if (at + 8 + length > bytes.length) {
      const reason = `A fragment declares ${length} bytes, ${bytes.length - at - 8} are present.`
      return refuse('pixels-truncated', reason, {
        where: `byte ${at}`,
        next: 'Copy or export the file again.',
      })
    }
    spans.push({ offset: at + 8, length })
    at += 8 + length
  }
  const table = spans.shift()
  const offsetTable: number[] = []
  if (table !== undefined) {
    for (let k = 0; k + 4 <= table.length; k += 4) offsetTable.push(view.getUint32(table.offset + k, true))
  }
  return { ok: true, value: { offsetTable, spans, warnings } }
}

/** The Extended Offset Table: 64-bit offsets, of which only exact integers count. */
function extendedOffsets(file: DicomFile): readonly number[] {
  const bytes = valueBytes(file.dataSet, TAG.ExtendedOffsetTable)
  if (bytes === null) return []
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Array.from({ length: Math.floor(bytes.length / 8) }, (_, k) =>
    Number(view.getBigUint64(8 * k, true)),
  )
}

/** Groups fragments by an offset table; null when the table does not point at the beginnings of fragments, in order. */
function byOffsets(
  spans: readonly Span[],
  offsets: readonly number[],
  frames: number,
): readonly (readonly Span[])[] | null {
  const base = (spans[0]?.offset ?? 0) - 8
  const places = new Map(spans.map((span, index) => [span.offset - 8 - base, index]))
  const starts = offsets.map((offset) => places.get(offset))
  if (starts.length !== frames || starts[0] !== 0) return null
  const groups: (readonly Span[])[] = []
  for (const [frame, start] of starts.entries()) {
    const end = frame + 1 < frames ? starts[frame + 1] : spans.length
    if (start === undefined || end === undefined || end <= start) return null
    groups.push(spans.slice(start, end))
  }
  return groups
}

/** Groups fragments by the beginnings of streams; null when there are not as many as frames. */
function byBeginnings(
  bytes: Uint8Array,
  spans: readonly Span[],
  frames: number,
): readonly (readonly Span[])[] | null {
  const starts = spans.flatMap(({ offset, length }, index) =>
    beginsStream(bytes.subarray(offset, offset + length)) ? [index] : [],
  )
  if (starts.length !== frames || starts[0] !== 0) return null
  return starts.map((start, frame) => spans.slice(start, starts[frame + 1] ?? spans.length))
}

/** Said where one frame is declared and several streams are there: the first of them is shown. */
function moreStreams(bytes: Uint8Array, spans: readonly Span[]): readonly Warning[] {
  const streams = spans.filter(({ offset, length }) => beginsStream(bytes.subarray(offset, offset + length)))
  if (streams.length < 2) return []
  const text = `One frame is declared, ${streams.length} are present; the others are not shown.`
  return [{ code: 'frames-left-over', text }]
}

/** Fragments of encapsulated pixel data, grouped into frames. Needs the whole file. */
export function locateFragments(file: DicomFile, layout: PixelLayout): Result<FramePlaces> {
  const element = pixelElement(file.dataSet)
  if (element === undefined) return refuse('pixels-absent', 'There is no pixel data.')
  if (element.length !== UNDEFINED_LENGTH) {
    return refuse('pixels-damaged', `Native pixel data under ${file.syntax.name}, which needs fragments.`, {
      where: '(7FE0,0010)',
    })
  }
  const read = readFragments(file.dataSet.bytes, element.offset)
  if (!read.ok) return read
  const { spans, offsetTable, warnings } = read.value
  const answer = (
    frames: readonly (readonly Span[])[],
    more: readonly Warning[] = [],
  ): Result<FramePlaces> => ({
    ok: true,
    value: { kind: 'fragments', frames, warnings: [...warnings, ...more] },
  })
  if (spans.length === 0)
    return refuse('pixels-absent', 'The pixel data hold no fragment.', { where: '(7FE0,0010)' })
  if (layout.frames === 1) return answer([spans], moreStreams(file.dataSet.bytes, spans))
  if (spans.length === layout.frames) return answer(spans.map((span) => [span]))
  const grouped =
    byOffsets(spans, offsetTable, layout.frames) ??
    byOffsets(spans, extendedOffsets(file), layout.frames) ??
    byBeginnings(file.dataSet.bytes, spans, layout.frames)
  if (grouped !== null) return answer(grouped)
  if (spans.length < layout.frames)
    return answer(
      spans.map((span) => [span]),
      [missing(spans.length, layout.frames)],
    )
  const reason = `${spans.length} fragments cannot be told apart into ${layout.frames} frames: no usable offset table.`
  return refuse('pixels-damaged', reason, { where: '(7FE0,0010)' })
}
