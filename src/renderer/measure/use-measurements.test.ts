// @vitest-environment happy-dom
import { flushPromises } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Measurement, MeasurementEntry } from '../../contract'
import { inSetup } from '../../../test/in-setup'
import { useProblems } from '../wire/problems'
import { useUnsentJournals } from '../wire/unsent-journals'
import { type Measurements, useMeasurements } from './use-measurements'

const subject = { kind: 'image', imageId: 'photo' } as const

/** What the store holds, and how it answers: not at all, as one that does not know this browser, or as it should. */
let stored: MeasurementEntry[]
let mood: 'answers' | 'away' | 'unknown'

function program(method: string, body: Partial<MeasurementEntry>): unknown {
  if (method === 'GET') return { entries: stored }
  const { entryId = '', measurementId = '', state = null, undoes = null } = body
  const same = stored.find((entry) => entry.entryId === entryId)
  if (same !== undefined) return same
  const entry = {
    entryId,
    measurementId,
    state,
    undoes,
    number: stored.length + 1,
    at: new Date(7).toISOString(),
  }
  stored.push(entry)
  return entry
}

beforeEach(() => {
  setActivePinia(createPinia())
  vi.useFakeTimers()
  stored = []
  mood = 'answers'
  vi.stubGlobal('fetch', (_path: string, init?: RequestInit) => {
    if (mood === 'away') return Promise.reject(new TypeError('Failed to fetch'))
    if (mood === 'unknown') return Promise.resolve(new Response('<h1>Not let in</h1>', { status: 403 }))
    const body = typeof init?.body === 'string' ? (JSON.parse(init.body) as Partial<MeasurementEntry>) : {}
    return Promise.resolve(
      new Response(JSON.stringify(program(init?.method ?? 'GET', body)), {
        headers: { 'content-type': 'application/json' },
      }),
    )
  })
})
let leave = (): void => undefined
afterEach(() => {
  leave()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

async function open(): Promise<Measurements> {
  const set = inSetup(() => useMeasurements(subject))
  leave = set.leave
  await flushPromises()
  return set.made
}
const ruler = (name: string): Measurement => ({
  ...{ measurementId: crypto.randomUUID(), name, shape: 'ruler', place: { sliceIndex: 0 } },
  points: [
    { column: 0, row: 0 },
    { column: 9, row: 9 },
  ],
})
const names = (of: readonly Measurement[]): readonly string[] => of.map(({ name }) => name)

test('what is measured while the program is away outlives the view, and a program that does not know the browser', async () => {
  const first = await open()
  first.put(ruler('Ruler 1'))
  await flushPromises()
  mood = 'away'
  first.put(ruler('Ruler 2'))
  await flushPromises()
  // The program is back, but not for this browser: the view is made anew.
  mood = 'unknown'
  leave()
  const second = await open()
  await vi.advanceTimersByTimeAsync(60_000)
  expect([names(second.list.value), second.unsent.value, second.isLoaded.value]).toEqual([
    ['Ruler 1', 'Ruler 2'],
    1,
    true,
  ])
  expect(second.refusal.value).toMatchObject({
    code: 'signed-out',
    next: expect.stringContaining('address') as string,
  })
  expect(useUnsentJournals().count).toBe(1)
  leave()
  expect(useProblems().list.map(({ key }) => key)).toContain('left/measurements/imageId=photo')
  // Let in: it is sent without a view.
  mood = 'answers'
  await vi.advanceTimersByTimeAsync(60_000)
  expect([stored.map(({ state }) => state?.name), useUnsentJournals().count]).toEqual([
    ['Ruler 1', 'Ruler 2'],
    0,
  ])
  expect(useProblems().list).toEqual([])
})

test('steps that wait are laid after those of another window, and undo takes back what it was meant for', async () => {
  const here = await open()
  mood = 'away'
  here.put(ruler('Mine'))
  here.put(ruler('Mistake'))
  here.undo()
  await flushPromises()
  expect(names(here.list.value)).toEqual(['Mine'])
  mood = 'answers'
  const theirs = ruler('Theirs')
  program('POST', { entryId: crypto.randomUUID(), measurementId: theirs.measurementId, state: theirs })
  leave()
  const again = await open()
  expect(names(again.list.value)).toEqual(['Theirs', 'Mine'])
  expect(stored.map(({ undoes }) => undoes)).toEqual([null, null, null, 3])
  again.undo()
  await flushPromises()
  expect(names(again.list.value)).toEqual(['Theirs'])
})

test('what another window laid stands here as soon as this one is looked at again', async () => {
  const here = await open()
  here.put(ruler('Mine'))
  await flushPromises()
  const theirs = ruler('Theirs')
  program('POST', { entryId: crypto.randomUUID(), measurementId: theirs.measurementId, state: theirs })
  expect(names(here.list.value)).toEqual(['Mine'])
  window.dispatchEvent(new Event('focus'))
  await flushPromises()
  expect(names(here.list.value)).toEqual(['Mine', 'Theirs'])
})
