import {
  accept,
  ArchiveFetchLine,
  type FetchProgress,
  type FetchRequest,
  refuse,
  type Result,
  ScanLine,
  type ScanResult,
} from '../../contract'
import type { GivenFile } from './dropped-files'
import { postLines, putFile } from '../wire/http'

/** Files sent at once: enough to fill a loopback connection, few enough that cancel is felt at once. */
const UPLOADS_AT_ONCE = 4

export interface ScanCounts {
  readonly filesRead: number
  readonly filesTotal: number
  readonly path: string
}

/** Follows a scan to its end: its result, or why there is none. */
export const followScan = (
  path: string,
  body: unknown,
  signal: AbortSignal,
  onProgress: (counts: ScanCounts) => void,
): Promise<Result<ScanResult>> =>
  toTheEnd(postLines(path, body, ScanLine, signal), (line) => {
    if (line.kind === 'progress') onProgress(line)
  })

/** Follows series that come from an archive until they are here and opened: what is open then. */
export const followFetch = (
  path: string,
  request: FetchRequest,
  signal: AbortSignal,
  onProgress: (progress: FetchProgress) => void,
): Promise<Result<ScanResult>> =>
  toTheEnd(postLines(path, request, ArchiveFetchLine, signal), (line) => {
    if (line.kind === 'progress') onProgress(line)
  })

/** What the last line says was opened, or why nothing was; each line is told as it comes. */
async function toTheEnd<Line extends ScanLine | ArchiveFetchLine>(
  lines: AsyncIterable<Result<Line>>,
  tell: (line: Line) => void,
): Promise<Result<ScanResult>> {
  let result: Result<ScanResult> | null = null
  for await (const line of lines) {
    if (!line.ok) return line
    tell(line.value)
    const said: ScanLine | ArchiveFetchLine = line.value
    if (said.kind === 'refused') result = { ok: false, refusal: said.refusal }
    if (said.kind === 'done') result = accept(said.result)
  }
  return result ?? refuse('internal', 'It ended without a result.', { next: 'Try it again.' })
}

/** Sends files, a few at once; the first that is refused ends it. Answers the path that scans them. */
export async function sendFiles(
  files: readonly GivenFile[],
  signal: AbortSignal,
  onReceived: (received: number) => void,
): Promise<Result<string>> {
  const uploadId = newUploadId()
  const queue = [...files]
  let received = 0
  const sendInTurn = async (): Promise<Result<null>> => {
    for (let given = queue.shift(); given !== undefined; given = queue.shift()) {
      const sent = await putFile(`uploads/${uploadId}/${encodePath(given.path)}`, given.file, signal)
      if (!sent.ok) {
        queue.length = 0
        return sent
      }
      received += 1
      onReceived(received)
    }
    return accept(null)
  }
  const ended = await Promise.all(Array.from({ length: UPLOADS_AT_ONCE }, sendInTurn))
  return ended.find((one) => !one.ok) ?? accept(`uploads/${uploadId}/scan`)
}

const encodePath = (path: string): string => path.split('/').map(encodeURIComponent).join('/')

function newUploadId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12))
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
