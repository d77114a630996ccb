import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import {
  LesionLine,
  type LesionRequest,
  type NoduleKind,
  type RunRequest,
  type RunTarget,
} from '../../../contract'
import { useProblems } from '../../wire/problems'
import { runKey } from '../run-snapshot'
import { postLines } from '../../wire/http'
import { useRuns } from '../runs'
import { afterLesionLine, lesionKey, type LesionSnapshot, newLesion } from './lesion-snapshot'

/** Reports of lesions are small; their runs go with the others. */
const MOST_LESIONS = 32

/** Lesions that were followed through their slices, the newest last. */
export const useLesions = defineStore('lesions', () => {
  const lesions = shallowRef<ReadonlyMap<string, LesionSnapshot>>(new Map())
  /** What each lesion is made of, by its key, where a person said it: never carried over to another one. */
  const kinds = shallowRef<ReadonlyMap<string, NoduleKind>>(new Map())
  const shownKey = shallowRef<string | null>(null)
  const runs = useRuns()
  const problems = useProblems()

  function put(lesion: LesionSnapshot): void {
    const next = new Map(lesions.value)
    next.delete(lesion.key)
    next.set(lesion.key, lesion)
    lesions.value = new Map([...next].slice(-MOST_LESIONS))
    runs.held = heldOf(lesions.value, shownKey.value)
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

  /** Those at this place by this model, whichever slice is looked at and however they were drawn; the newest last. */
  function followedAt(target: RunTarget | null, modelId: string | undefined): readonly LesionSnapshot[] {
    if (target?.kind !== 'series' || modelId === undefined) return []
    return [...lesions.value.values()].filter(
      ({ key, request }) => key === lesionKey({ ...request, target, modelId }),
    )
  }

  /** Where the lesion of this very place, model, count and seed was cut out on this slice; null: it was not. */
  function cropOf({ target, ...rest }: RunRequest): RunTarget | null {
    if (target.kind !== 'series') return null
    return runs.find(runKeyOn(lesions.value, { ...rest, target }) ?? '')?.request.target ?? null
  }

  /** Its runs stay, however many slices others have, until another one is shown. */
  function show({ key }: LesionSnapshot): void {
    shownKey.value = key
    runs.held = heldOf(lesions.value, key)
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

  const compareAgain = comparing((key) => lesions.value.get(key), put)
  return { lesions, follow, compareAgain, followedAt, cropOf, startAt, show, kindOf, setKind }
})

/**
 * Compares a lesion that was followed with the readings that are there now: the program keeps what was drawn, and says
 * first what is to be said of it. Where it kept nothing the comparison stays as it was.
 */
const comparing =
  (find: (key: string) => LesionSnapshot | undefined, put: (lesion: LesionSnapshot) => void) =>
  async ({ key, request }: LesionSnapshot): Promise<void> => {
    const control = new AbortController()
    for await (const answer of postLines('runs/lesion', request, LesionLine, control.signal)) {
      const lesion = find(key)
      if (answer.ok && answer.value.kind === 'kept' && lesion?.phase === 'done')
        put({ ...lesion, report: answer.value.report })
      control.abort()
    }
  }

/** The key of the run that a lesion has on the slice of the request. */
const runKeyOn = (lesions: ReadonlyMap<string, LesionSnapshot>, request: LesionRequest): string | undefined =>
  lesions.get(lesionKey(request))?.runKeys.get(request.target.sliceIndex)

/** Runs that are not let go of: of the lesion that is shown or on its way, and where each lesion began. */
function heldOf(lesions: ReadonlyMap<string, LesionSnapshot>, shownKey: string | null): ReadonlySet<string> {
  const held = [...lesions.values()].flatMap((lesion) => {
    const isWhole = lesion.key === shownKey || lesion.phase === 'running'
    return [...(isWhole ? lesion.runKeys.values() : []), runKey(lesion.request)]
  })
  return new Set(held)
}
