import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readLines } from './lines'

function streamOf(
  chunks: readonly Uint8Array[],
  onCancel: () => void = () => undefined,
): ReadableStream<Uint8Array> {
  let at = 0
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      const chunk = chunks[at]
      at += 1
      if (chunk === undefined) controller.close()
      else controller.enqueue(chunk)
    },
    cancel: onCancel,
  })
}

async function all(stream: ReadableStream<Uint8Array>): Promise<string[]> {
  const lines: string[] = []
  for await (const line of readLines(stream)) lines.push(line)
  return lines
}

describe('lines of a stream', () => {
  it('are the same however the bytes are cut, inside letters too', async () => {
    const word = fc
      .string({ unit: 'grapheme', minLength: 1 })
      .filter((text) => !text.includes('\n') && text.trim() !== '')
    await fc.assert(
      fc.asyncProperty(fc.array(word), fc.array(fc.nat(60)), async (lines, cuts) => {
        const bytes = new TextEncoder().encode(lines.map((line) => `${line}\n`).join(''))
        const at = [...new Set([0, ...cuts.filter((cut) => cut < bytes.length), bytes.length])].sort(
          (a, b) => a - b,
        )
        const chunks = at.slice(1).map((end, index) => bytes.slice(at[index], end))
        expect(await all(streamOf(chunks))).toEqual(lines)
      }),
    )
  })

  it('keep a last line without an end and drop empty ones', async () => {
    expect(await all(streamOf([new TextEncoder().encode('a\n\nb')]))).toEqual(['a', 'b'])
  })

  it('cancel the stream when the reader leaves early', async () => {
    let cancelled = false
    const stream = streamOf([new TextEncoder().encode('a\nb\n'), new TextEncoder().encode('c\n')], () => {
      cancelled = true
    })
    for await (const line of readLines(stream)) if (line === 'a') break
    expect(cancelled).toBe(true)
  })
})
