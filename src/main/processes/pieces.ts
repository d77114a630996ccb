/**
 * Answers that hold many bytes, sent in pieces: a message is put together and taken apart in one turn of the thread that
 * serves, which 200 MB of a photograph would hold for a tenth of a second and more.
 */

const PIECE_BYTES = 2 ** 22

/** Some bytes of an answer: those of its member `key`, or with '' of the answer itself. */
export interface Piece {
  readonly key: string
  readonly at: number
  readonly totalBytes: number
  readonly bytes: Uint8Array
}

export const isLong = (value: unknown): value is Uint8Array =>
  value instanceof Uint8Array && value.length > PIECE_BYTES

export function* cutInPieces(key: string, bytes: Uint8Array): Generator<Piece, void, undefined> {
  // Copies: what is sent of a view may be all that it looks at.
  for (let at = 0; at < bytes.length; at += PIECE_BYTES)
    yield { key, at, totalBytes: bytes.length, bytes: bytes.slice(at, at + PIECE_BYTES) }
}

/** Sends what is long of a value by `send`, and gives the rest. */
export function takenApart(value: unknown, send: (piece: Piece) => void): unknown {
  if (isLong(value)) {
    for (const piece of cutInPieces('', value)) send(piece)
    return null
  }
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value
  const long = Object.entries(value).filter(([, member]) => isLong(member))
  if (long.length === 0) return value
  for (const [key, member] of long)
    if (isLong(member)) for (const piece of cutInPieces(key, member)) send(piece)
  const names = new Set(long.map(([key]) => key))
  return Object.fromEntries(Object.entries(value).filter(([key]) => !names.has(key)))
}

/** Lays a piece where it belongs. */
export function layPiece(held: Map<string, Uint8Array>, { key, at, totalBytes, bytes }: Piece): void {
  const whole = held.get(key) ?? new Uint8Array(totalBytes)
  whole.set(bytes, at)
  held.set(key, whole)
}

/** The value again, with what came in pieces. */
export function putTogether(rest: unknown, held: ReadonlyMap<string, Uint8Array>): unknown {
  if (held.size === 0) return rest
  const own = held.get('')
  return own ?? { ...(rest as object), ...Object.fromEntries(held) }
}
