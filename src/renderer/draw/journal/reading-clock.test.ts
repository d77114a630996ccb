// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { defineComponent, nextTick, ref } from 'vue'
import { setClock } from '../../browser/clock'
import { keepText, keptText } from '../../browser/kept'
import { type ReadingCount, useReadingCount } from './reading-clock'

const attemptId = ref<string | null>(null)
const open = ref(true)
let focus = true

/** The count as a view has it; time passes only by `pass`. */
function mounted(): { readonly count: ReadingCount; readonly unmount: () => void } {
  const held: { count: ReadingCount | null } = { count: null }
  const view = mount(
    defineComponent({
      setup: () => {
        held.count = useReadingCount(
          () => attemptId.value,
          () => open.value,
        )
        return () => null
      },
    }),
  )
  if (held.count === null) throw new Error('not set up')
  return {
    count: held.count,
    unmount: () => {
      view.unmount()
    },
  }
}
const pass = (ms: number): void => {
  vi.advanceTimersByTime(ms)
}
const openAttempt = async (id: string | null): Promise<void> => {
  attemptId.value = id
  await nextTick()
}

beforeEach(() => {
  vi.useFakeTimers()
  setClock(() => Date.now())
  window.localStorage.clear()
  attemptId.value = null
  open.value = true
  focus = true
  vi.spyOn(document, 'hasFocus').mockImplementation(() => focus)
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

test('time counts while the window is looked at and the reading is open', async () => {
  const { count, unmount } = mounted()
  await openAttempt('one')
  pass(5_000)
  expect(count.readingMs.value).toBe(5_000)
  focus = false
  pass(60_000)
  focus = true
  pass(2_000)
  expect(count.readingMs.value).toBe(7_000)
  open.value = false
  pass(9_000)
  expect(count.readingMs.value).toBe(7_000)
  unmount()
  open.value = true
  pass(9_000)
  expect(count.readingMs.value).toBe(7_000)
})

test('nobody before the window is no reading: a minute after the last act the clock stops, and goes on with the next', async () => {
  const { count, unmount } = mounted()
  await openAttempt('one')
  pass(30_000)
  window.dispatchEvent(new Event('pointermove'))
  pass(600_000)
  expect(count.readingMs.value).toBe(90_000)
  window.dispatchEvent(new Event('keydown'))
  pass(5_000)
  expect(count.readingMs.value).toBe(95_000)
  unmount()
})

test('each slice counts once, and none after the reading is fixed', async () => {
  const { count, unmount } = mounted()
  await openAttempt('one')
  for (const slice of [3, 4, 3, 5]) count.see(slice)
  expect(count.slicesSeen.value).toBe(3)
  open.value = false
  count.see(6)
  expect(count.slicesSeen.value).toBe(3)
  unmount()
})

test('counts go on after a reload, for the same attempt', async () => {
  const first = mounted()
  await openAttempt('one')
  first.count.see(8)
  first.count.see(9)
  pass(3_000)
  first.unmount()
  await openAttempt(null)
  const again = mounted()
  await openAttempt('one')
  expect([again.count.readingMs.value, again.count.slicesSeen.value]).toEqual([3_000, 2])
  again.count.see(9)
  expect(again.count.slicesSeen.value).toBe(2)
  again.unmount()
})

test('another attempt begins at nothing', async () => {
  const { count, unmount } = mounted()
  await openAttempt('one')
  count.see(1)
  count.see(2)
  pass(4_000)
  await openAttempt('two')
  expect([count.readingMs.value, count.slicesSeen.value]).toEqual([0, 0])
  count.see(2)
  pass(1_000)
  expect([count.readingMs.value, count.slicesSeen.value]).toEqual([1_000, 1])
  expect(JSON.parse(keptText('reading.two') ?? '')).toEqual({ ms: 1_000, slices: [2] })
  expect(JSON.parse(keptText('reading.one') ?? '')).toEqual({ ms: 4_000, slices: [1, 2] })
  unmount()
})

test.each(['', 'no JSON', '{"ms":-1,"slices":[]}', '{"ms":"5","slices":[]}', '{"ms":5}', '[]', 'null'])(
  'what was kept and is no count (%s) is nothing',
  async (text) => {
    keepText('reading.one', text)
    const { count, unmount } = mounted()
    await openAttempt('one')
    expect([count.readingMs.value, count.slicesSeen.value]).toEqual([0, 0])
    unmount()
  },
)
