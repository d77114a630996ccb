// @vitest-environment happy-dom
import { flushPromises } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Attempt, DocumentEdit, JournalEntry, OpenAttempt } from '../../../contract'
import { inSetup } from '../../../../test/in-setup'
import { useProblems } from '../../wire/problems'
import { type OpenedAttempt, useAttempt } from './use-attempt'
import { useUnsentJournals } from '../../wire/unsent-journals'

const subject = { kind: 'image', imageId: 'photo' } as const
const request: OpenAttempt = { subject, blind: true, panelId: null }
const AT = '2026-01-01T00:00:00.000Z'

/** What the program holds of this rater and picture, and what reached it. */
let attempts: Attempt[]
let entries: JournalEntry[]
let asked: { readonly method: string; readonly path: string; readonly body: Record<string, unknown> }[]
/** Whether gestures reach the disk. */
let isDiskFull: boolean
/** Whether the program takes a commit. */
let takesCommits: boolean

const attemptOf = (number: number, more: Partial<Attempt> = {}): Attempt => ({
  ...{ attemptId: `attempt-${number}`, subject, panelId: null, casePosition: null, raterId: 'r', number },
  ...{ state: 'draft', blind: true, openedAt: AT, committedAt: null, revision: entries.length },
  ...{ digest: null, readingMs: 0, slicesSeen: 0, exposures: [], ...more },
})
const newest = (): Attempt => attempts.at(-1) ?? attemptOf(0)
const refusal = { code: 'workspace-failed', reason: 'The disk is full.' }
const detail = (attempt: Attempt) => ({ attempt, widthPx: 4, heightPx: 4, entries })

/** The program's side of the attempt's routes. */
function program(method: string, path: string, body: Record<string, unknown>): unknown {
  if (path.includes('/entries?after=')) return { entries: entries.slice(Number(path.split('=').at(-1))) }
  if (method === 'GET')
    return path.includes('attempts?') ? { attempts, withheld: null, wasShown: false } : detail(newest())
  if (path.endsWith('/commit')) {
    if (!takesCommits) return { refusal: { code: 'revision-conflict', reason: 'Another window drew.' } }
    attempts[attempts.length - 1] = attemptOf(newest().number, { state: 'committed', committedAt: AT })
    return newest()
  }
  if (path.endsWith('/entries')) {
    if (isDiskFull) return { refusal }
    const revision = entries.length + 1
    entries.push({ ...(body as unknown as JournalEntry), revision, at: AT })
    return { revision, at: AT }
  }
  if (newest().state === 'committed') entries = []
  if (attempts.length === 0 || newest().state === 'committed')
    attempts.push(attemptOf(attempts.length + 1, { blind: body['blind'] === true }))
  return detail(newest())
}

beforeEach(() => {
  setActivePinia(createPinia())
  attempts = []
  entries = []
  asked = []
  isDiskFull = false
  takesCommits = true
  vi.stubGlobal('fetch', (input: string, init?: RequestInit) => {
    const method = init?.method ?? 'GET'
    const body = typeof init?.body === 'string' ? (JSON.parse(init.body) as Record<string, unknown>) : {}
    asked.push({ method, path: input, body })
    const answer = program(method, input, body)
    const status = answer === null || typeof answer !== 'object' || !('refusal' in answer) ? 200 : 503
    return Promise.resolve(
      new Response(JSON.stringify(answer), { status, headers: { 'content-type': 'application/json' } }),
    )
  })
})
let leave = (): void => undefined
afterEach(() => {
  leave()
  vi.unstubAllGlobals()
})

async function open(): Promise<OpenedAttempt> {
  const set = inSetup(() => useAttempt(request))
  leave = set.leave
  await flushPromises()
  return set.made
}
const structure = (position: number): DocumentEdit => ({
  kind: 'add-structure',
  title: `New ${position}`,
  structureId: `s${position}`,
  label: `Vessel ${position}`,
  position,
})
const labels = (opened: OpenedAttempt): readonly string[] =>
  opened.state.value?.document.structures.map(({ label }) => label) ?? []

test('a gesture is shown at once, and counts as saved when it is acknowledged', async () => {
  const opened = await open()
  expect(opened.isDraft.value).toBe(true)
  expect(opened.add(structure(0))).toBe(true)
  expect(labels(opened)).toEqual(['Vessel 0'])
  expect([opened.state.value?.unsent, useUnsentJournals().count]).toEqual([1, 1])
  await flushPromises()
  expect([opened.state.value?.unsent, useUnsentJournals().count]).toEqual([0, 0])
  opened.undo()
  expect(labels(opened)).toEqual([])
  opened.redo()
  expect(labels(opened)).toEqual(['Vessel 0'])
  await flushPromises()
  expect(entries.map(({ undoes }) => undoes !== null)).toEqual([false, true, true])
})

test('a gesture that does not fit is refused in words and leaves the drawing as it is', async () => {
  const opened = await open()
  opened.add(structure(0))
  expect(opened.add(structure(0))).toBe(false)
  expect(labels(opened)).toEqual(['Vessel 0'])
  expect(useProblems().list.map(({ title }) => title)).toEqual(['The gesture does not fit'])
})

test('a commit waits for every gesture, names the revision it fixes, and closes the drawing', async () => {
  const opened = await open()
  opened.add(structure(0))
  opened.add(structure(1))
  expect(await opened.commit({ readingMs: 1500, slicesSeen: 1 })).toBe(true)
  const commitment = asked.at(-1)
  expect(commitment?.path).toContain('/commit')
  expect(commitment?.body).toEqual({ expectedRevision: 2, readingMs: 1500, slicesSeen: 1 })
  expect(opened.isDraft.value).toBe(false)
  expect(opened.add(structure(2))).toBe(false)
  const before = asked.length
  expect(await opened.commit({ readingMs: 1500, slicesSeen: 1 })).toBe(false)
  expect(asked).toHaveLength(before)
})

test('a commit that is refused leaves the draft open and says why', async () => {
  const opened = await open()
  takesCommits = false
  const undoes = null
  entries.push({ entryId: crypto.randomUUID(), revision: 1, at: AT, edit: structure(0), undoes })
  expect(await opened.commit({ readingMs: 0, slicesSeen: 0 })).toBe(false)
  expect(useProblems().list.map(({ title }) => title)).toEqual(['The reading was not committed'])
  expect(opened.isDraft.value).toBe(true)
  // What another window drew is seen before it is committed.
  expect(opened.commitRefusal.value?.reason).toBe('This reading went on in another window.')
  expect(labels(opened)).toEqual(['Vessel 0'])
  takesCommits = true
  expect(await opened.commit({ readingMs: 0, slicesSeen: 0 })).toBe(true)
  expect(opened.commitRefusal.value).toBe(null)
})

test('without a disk nothing is committed, nothing is lost, and it says so until it is over', async () => {
  const opened = await open()
  isDiskFull = true
  opened.add(structure(0))
  await flushPromises()
  expect(await opened.commit({ readingMs: 0, slicesSeen: 0 })).toBe(false)
  expect(asked.some(({ path }) => path.endsWith('/commit'))).toBe(false)
  expect(labels(opened)).toEqual(['Vessel 0'])
  expect(useProblems().list.map(({ title }) => title)).toEqual(['Your last gestures are not on disk yet'])
  expect(opened.commitRefusal.value?.reason).toMatch(/^Not committed: .*not on disk yet/)
  isDiskFull = false
  opened.tryAgain()
  await flushPromises()
  expect(opened.commitRefusal.value).toBe(null)
  expect(useProblems().list).toEqual([])
  expect(await opened.commit({ readingMs: 0, slicesSeen: 0 })).toBe(true)
})

test('whoever leaves and comes back finds gestures that were not sent', async () => {
  const first = await open()
  isDiskFull = true
  first.add(structure(0))
  await flushPromises()
  leave()
  const journals = useUnsentJournals()
  expect(journals.count).toBe(1)
  expect(useProblems().list.map(({ title }) => title.replaceAll('\u00a0', ' '))).toEqual([
    '1 gesture of a reading that you left is not on disk yet',
  ])
  const again = await open()
  expect(labels(again)).toEqual(['Vessel 0'])
  isDiskFull = false
  again.tryAgain()
  await flushPromises()
  expect([journals.count, entries.length, useProblems().list]).toEqual([0, 1, []])
})

test('a committed reading is shown again without another one being begun; the next one is not blind', async () => {
  attempts = [attemptOf(1, { state: 'committed', committedAt: AT })]
  const opened = await open()
  expect(asked.filter(({ method }) => method === 'POST')).toEqual([])
  expect([opened.attempt.value?.number, opened.isDraft.value]).toEqual([1, false])
  opened.another()
  await flushPromises()
  expect(asked.filter(({ method }) => method === 'POST').map(({ body }) => body['blind'])).toEqual([false])
  expect([opened.attempt.value?.number, opened.isDraft.value]).toEqual([2, true])
})
