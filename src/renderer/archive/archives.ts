import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import { ArchiveEcho, ArchiveList, type ArchiveSummary, type Refusal } from '../../contract'
import { getJson, postJson } from '../wire/http'

/** What the test of a connection came to. */
export type Echo =
  | { readonly kind: 'asking' }
  | { readonly kind: 'answered'; readonly answeredMs: number }
  | { readonly kind: 'refused'; readonly refusal: Refusal }

/** Below `/api/archives/`: one archive, and what it is asked. */
export const pathOfArchive = (name: string, act: 'echo' | 'studies' | 'series' | 'fetch' | 'send'): string =>
  `archives/${encodeURIComponent(name)}/${act}`

/** The archives that the owner named, and which of them is asked. Listing them reads settings and contacts nobody. */
export const useArchives = defineStore('archives', () => {
  const list = shallowRef<ArchiveList | null>(null)
  const refusal = shallowRef<Refusal | null>(null)
  const chosenName = ref<string | null>(null)
  const echoes = shallowRef<ReadonlyMap<string, Echo>>(new Map())

  const all = computed<readonly ArchiveSummary[]>(() => list.value?.archives ?? [])
  const chosen = computed<ArchiveSummary | null>(
    () =>
      all.value.find(({ name }) => name === chosenName.value) ??
      all.value.find((archive) => archive.refusal === null) ??
      all.value[0] ??
      null,
  )

  async function load(): Promise<void> {
    const answer = await getJson('archives', ArchiveList)
    refusal.value = answer.ok ? answer.value.refusal : answer.refusal
    if (answer.ok) list.value = answer.value
  }

  /** Whether an archive answers, and lets us in. */
  async function echo(name: string): Promise<void> {
    const say = (echoed: Echo): void => {
      echoes.value = new Map([...echoes.value, [name, echoed]])
    }
    say({ kind: 'asking' })
    const answer = await postJson(pathOfArchive(name, 'echo'), {}, ArchiveEcho)
    say(
      answer.ok
        ? { kind: 'answered', answeredMs: answer.value.answeredMs }
        : { kind: 'refused', refusal: answer.refusal },
    )
  }

  return { list, refusal, chosenName, chosen, all, echoes, load, echo }
})
