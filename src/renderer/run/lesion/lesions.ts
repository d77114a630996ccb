import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import type { LesionRequest, NoduleKind, RunTarget } from '../../../contract'
import { useProblems } from '../../wire/problems'
import { useRuns } from '../runs'
import { afterLesionLine, lesionKey, type LesionSnapshot, newLesion } from './lesion-snapshot'

/** Reports of lesions are small; their runs go with the others. */
const MOST_LESIONS = 32

/** Lesions that were followed through their slices, the newest last. */
export const useLesions = defineStore('lesions', () => {
  const lesions = shallowRef<ReadonlyMap<string, LesionSnapshot>>(new Map())
  /** What each lesion is made of, by its key, where a person said it: never carried over to another one. */
  const kinds = shallowRef<ReadonlyMap<string, NoduleKind>>(new Map())
  const runs = useRuns()
  const problems = useProblems()

  function put(lesion: LesionSnapshot): void {
    const next = new Map(lesions.value)
    next.delete(lesion.key)
    next.set(lesion.key, lesion)
    lesions.value = new Map([...next].slice(-MOST_LESIONS))
  }

  /**
   * Follows it from its clicked slice outwards, unless that is done or on its way. The clicked slice comes first: its fine
   * outlines are waited for.
   */
  async function follow(request: LesionRequest): Promise<void> {
    const key = lesionKey(request)
    const before = lesions.value.get(key)
    if (before?.phase === 'running' || before?.phase === 'done') return
    problems.settle(`lesion/${key}`)
    put(newLesion(request))
    await runs.settled()
    await runs.follow(request, (line) => {
      const lesion = lesions.value.get(key)
      if (lesion === undefined) return
      const next = afterLesionLine(lesion, line)
      put(next)
      if (next.refusal !== null)
        problems.addRefusal(`lesion/${key}`, 'The lesion could not be followed', next.refusal)
    })
  }

  /** The newest one at this place by this model, whichever slice is looked at; null: none was followed. */
  function at(target: RunTarget | null, modelId: string | undefined): LesionSnapshot | null {
    if (target?.kind !== 'series' || modelId === undefined) return null
    return (
      [...lesions.value.values()].findLast(
        ({ key, request }) => key === lesionKey({ ...request, target, modelId }),
      ) ?? null
    )
  }

  /** Where the newest lesion at this place was clicked, whichever model followed it; null: none was. */
  function startAt(target: LesionRequest['target']): LesionRequest['target'] | null {
    const isHere = ({ key, request }: LesionSnapshot): boolean => key === lesionKey({ ...request, target })
    return [...lesions.value.values()].findLast(isHere)?.request.target ?? null
  }

  const kindOf = (lesion: LesionSnapshot | null): NoduleKind | null =>
    lesion === null ? null : (kinds.value.get(lesion.key) ?? null)

  function setKind({ key }: LesionSnapshot, kind: NoduleKind | null): void {
    const next = new Map(kinds.value)
    if (kind === null) next.delete(key)
    else next.set(key, kind)
    kinds.value = next
  }

  return { lesions, follow, at, startAt, kindOf, setKind }
})
