import { useLocation } from '../browser/location'
import { casesOf } from './library-cases'
import { useLibrary } from './library'
import { useRecent } from './recent'

/** Opens what was picked or dropped; where it is one case that was not there before, it is shown at once. */
export async function showOnlyCase(open: () => Promise<boolean>): Promise<void> {
  const library = useLibrary()
  const location = useLocation()
  const keys = (): readonly string[] =>
    library.result === null ? [] : casesOf(library.result).map(({ key }) => key)
  const before = new Set(keys())
  const isOpened = await open()
  if (!isOpened || library.result === null || location.place.view !== 'library') return
  if (await useRecent().takeUpGiven()) return
  const fresh = casesOf(library.result).filter(({ key }) => !before.has(key))
  const [only] = fresh
  if (only !== undefined && fresh.length === 1) location.go(only.place)
}
