import { defineStore } from 'pinia'
import { shallowReactive } from 'vue'
import { type KeptRun, KeptRunList, type LesionRequest, type RunRequest, type Subject } from '../../contract'
import { keyOfSubject } from '../../core/subject/subject'
import { getJson } from '../wire/http'
import { queryOfSubject } from '../wire/subject-query'
import { lesionKey } from './lesion/lesion-snapshot'
import { runKey } from './run-snapshot'

/** A lesion that was followed, without its samples. */
export interface KeptLesion {
  readonly request: LesionRequest
  readonly figures: NonNullable<KeptRun['figures']['lesion']>
  readonly stale: string | null
}

/**
 * What was drawn in earlier visits, by subject, without its samples. Whatever of it is asked for is given by the program
 * without being drawn again; this list says what that is, so that nothing is asked for that would be drawn.
 */
export const useKeptRuns = defineStore('kept-runs', () => {
  const known = shallowReactive(new Map<string, readonly KeptRun[]>())

  /** Asks what there is. Refused while it is withheld, and then there is none. */
  async function load(subject: Subject): Promise<void> {
    if (subject.kind !== 'series') return
    const answer = await getJson(`runs/kept?${queryOfSubject(subject)}`, KeptRunList)
    known.set(keyOfSubject(subject), answer.ok ? answer.value.runs : [])
  }

  /** Those at one place and by one model, however they were drawn: of a slice, or of the lesion there; oldest first. */
  function at(subject: Subject, request: Pick<RunRequest, 'target' | 'modelId'>): readonly KeptRun[] {
    return (known.get(keyOfSubject(subject)) ?? []).filter(
      ({ request: kept, figures }) =>
        kept.modelId === request.modelId &&
        (figures.lesion === null
          ? runKey({ ...kept, target: request.target }) === runKey(kept)
          : isLesionAt(kept, request.target)),
    )
  }
  /** Lesions that were followed in a subject, the newest of each place. */
  function lesionsOf(subject: Subject): readonly KeptLesion[] {
    const newest = new Map<string, KeptLesion>()
    for (const { request, figures, stale } of known.get(keyOfSubject(subject)) ?? [])
      if (figures.lesion !== null && request.target.kind === 'series') {
        const { column, row } = request.target
        const followed = { request: { ...request, target: request.target }, figures: figures.lesion, stale }
        newest.set(`${column} ${row}`, followed)
      }
    return [...newest.values()]
  }
  return { load, at, lesionsOf }
})

const isLesionAt = (kept: RunRequest, target: RunRequest['target']): boolean =>
  kept.target.kind === 'series' &&
  target.kind === 'series' &&
  lesionKey({ ...kept, target: kept.target }) === lesionKey({ ...kept, target })
