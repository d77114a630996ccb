// @vitest-environment happy-dom
import { flushPromises } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Comparison, Difference } from '../../contract'
import { inSetup } from '../../../test/in-setup'
import { type ShownComparison, useComparison } from './use-comparison'

/** Questions that the page asked and that wait for their answer. */
let waiting: { readonly address: string; readonly answer: (body: unknown, status?: number) => void }[] = []
let shown: ShownComparison
let leave: () => void

const none = { value: null, low95: null, high95: null, n: 0, unit: 'none' as const, without: 'not asked' }
const differenceAt = (column: number): Difference => ({
  sliceIndex: 0,
  place: `column ${column}`,
  kind: 'only-own',
  area: { value: 4, unit: 'px2' },
  box: { column, row: 0, widthPx: 2, heightPx: 2 },
})
const comparisonOf = (lesionId: string, differences: readonly Difference[]): Comparison => ({
  subject: { kind: 'image', imageId: 'photo' },
  lesions: [],
  lesionId,
  readings: [],
  ownReadingId: null,
  counts: { outlined: 0, nothing: 0, cannotJudge: 0, notRead: 0 },
  pairs: [],
  meanDice: none,
  voxelKappa: none,
  positiveAgreement: none,
  differences: [...differences],
  specks: { count: 0, belowPx: 1 },
  consensus: null,
  warnings: [],
})

beforeEach(() => {
  setActivePinia(createPinia())
  waiting = []
  vi.stubGlobal(
    'fetch',
    (address: string) =>
      new Promise<Response>((given) => {
        const answer = (body: unknown, status = 200): void => {
          given(new Response(JSON.stringify(body), { status }))
        }
        waiting.push({ address, answer })
      }),
  )
  ;({ made: shown, leave } = inSetup(() => useComparison({ kind: 'image', imageId: 'photo' })))
})
afterEach(() => {
  leave()
  vi.unstubAllGlobals()
})

test('what is asked for is said, once a change', async () => {
  expect(waiting.map(({ address }) => address)).toEqual(['/api/comparisons?imageId=photo'])
  expect(shown.isLoading.value).toBe(true)
  shown.lesionId.value = 'a b'
  await flushPromises()
  shown.consensus.value = 'staple'
  await flushPromises()
  expect(waiting.slice(1).map(({ address }) => address)).toEqual([
    '/api/comparisons?imageId=photo&lesion=a%20b',
    '/api/comparisons?imageId=photo&lesion=a%20b&consensus=staple',
  ])
})

test('the answer to the newest question stands, in whatever order answers come', async () => {
  shown.lesionId.value = 'second'
  await flushPromises()
  waiting[1]?.answer(comparisonOf('second', []))
  await flushPromises()
  expect(shown.comparison.value?.lesionId).toBe('second')
  expect(shown.isLoading.value).toBe(false)
  waiting[0]?.answer(comparisonOf('first', []))
  await flushPromises()
  expect(shown.comparison.value?.lesionId).toBe('second')
})

test('steps go round over every difference, forwards and back, and begin anew with another lesion', async () => {
  shown.step(1)
  expect(shown.at.value).toBeNull()
  waiting[0]?.answer(comparisonOf('first', [differenceAt(0), differenceAt(10), differenceAt(20)]))
  await flushPromises()
  expect(shown.difference.value).toBeNull()
  const columns = [1, 1, 1, 1, -1, -1].map((by) => {
    shown.step(by)
    return shown.difference.value?.box.column
  })
  expect(columns).toEqual([0, 10, 20, 0, 20, 10])
  shown.lesionId.value = 'another'
  await flushPromises()
  expect(shown.at.value).toBeNull()
  shown.step(-1)
  expect(shown.at.value).toBe(2)
})

test('what becomes blind again is taken off the page; another failure leaves what stands', async () => {
  waiting[0]?.answer(comparisonOf('first', []))
  await flushPromises()
  void shown.load()
  waiting[1]?.answer({ refusal: { code: 'internal', reason: 'It broke.' } }, 500)
  await flushPromises()
  expect([shown.refusal.value?.code, shown.comparison.value?.lesionId]).toEqual(['internal', 'first'])
  void shown.load()
  waiting[2]?.answer({ refusal: { code: 'blind', reason: 'Not yet.' } }, 403)
  await flushPromises()
  expect([shown.refusal.value?.code, shown.comparison.value]).toEqual(['blind', null])
  void shown.load()
  waiting[3]?.answer(comparisonOf('first', []))
  await flushPromises()
  expect([shown.refusal.value, shown.comparison.value?.lesionId]).toEqual([null, 'first'])
})
