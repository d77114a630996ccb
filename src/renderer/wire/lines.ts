/**
 * Splits a stream of UTF-8 bytes into lines (JSON lines: one value a line, `\n` between). A last line without an end
 * counts; empty lines do not. Leaving the loop early cancels the stream, which cancels the work behind it.
 */
export async function* readLines(
  stream: ReadableStream<Uint8Array>,
): AsyncGenerator<string, void, undefined> {
  const reader = stream.getReader()
  const decoder = new TextDecoder()
  let rest = ''
  let ended = false
  try {
    for (;;) {
      const { done, value } = await reader.read()
      ended = done
      rest += done ? decoder.decode() : decoder.decode(value, { stream: true })
      const lines = rest.split('\n')
      rest = done ? '' : (lines.pop() ?? '')
      for (const line of lines) if (line.trim() !== '') yield line
      if (done) return
    }
  } finally {
    if (!ended) await reader.cancel().catch(() => undefined)
  }
}
