import { defineStore } from 'pinia'
import { computed, ref } from 'vue'

/** Where the page stands: kept in the hash, so that reloading and the back button work in both doors. */
export type Place =
  | { readonly view: 'library' }
  | { readonly view: 'series'; readonly seriesUid: string }
  | { readonly view: 'image'; readonly imageId: string }

/** `#/read/series/<uid>`, `#/read/image/<id>`; everything else is the library. */
export function parsePlace(hash: string): Place {
  const [room, kind, id] = hash.replace(/^#\/?/, '').split('/').map(decodeOr)
  if (room === 'read' && id !== undefined && id !== '') {
    if (kind === 'series') return { view: 'series', seriesUid: id }
    if (kind === 'image') return { view: 'image', imageId: id }
  }
  return { view: 'library' }
}

function decodeOr(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** The inverse of `parsePlace`. */
export function hashOf(place: Place): string {
  switch (place.view) {
    case 'library':
      return '#/library'
    case 'series':
      return `#/read/series/${encodeURIComponent(place.seriesUid)}`
    case 'image':
      return `#/read/image/${encodeURIComponent(place.imageId)}`
  }
}

export const useLocation = defineStore('location', () => {
  const place = ref<Place>(parsePlace(window.location.hash))
  /** The last case read, so that the Read tab leads back to it. */
  const lastRead = ref<Place | null>(place.value.view === 'library' ? null : place.value)
  const isReading = computed(() => place.value.view !== 'library')

  function follow(): void {
    place.value = parsePlace(window.location.hash)
    if (place.value.view !== 'library') lastRead.value = place.value
  }

  function go(next: Place): void {
    window.location.hash = hashOf(next)
  }

  return { place, lastRead, isReading, follow, go }
})
