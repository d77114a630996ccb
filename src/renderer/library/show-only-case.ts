import { watch } from 'vue'
import type { ScanResult } from '../../contract'
import { useLocation } from '../browser/location'
import { casesOf } from './library-cases'
import { useLibrary } from './library'
import { useRecent } from './recent'

/** Opens what was picked or dropped; where it is one case that was not there before, it is shown at once. */
export async function showOnlyCase(open: () => Promise<boolean>): Promise<void> {
  const library = useLibrary()
  const location = useLocation()
  const recent = useRecent()
  const before = new Set((library.result === null ? [] : casesOf(library.result)).map(({ key }) => key))
  function show(result: ScanResult | null): void {
    if (result === null || location.place.view !== 'library') return
    const fresh = casesOf(result).filter(({ key }) => !before.has(key))
    const [only] = fresh
    if (only !== undefined && fresh.length === 1) location.go(only.place)
  }
  // In the same breath as what was opened is known: a list that is left at once need not be drawn.
  const leave = watch(
    () => library.result,
    (result) => {
      if (recent.awaited === null) show(result)
    },
    { flush: 'sync' },
  )
  const isOpened = await open().finally(leave)
  if (!isOpened || location.place.view !== 'library' || (await recent.takeUpGiven())) return
  show(library.result)
}
