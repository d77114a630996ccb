import { defineStore } from 'pinia'
import { reactive, shallowRef } from 'vue'
import {
  ArchiveSeriesList,
  type ArchiveSeries,
  ArchiveStudies,
  type ArchiveStudy,
  type Refusal,
  StudyQuery,
} from '../../contract'
import { postJson } from '../wire/http'
import { pathOfArchive } from './archives'

/** What a search came to. `archive`: who was asked. */
export type Found =
  | { readonly kind: 'asking'; readonly archive: string }
  | {
      readonly kind: 'found'
      readonly archive: string
      readonly studies: readonly ArchiveStudy[]
      /** false: there are more than are listed. */
      readonly complete: boolean
    }
  | { readonly kind: 'refused'; readonly archive: string; readonly refusal: Refusal }

/** The series of one study. */
export type SeriesFound =
  | { readonly kind: 'asking' }
  | { readonly kind: 'listed'; readonly series: readonly ArchiveSeries[] }
  | { readonly kind: 'refused'; readonly refusal: Refusal }

const EMPTY = {
  ...{ patientName: '', patientId: '', accessionNumber: '', modality: '' },
  /** Days as the field gives them, `2026-02-14`. */
  ...{ from: '', to: '' },
}

const dayOf = (day: string): string => day.replaceAll('-', '')

/** What is typed, and the question that it makes. */
function createAsked() {
  const asked = reactive({ ...EMPTY })
  /** Why what is typed cannot be asked; null: it can, or was not tried. */
  const unasked = shallowRef<string | null>(null)

  function query(): StudyQuery | null {
    const { from, to, ...others } = asked
    const parsed = StudyQuery.safeParse({ ...others, studyFrom: dayOf(from), studyTo: dayOf(to) })
    const isTurned = from !== '' && to !== '' && from > to
    unasked.value = isTurned
      ? 'The first day lies after the last.'
      : (parsed.error?.issues[0]?.message ?? null)
    return isTurned ? null : (parsed.data ?? null)
  }

  function empty(): void {
    Object.assign(asked, EMPTY)
    unasked.value = null
  }

  return { asked, unasked, query, empty }
}

/** Looking for studies: what is asked, and what was found. It stays while the sheet is closed, and is this page's alone. */
export const useStudySearch = defineStore('study-search', () => {
  const { asked, unasked, query, empty } = createAsked()
  const found = shallowRef<Found | null>(null)
  const seriesOf = shallowRef<ReadonlyMap<string, SeriesFound>>(new Map())
  let control = new AbortController()

  function begin(): AbortSignal {
    control.abort()
    control = new AbortController()
    return control.signal
  }

  async function search(archive: string): Promise<void> {
    const body = query()
    if (body === null) return
    const signal = begin()
    found.value = { kind: 'asking', archive }
    seriesOf.value = new Map()
    const answer = await postJson(pathOfArchive(archive, 'studies'), body, ArchiveStudies, signal)
    if (signal.aborted) return
    found.value = answer.ok
      ? { kind: 'found', archive, ...answer.value }
      : { kind: 'refused', archive, refusal: answer.refusal }
  }

  /** Asks for the series of a study, or folds them away. */
  async function unfold(archive: string, studyUid: string): Promise<void> {
    if (seriesOf.value.has(studyUid)) fold(studyUid)
    else await listSeries(archive, studyUid)
  }

  function fold(studyUid: string): void {
    seriesOf.value = new Map([...seriesOf.value].filter(([uid]) => uid !== studyUid))
  }

  /** null: they are not known, and why stands in the row. */
  async function listSeries(archive: string, studyUid: string): Promise<readonly ArchiveSeries[] | null> {
    const known = seriesOf.value.get(studyUid)
    if (known?.kind === 'listed') return known.series
    const { signal } = control
    const say = (series: SeriesFound): void => {
      if (!signal.aborted) seriesOf.value = new Map([...seriesOf.value, [studyUid, series]])
    }
    say({ kind: 'asking' })
    const path = pathOfArchive(archive, 'series')
    const answer = await postJson(path, { studyUid }, ArchiveSeriesList, signal)
    say(
      answer.ok
        ? { kind: 'listed', series: answer.value.series }
        : { kind: 'refused', refusal: answer.refusal },
    )
    return answer.ok ? answer.value.series : null
  }

  /** Ends the question that is open; what was found before is gone with it. */
  function cancel(): void {
    begin()
    found.value = null
  }

  /** Leaves nothing of any patient. */
  function forget(): void {
    cancel()
    empty()
    seriesOf.value = new Map()
  }

  return { asked, unasked, found, seriesOf, search, unfold, listSeries, cancel, forget }
})
