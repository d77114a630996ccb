/** The parts of a body `multipart/related` (RFC 2046 5.1), as they come: nothing waits for the end of a part. */

export interface PartSink {
  /** A part begins; its headers by their names in lower case. */
  readonly begin: (headers: ReadonlyMap<string, string>) => void
  readonly write: (bytes: Uint8Array) => void
  /** The part is whole. */
  readonly end: () => void
}

export interface MultipartReader {
  readonly push: (bytes: Uint8Array) => void
  /** Whether the body was whole: its last delimiter was there. */
  readonly isWhole: () => boolean
}

/** The parameter `boundary` of a header Content-Type; null: it is no multipart body. */
export function boundaryOf(contentType: string): string | null {
  if (!/^multipart\/related\b/i.test(contentType.trim())) return null
  const found = /;\s*boundary=(?:"([^"\r\n]{1,200})"|([^\s;"]{1,200}))/i.exec(contentType)
  return found?.[1] ?? found?.[2] ?? null
}

const LINE_END = Buffer.from('\r\n')
const HEAD_END = Buffer.from('\r\n\r\n')
const MOST_HEAD_BYTES = 16_384

type State = 'before' | 'delimiter' | 'head' | 'part' | 'over'

export class MultipartDamaged extends Error {}

function headersOf(text: string): ReadonlyMap<string, string> {
  const lines = text.split('\r\n').map((line) => /^([^:\s]+)\s*:\s*(.*)$/.exec(line))
  return new Map(
    lines.flatMap((line) => (line === null ? [] : [[(line[1] ?? '').toLowerCase(), line[2] ?? '']])),
  )
}

/** Reads a body part by part. `push` throws `MultipartDamaged` on what is none, and whatever the sink throws. */
export function multipartReader(boundary: string, sink: PartSink): MultipartReader {
  const delimiter = Buffer.from(`\r\n--${boundary}`)
  // The first delimiter may stand at the very beginning: as if a line had ended before.
  let held: Buffer = LINE_END
  let state: State = 'before'
  /** Bytes before the next delimiter; those that may be its beginning are held. */
  const upToDelimiter = (take: (bytes: Buffer) => void): boolean => {
    const at = held.indexOf(delimiter)
    const safe = at >= 0 ? at : Math.max(0, held.length - delimiter.length + 1)
    if (safe > 0) take(held.subarray(0, safe))
    held = held.subarray(at >= 0 ? at + delimiter.length : safe)
    return at >= 0
  }
  const steps: Readonly<Record<State, () => boolean>> = {
    before: () => {
      if (!upToDelimiter(() => undefined)) return false
      state = 'delimiter'
      return true
    },
    delimiter: () => {
      if (held.length < 2) return false
      state = held.subarray(0, 2).toString('latin1') === '--' ? 'over' : 'head'
      return true
    },
    head: () => {
      // Behind the delimiter: blanks and a line end, then headers; none at all is one empty line.
      const end = held.indexOf(HEAD_END)
      if (end < 0 && held.length > MOST_HEAD_BYTES) throw new MultipartDamaged('headers without an end')
      if (end < 0) return false
      sink.begin(
        headersOf(
          held
            .subarray(0, end)
            .toString('latin1')
            .replace(/^[ \t]*\r\n/, ''),
        ),
      )
      held = held.subarray(end + HEAD_END.length)
      state = 'part'
      return true
    },
    part: () => {
      const isOver = upToDelimiter(sink.write)
      if (!isOver) return false
      sink.end()
      state = 'delimiter'
      return true
    },
    over: () => false,
  }
  return {
    push: (bytes) => {
      // What stands behind the last delimiter means nothing (RFC 2046 5.1.1).
      if (state === 'over') return
      held =
        held.length === 0
          ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
          : Buffer.concat([held, bytes])
      while (steps[state]()) continue
    },
    isWhole: () => state === 'over',
  }
}
