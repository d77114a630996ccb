import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import { DemoOpened, type Refusal, ScanResult } from '../../contract'
import type { GivenFile } from './dropped-files'
import { getJson, postJson } from '../wire/http'
import { followScan, sendFiles } from './opening'
import { useProblems } from '../wire/problems'

/** What the library is doing: counts are true counts, never a guess of a percentage. */
export type LibraryActivity =
  | { readonly kind: 'idle' | 'making-demo' }
  | { readonly kind: 'receiving' | 'opening'; readonly filesRead: number; readonly filesTotal: number }
  | {
      readonly kind: 'scanning'
      readonly filesRead: number
      readonly filesTotal: number
      readonly path: string
    }
  | { readonly kind: 'stopped'; readonly filesRead: number; readonly filesTotal: number }
  | { readonly kind: 'failed'; readonly refusal: Refusal }

const NOTHING_READ: LibraryActivity = { kind: 'scanning', filesRead: 0, filesTotal: 0, path: '' }
const PASSED: ReadonlySet<Refusal['code']> = new Set(['no-answer', 'signed-out'])
const BUSY: ReadonlySet<LibraryActivity['kind']> = new Set([
  'receiving',
  'opening',
  'scanning',
  'making-demo',
])

/** What was opened, and opening more. */
export const useLibrary = defineStore('library', () => {
  const result = shallowRef<ScanResult | null>(null)
  const activity = shallowRef<LibraryActivity>({ kind: 'idle' })
  const problems = useProblems()
  let control = new AbortController()

  const isBusy = computed(() => BUSY.has(activity.value.kind))
  function fail(refusal: Refusal): false {
    // A cancel has already said what it stopped.
    if (refusal.code === 'cancelled') return false
    activity.value = { kind: 'failed', refusal }
    problems.addRefusal('library', 'The library could not be read', refusal)
    return false
  }

  function begin(first: LibraryActivity): AbortSignal {
    control.abort()
    control = new AbortController()
    problems.settle('library')
    activity.value = first
    return control.signal
  }

  async function load(): Promise<void> {
    const answer = await getJson('library', ScanResult)
    if (answer.ok) [result.value, activity.value] = [answer.value, unlessPassed(activity.value)]
    else fail(answer.refusal)
  }

  async function scanAt(path: string, body: unknown, signal: AbortSignal): Promise<boolean> {
    const answer = await followScan(path, body, signal, (counts) => {
      if (!signal.aborted) activity.value = { ...counts, kind: 'scanning' }
    })
    if (!answer.ok) return fail(answer.refusal)
    result.value = answer.value
    activity.value = { kind: 'idle' }
    return true
  }

  /** Scans paths inside the opened roots; true when it went to its end. */
  const scan = (paths: readonly string[]): Promise<boolean> => scanAt('scans', { paths }, begin(NOTHING_READ))

  /** Sends files that only the page can read (dropped or picked), then scans them. */
  async function receive(files: readonly GivenFile[]): Promise<boolean> {
    const filesTotal = files.length
    const signal = begin({ kind: 'receiving', filesRead: 0, filesTotal })
    const sent = await sendFiles(files, signal, (filesRead) => {
      if (!signal.aborted) activity.value = { kind: 'receiving', filesRead, filesTotal }
    })
    return sent.ok ? scanAt(sent.value, {}, signal) : fail(sent.refusal)
  }

  /** Makes and opens the built-in case. */
  async function openDemo(): Promise<DemoOpened | null> {
    begin({ kind: 'making-demo' })
    const answer = await postJson('demo', {}, DemoOpened)
    if (!answer.ok) {
      fail(answer.refusal)
      return null
    }
    activity.value = { kind: 'idle' }
    await load()
    return answer.value
  }

  function cancel(): void {
    control.abort()
    activity.value = stopped(activity.value)
  }

  return { result, activity, isBusy, load, scan, receive, openDemo, cancel }
})

/** A failure that the next answer has overtaken is told no more. */
const unlessPassed = (now: LibraryActivity): LibraryActivity =>
  now.kind === 'failed' && PASSED.has(now.refusal.code) ? { kind: 'idle' } : now

/** Cancelled: what was opened before stays, and the counts say how far it came. */
function stopped(now: LibraryActivity): LibraryActivity {
  return now.kind === 'scanning' || now.kind === 'receiving' ? { ...now, kind: 'stopped' } : { kind: 'idle' }
}
