// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { computed, ref } from 'vue'
import { type Cine, useCine } from './use-cine'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** A series of so many slices, counted down the track. */
function playing(count: number) {
  const [wanted, isSettled] = [ref(0), ref(true)]
  const made: Cine[] = []
  const seen: number[] = []
  const goTo = (index: number): void => {
    wanted.value = index
    seen.push(index)
  }
  const below = (index: number, by: number): number => index + by
  const mounted = mount({
    setup() {
      made.push(
        useCine({
          ...{ wanted, goTo, below },
          isSettled: computed(() => isSettled.value),
          count: computed(() => count),
        }),
      )
      return () => null
    },
  })
  const [cine] = made
  if (cine === undefined) throw new Error('not mounted')
  return { cine, wanted, isSettled, seen, mounted }
}

it('turns slice after slice and from the start again, and stops where it was asked to', () => {
  const { cine, seen } = playing(3)
  cine.toggle()
  vi.advanceTimersByTime(450)
  expect(seen).toEqual([1, 2, 0, 1, 2])
  cine.toggle()
  vi.advanceTimersByTime(1000)
  expect([seen.length, cine.isPlaying.value]).toEqual([5, false])
})

it('waits for a slice that is on its way, and ends where anybody goes elsewhere or leaves', () => {
  const { cine, wanted, isSettled, seen, mounted } = playing(9)
  cine.toggle()
  isSettled.value = false
  vi.advanceTimersByTime(500)
  expect(seen).toEqual([1])
  isSettled.value = true
  vi.advanceTimersByTime(100)
  wanted.value = 7
  expect(cine.isPlaying.value).toBe(false)
  cine.toggle()
  mounted.unmount()
  const before = seen.length
  vi.advanceTimersByTime(1000)
  expect(seen.length).toBe(before)
})
