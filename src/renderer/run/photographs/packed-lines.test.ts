import { expect, test } from 'vitest'
import type { RunLine } from '../../../contract'
import { startPacking, unpackedLines } from './packed-lines'

test('lines come out of the packing as they went in', async () => {
  const lines: readonly RunLine[] = Array.from({ length: 40 }, (_unused, firstIndex) => ({
    kind: 'samples',
    ...{ firstIndex, count: 1, masks: 'AAAA'.repeat(4000 + firstIndex), elapsedMs: firstIndex },
  }))
  const packer = startPacking()
  // Nobody reads yet: what is written must not wait for that.
  for (const line of lines) await packer.add(line)
  const packed = await packer.packed()
  expect(packed.size).toBeLessThan(JSON.stringify(lines).length / 10)
  const again: unknown[] = []
  for await (const line of unpackedLines(packed)) again.push(line)
  expect(again).toEqual(lines.map((value) => ({ ok: true, value })))
})
