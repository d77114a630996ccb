import { setTimeout as wait } from 'node:timers/promises'
import type { Context } from 'hono'
import type {
  ArchiveFetchLine,
  Fetched,
  FetchProgress,
  LesionLine,
  PythonLine,
  PythonProgress,
  PythonReady,
  Result,
  RunLine,
  ScanLine,
  ScanResult,
} from '../../contract'
import type { LibraryService, ScanProgress } from '../library/library-service'

/** Progress that a person can follow: ten lines a second. */
const PROGRESS_INTERVAL_MS = 100

type AnsweredLine = RunLine | LesionLine | ScanLine | ArchiveFetchLine | PythonLine

/**
 * Streams lines as JSON, one a line, at the pace of the reader. Closing the stream, or the connection under it,
 * aborts the signal that `produce` was given. What goes wrong half way becomes a last line that says so.
 */
export function answerLines(
  c: Context,
  produce: (signal: AbortSignal) => AsyncIterable<AnsweredLine>,
  onError: (error: unknown) => AnsweredLine,
): Response {
  const stop = new AbortController()
  const encoder = new TextEncoder()
  const encode = (line: AnsweredLine): Uint8Array => encoder.encode(`${JSON.stringify(line)}\n`)
  c.req.raw.signal.addEventListener('abort', () => {
    stop.abort()
  })
  const lines = produce(stop.signal)[Symbol.asyncIterator]()
  stop.signal.addEventListener('abort', () => {
    // Lets the generator tidy up even where it was waiting for the reader; what it throws then has no reader.
    lines.return?.().catch(() => undefined)
  })
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const next = await lines.next()
        if (stop.signal.aborted) return
        if (next.done === true) controller.close()
        else controller.enqueue(encode(next.value))
      } catch (error) {
        if (stop.signal.aborted) return
        controller.enqueue(encode(onError(error)))
        controller.close()
      }
    },
    cancel() {
      stop.abort()
    },
  })
  return c.body(body, 200, { 'content-type': 'application/x-ndjson; charset=utf-8' })
}

/** Work that tells how far it is, as lines: the newest progress ten times a second; gives what it came to. */
async function* followed<P extends object, T>(
  start: (onProgress: (reached: P) => void) => Promise<Result<T>>,
): AsyncGenerator<P & { readonly kind: 'progress' }, Result<T>> {
  const progress: { newest: P | null } = { newest: null }
  const work = start((reached) => {
    progress.newest = reached
  })
  for (;;) {
    const result = await Promise.race([work, wait(PROGRESS_INTERVAL_MS, null)])
    if (result !== null) return result
    const reached = progress.newest
    progress.newest = null
    if (reached !== null) yield { kind: 'progress', ...reached }
  }
}

/** A scan as lines: how far it is, then the result or the refusal. */
export async function* scanLines(
  library: LibraryService,
  paths: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<ScanLine> {
  const result = yield* followed<ScanProgress, ScanResult>((onProgress) =>
    library.scan(paths, onProgress, signal),
  )
  yield result.ok ? { kind: 'done', result: result.value } : { kind: 'refused', refusal: result.refusal }
}

/** A setting up of the trainer's Python as lines. */
export async function* pythonLines(
  build: (onProgress: (progress: PythonProgress) => void) => Promise<Result<PythonReady>>,
): AsyncGenerator<PythonLine> {
  const built = yield* followed(build)
  yield built.ok ? { kind: 'done', ready: built.value } : { kind: 'refused', refusal: built.refusal }
}

/** A fetch as lines: how far it is; once everything is here it is opened, and the last line says what is open then. */
export async function* fetchLines(
  library: LibraryService,
  fetch: (onProgress: (progress: FetchProgress) => void) => Promise<Result<Fetched>>,
  signal: AbortSignal,
): AsyncGenerator<ArchiveFetchLine> {
  const fetched = yield* followed(fetch)
  if (!fetched.ok) {
    yield { kind: 'refused', refusal: fetched.refusal }
    return
  }
  const root = await library.addRoot(fetched.value.folder)
  const result = root.ok ? await library.scan([root.value], () => undefined, signal) : root
  yield result.ok
    ? { kind: 'done', fetched: fetched.value, result: result.value }
    : { kind: 'refused', refusal: result.refusal }
}
