import type { FetchRequest } from '../../contract'
import { seriesSubject } from '../../core/subject/subject'
import { useLocation } from '../browser/location'
import { useLibrary } from '../library/library'
import { casesOf } from '../library/library-cases'
import { pathOfArchive } from './archives'

/** Shows a series that is open here. */
export function showSeries(seriesUid: string): void {
  useLocation().go({ view: 'read', subject: seriesSubject(seriesUid) })
}

/** Fetches series, then shows the one that came, or the library where several did. True: all of it is here. */
export async function fetchAndOpen(archive: string, request: FetchRequest): Promise<boolean> {
  const library = useLibrary()
  const location = useLocation()
  const keys = (): readonly string[] =>
    library.result === null ? [] : casesOf(library.result).map(({ key }) => key)
  const [before, asked] = [new Set(keys()), location.place]
  if (!(await library.fetchSeries(pathOfArchive(archive, 'fetch'), request))) return false
  // Whoever went on to something else meanwhile is left there.
  if (location.place !== asked || library.result === null) return true
  const fresh = casesOf(library.result).filter(({ key }) => !before.has(key))
  const [only] = fresh
  const [wanted] = request.seriesUids.filter(
    (uid) => library.result?.series.some(({ seriesUid }) => seriesUid === uid) === true,
  )
  if (only !== undefined && fresh.length === 1) location.go(only.place)
  else if (wanted !== undefined && request.seriesUids.length === 1) showSeries(wanted)
  else location.go({ view: 'library' })
  return true
}
