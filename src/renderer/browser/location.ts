import { idOfSubject, subjectOf } from '../../core/subject/subject'
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import type { Subject } from '../../contract'

/** Where the page stands: kept in the hash, so that reloading and the back button work in both doors. */
export type Place =
  | { readonly view: 'library' }
  | { readonly view: 'read'; readonly subject: Subject }
  | {
      readonly view: 'annotate'
      readonly subject: Subject
      /** Asked for as a blind reading; whether it is one, the store says. */
      readonly blind: boolean
      readonly panelId: string | null
      /** Place in the panel's own order: the same image may come again. */
      readonly casePosition?: number
    }
  | {
      readonly view: 'compare'
      readonly subject: Subject
      /** The model is asked for as well. */
      readonly withModel?: true
    }
  | { readonly view: 'panels' }
  /** The vessels of all photographs. */
  | { readonly view: 'vessels' }
  | { readonly view: 'train' }

/**
 * `#/read/series/<uid>`, `#/read/image/<id>`, `#/annotate/series/<uid>?blind=1&panel=<id>&case=<n>` (all optional),
 * `#/compare/series/<uid>?model=1` (optional), `#/compare/image/<id>`, `#/panels`, `#/vessels`, `#/train`; everything else is the library.
 */
export function parsePlace(hash: string): Place {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?')
  const [room, kind, id] = path.split('/').map(decodeOr)
  if (room === 'panels' || room === 'vessels' || room === 'train') return { view: room }
  const subject = subjectFrom(kind, id)
  if (subject === null) return { view: 'library' }
  const asked = new URLSearchParams(query)
  if (room === 'read') return { view: room, subject }
  if (room === 'compare')
    return { view: room, subject, ...(asked.get('model') === '1' ? { withModel: true } : {}) }
  if (room !== 'annotate') return { view: 'library' }
  const position = Number(asked.get('case') ?? 0)
  return {
    ...{ view: room, subject, blind: asked.get('blind') === '1', panelId: asked.get('panel') },
    ...(Number.isSafeInteger(position) && position > 0 ? { casePosition: position } : {}),
  }
}

function subjectFrom(kind: string | undefined, id: string | undefined): Subject | null {
  if (id === undefined || id === '') return null
  return kind === 'series' || kind === 'image' ? subjectOf(kind, id) : null
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
    case 'panels':
    case 'vessels':
    case 'train':
      return `#/${place.view}`
    case 'read':
      return `#/read/${subjectPath(place.subject)}`
    case 'compare':
      return `#/compare/${subjectPath(place.subject)}${place.withModel === true ? '?model=1' : ''}`
    case 'annotate':
      return `#/annotate/${subjectPath(place.subject)}${queryOf(place)}`
  }
}

const subjectPath = (subject: Subject): string =>
  `${subject.kind}/${encodeURIComponent(idOfSubject(subject))}`

function queryOf({ blind, panelId, casePosition }: Place & { readonly view: 'annotate' }): string {
  const query = new URLSearchParams()
  if (blind) query.set('blind', '1')
  if (panelId !== null) query.set('panel', panelId)
  if (casePosition !== undefined) query.set('case', String(casePosition))
  return query.size === 0 ? '' : `?${query.toString()}`
}

/** Which case a place shows; null where it shows none. */
export const subjectOfPlace = (place: Place | null): Subject | null =>
  place !== null && 'subject' in place ? place.subject : null

/** Places where a case is read. */
const isRead = ({ view }: Place): boolean => view === 'read' || view === 'annotate'

/** Where the Read tab leads from a place: to itself, or to the case that is compared. */
function readPlaceOf(place: Place): Place | null {
  if (isRead(place)) return place
  return place.view === 'compare' ? { view: 'read', subject: place.subject } : null
}

export const useLocation = defineStore('location', () => {
  const place = ref<Place>(parsePlace(window.location.hash))
  /** The last case read, so that the Read tab leads back to it. */
  const lastRead = ref<Place | null>(readPlaceOf(place.value))
  const isReading = computed(() => isRead(place.value))
  /** The case that is open, or was last. */
  const subject = computed(() => subjectOfPlace(place.value) ?? subjectOfPlace(lastRead.value))

  function follow(): void {
    place.value = parsePlace(window.location.hash)
    if (isRead(place.value) || lastRead.value === null) lastRead.value = readPlaceOf(place.value)
  }

  function go(next: Place): void {
    window.location.hash = hashOf(next)
  }

  return { place, lastRead, subject, isReading, follow, go }
})
