import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import {
  type NewRecent,
  type RecentCase,
  RecentList,
  RecentNoted,
  type Refusal,
  type Result,
} from '../../contract'
import { useLocation } from '../browser/location'
import { getJson, postJson } from '../wire/http'
import { useSession } from '../wire/session'
import { isOfThisVisit, takeUp } from './left-off'
import { useLibrary } from './library'

/** What this rater had open in earlier visits, and opening it again where it was left. */
export const useRecent = defineStore('recent', () => {
  const session = useSession()
  const location = useLocation()
  const library = useLibrary()
  const cases = shallowRef<readonly RecentCase[]>([])
  /** The case whose files are to be given again; null: none is. */
  const awaited = ref<string | null>(null)
  /** The case that was not among what was opened for it. */
  const missing = ref<string | null>(null)
  /** Why nothing is kept for the next visit; null: it is. */
  const trouble = shallowRef<Refusal | null>(null)

  function hear(answer: Result<RecentList>): void {
    if (answer.ok) cases.value = answer.value.cases
    else trouble.value = answer.refusal.code === 'workspace-failed' ? answer.refusal : null
  }

  async function load(): Promise<void> {
    if (session.rater !== null && !session.isLocked) hear(await getJson('recent', RecentList))
  }

  async function note(one: NewRecent): Promise<void> {
    if (session.rater === null || session.isLocked) return
    const answer = await postJson('recent', one, RecentNoted)
    trouble.value = !answer.ok && answer.refusal.code === 'workspace-failed' ? answer.refusal : null
  }

  async function forget(recentId: string | null): Promise<void> {
    const path = recentId === null ? 'recent/clear' : `recent/${recentId}/forget`
    if (recentId === null || recentId === awaited.value) awaited.value = null
    hear(await postJson(path, {}, RecentList))
  }

  function goOn({ subject, left }: RecentCase): void {
    takeUp(subject, left)
    location.go({ view: 'read', subject })
  }

  /** Goes on with a case that is open by now; true: it is. */
  async function goOnWith(recentId: string): Promise<boolean> {
    await load()
    const found = cases.value.find((one) => one.recentId === recentId)
    const isOpen = found?.state === 'open'
    missing.value = isOpen ? null : recentId
    // Whoever went elsewhere meanwhile stays there.
    if (isOpen && location.place.view === 'library') goOn(found)
    return isOpen
  }

  async function open(one: RecentCase): Promise<void> {
    missing.value = null
    awaited.value = one.state === 'given' ? one.recentId : null
    if (one.state === 'open') goOn(one)
    else if (one.state === 'closed' && (await library.reopen(one.recentId))) await goOnWith(one.recentId)
  }

  /** Goes on with the case that its files were given again for, if it is among them. */
  async function takeUpGiven(): Promise<boolean> {
    const recentId = awaited.value
    if (recentId === null || !(await goOnWith(recentId))) return false
    awaited.value = null
    return true
  }

  /** Those that this visit has not looked at. */
  const ofEarlierVisits = (all: readonly RecentCase[]): readonly RecentCase[] =>
    all.filter(({ state, subject }) => state !== 'open' || !isOfThisVisit(subject))

  return { cases, awaited, missing, trouble, load, note, forget, open, takeUpGiven, ofEarlierVisits }
})
