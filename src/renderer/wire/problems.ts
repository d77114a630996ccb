import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { ALMOST_BLACK, type Refusal, type Warning } from '../../contract'
import { nowMs } from '../browser/clock'

/** Something that waits for the reader: stays in the list until dealt with. */
export interface Problem {
  readonly key: string
  readonly tone: 'error' | 'warning'
  readonly title: string
  readonly detail: string
  readonly code: string
  readonly atMs: number
}

/** What the reader stopped, what is withheld, and what no model is run on unasked: said where it would stand. */
const NO_PROBLEM: ReadonlySet<Refusal['code']> = new Set(['cancelled', 'blind', ALMOST_BLACK])

/** The one list of errors and warnings ("What needs you", F8). */
export const useProblems = defineStore('problems', () => {
  const list = ref<readonly Problem[]>([])
  const errorCount = computed(() => list.value.filter((problem) => problem.tone === 'error').length)
  const warningCount = computed(() => list.value.length - errorCount.value)

  /** Adds a problem; the same key replaces what stood there, so that a repeated failure is one line. */
  function add(problem: Omit<Problem, 'atMs'>): void {
    const others = list.value.filter((other) => other.key !== problem.key)
    list.value = [{ ...problem, atMs: nowMs() }, ...others]
  }

  function addRefusal(key: string, title: string, refusal: Refusal): void {
    if (NO_PROBLEM.has(refusal.code)) return
    const detail = [refusal.reason, refusal.next].filter((text) => text !== undefined).join(' ')
    add({ key, tone: 'error', title, detail, code: refusal.code })
  }

  function addWarnings(key: string, title: string, warnings: readonly Warning[]): void {
    for (const warning of warnings) {
      add({
        key: `${key}/${warning.code}`,
        tone: 'warning',
        title: warning.text,
        detail: title,
        code: warning.code,
      })
    }
  }

  function settle(key: string): void {
    list.value = list.value.filter((problem) => problem.key !== key)
  }

  /**
   * The image `id` is no longer before the reader: what was said of it as "this photograph" would be read as said of the
   * next one. It is said again when the image is opened again.
   */
  function leave(id: string): void {
    list.value = list.value.filter((problem) => !problem.key.split(/[/"]/).includes(id))
  }

  /** What was refused for this alone is dealt with once it is over: the program answers, or somebody is signed in. */
  function settleCode(code: 'no-answer' | 'signed-out'): void {
    list.value = list.value.filter((problem) => problem.code !== code)
  }

  return { list, errorCount, warningCount, add, addRefusal, addWarnings, settle, leave, settleCode }
})
