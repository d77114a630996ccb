import type { ScanResult } from '../../contract'
import type { LibraryService, ScanProgress } from './library-service'

/** What was found so long ago is looked for anew: files may have come meanwhile. */
const FRESH_MS = 60_000

const isSame = (some: readonly string[], others: readonly string[]): boolean =>
  some.length === others.length && some.every((path) => others.includes(path))

/**
 * A library in which `paths` are scanned before anybody asks, and the middle slice is decoded where they hold one
 * series alone. The first who asks for the same paths is given that scan: how far it is, what it comes to, and to end it.
 * Until then the paths count as not scanned.
 */
export function scannedAhead(
  library: LibraryService,
  paths: readonly string[],
  nowMs: () => number,
): LibraryService {
  const stop = new AbortController()
  let isTaken = false
  let endedMs: number | null = null
  let follow = (_progress: ScanProgress): void => undefined
  const ahead = library
    .scan(
      paths,
      (progress) => {
        follow(progress)
      },
      stop.signal,
    )
    .then((result) => {
      endedMs = nowMs()
      if (result.ok) decodeOnly(library, result.value)
      return result
    })
  // Told to who joins it.
  ahead.catch(() => undefined)
  return {
    ...library,
    isScanned: (root) => isTaken && library.isScanned(root),
    scan: (asked, onProgress, signal) => {
      const isStale = endedMs !== null && nowMs() - endedMs > FRESH_MS
      if (isTaken || !isSame(paths, asked)) return library.scan(asked, onProgress, signal)
      isTaken = true
      if (isStale) return library.scan(asked, onProgress, signal)
      follow = onProgress
      if (signal.aborted) stop.abort()
      signal.addEventListener('abort', () => {
        stop.abort()
      })
      return ahead
    },
    close: () => {
      stop.abort()
      return library.close()
    },
  }
}

/** The middle slice of the only series: a page opens it there. */
function decodeOnly({ slicePixels }: LibraryService, { series, images }: ScanResult): void {
  const [only] = series
  if (only === undefined || series.length > 1 || images.length > 0) return
  slicePixels(only.seriesUid, Math.floor(only.slices / 2)).catch(() => undefined)
}
