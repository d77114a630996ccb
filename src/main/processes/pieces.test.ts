import { isDeepStrictEqual } from 'node:util'
import { expect, test } from 'vitest'
import { layPiece, putTogether, takenApart, type Piece } from './pieces'

const bytes = (length: number, seed: number): Uint8Array =>
  new Uint8Array(length).map((_, at) => (at * seed) >>> 5)

/** As they arrive: each through a copy that knows nothing of the sender's memory. */
function sent(value: unknown): { readonly value: unknown; readonly largest: number; readonly count: number } {
  const pieces: Piece[] = []
  const rest = structuredClone(takenApart(value, (piece) => pieces.push(structuredClone(piece))))
  const held = new Map<string, Uint8Array>()
  for (const piece of pieces) layPiece(held, piece)
  const largest = Math.max(0, ...pieces.map((piece) => piece.bytes.buffer.byteLength))
  return { value: putTogether(rest, held), largest, count: pieces.length }
}

test('what is put together is what was taken apart, and no piece is longer than 4 MiB', () => {
  const whole = bytes(10_000_001, 7)
  const view = whole.subarray(3, 9_000_003)
  for (const value of [
    null,
    'text',
    bytes(12, 3),
    { ok: false, reason: 'none' },
    { description: { widthPx: 3 }, bytes: bytes(2 ** 22, 5) },
    { description: { widthPx: 3 }, bytes: whole, graphics: view },
    view,
  ]) {
    const found = sent(value)
    expect(isDeepStrictEqual(found.value, value)).toBe(true)
    expect(found.largest).toBeLessThanOrEqual(2 ** 22)
  }
  expect(sent({ bytes: bytes(2 ** 22, 1) }).count).toBe(0)
  expect(sent({ bytes: whole, graphics: view }).count).toBe(6)
})
