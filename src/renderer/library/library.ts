import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import { DemoOpened, type FetchRequest, ScanResult } from '../../contract'
import type { GivenFile } from './dropped-files'
import { getJson, postJson } from '../wire/http'
import { createActivities, type LibraryActivity, unlessPassed } from './library-activity'
import { followFetch, followScan, sendFiles } from './opening'

const NOTHING_READ: LibraryActivity = { kind: 'scanning', filesRead: 0, filesTotal: 0, path: '' }
/** What was opened, and opening more. */
export const useLibrary = defineStore('library', () => {
  const result = shallowRef<ScanResult | null>(null)
  const { activity, isBusy, begin, fail, cancel } = createActivities()

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

  /** Opens what a case of an earlier visit was opened from, where it lies; true when it went to its end. */
  const reopen = (recentId: string): Promise<boolean> =>
    scanAt(`recent/${recentId}/open`, {}, begin(NOTHING_READ))

  /** Sends files that only the page can read (dropped or picked), then scans them. */
  async function receive(files: readonly GivenFile[]): Promise<boolean> {
    const filesTotal = files.length
    const signal = begin({ kind: 'receiving', filesRead: 0, filesTotal })
    const sent = await sendFiles(files, signal, (filesRead) => {
      if (!signal.aborted) activity.value = { kind: 'receiving', filesRead, filesTotal }
    })
    return sent.ok ? scanAt(sent.value, {}, signal) : fail(sent.refusal)
  }

  /** Brings series from an archive here, then opens them; true when all of it is here. `path`: of the archive's fetch. */
  async function fetchSeries(path: string, request: FetchRequest): Promise<boolean> {
    const signal = begin({ kind: 'fetching', filesRead: 0, filesTotal: 0, sizeBytes: 0 })
    const answer = await followFetch(path, request, signal, ({ objectsDone, objectsTotal, bytes }) => {
      if (signal.aborted) return
      activity.value = {
        kind: 'fetching',
        filesRead: objectsDone,
        filesTotal: objectsTotal,
        sizeBytes: bytes,
      }
    })
    if (!answer.ok) return fail(answer.refusal)
    result.value = answer.value
    activity.value = { kind: 'idle' }
    return true
  }

  /** Makes and opens the built-in case. */
  async function openDemo(): Promise<DemoOpened | null> {
    begin({ kind: 'making-demo' })
    const answer = await postJson('demo', {}, DemoOpened)
    activity.value = { kind: 'idle' }
    if (answer.ok) await load()
    else fail(answer.refusal)
    return answer.ok ? answer.value : null
  }

  return { result, activity, isBusy, load, scan, reopen, receive, fetchSeries, openDemo, cancel }
})
