import { accept, type Result, RunLine } from '../../../contract'
import { readLines } from '../../wire/lines'

/** Takes the lines of a run as they come, and packs them: masks of vessels shrink to a tenth. */
export interface LinePacker {
  readonly add: (line: RunLine) => Promise<void>
  /** Nothing more comes. */
  readonly packed: () => Promise<Blob>
  /** The run was stopped: nothing is kept. */
  readonly drop: () => void
}

export function startPacking(): LinePacker {
  const { readable, writable } = new CompressionStream('gzip')
  const blob = new Response(readable).blob()
  // Awaited by `packed` alone: what is dropped fails, and nobody asks.
  blob.catch(() => undefined)
  const writer = writable.getWriter()
  const encoder = new TextEncoder()
  return {
    add: (line) => writer.write(encoder.encode(`${JSON.stringify(line)}\n`)),
    packed: async () => {
      await writer.close()
      return blob
    },
    drop: () => void writer.abort().catch(() => undefined),
  }
}

/** The lines again, as they came. */
export async function* unpackedLines(packed: Blob): AsyncGenerator<Result<RunLine>, void, undefined> {
  for await (const line of readLines(packed.stream().pipeThrough(new DecompressionStream('gzip'))))
    yield accept(RunLine.parse(JSON.parse(line)))
}
