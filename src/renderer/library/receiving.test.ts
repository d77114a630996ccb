// @vitest-environment happy-dom
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, expect, test, vi } from 'vitest'
import type { ReceiverStatus } from '../../contract'
import { useReceiving } from './receiving'

const status = (state: ReceiverStatus['state']): ReceiverStatus => ({
  ...{ state, settings: null, refusal: null, sending: 0, deliveries: [], turnedAway: [] },
  earlier: { isOpening: false, objectsRead: 0, objectsTotal: 0, studiesLeft: 0 },
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

test('receiving that begins after the page was opened is followed, and one that is restarted at once', async () => {
  vi.useFakeTimers()
  setActivePinia(createPinia())
  let [state, looks]: [ReceiverStatus['state'], number] = ['off', 0]
  vi.stubGlobal('fetch', (path: string, init?: RequestInit) => {
    if (init?.method !== 'POST' && path.endsWith('archives/receiver')) looks += 1
    return Promise.resolve(new Response(JSON.stringify(status(state))))
  })
  const receiving = useReceiving()
  const stop = new AbortController()
  const following = receiving.follow(stop.signal)
  await vi.advanceTimersByTimeAsync(100)
  expect([receiving.status?.state, looks]).toEqual(['off', 1])
  state = 'listening'
  await vi.advanceTimersByTimeAsync(30_000)
  expect([receiving.status?.state, looks]).toEqual(['listening', 2])
  // From now on every two seconds.
  await vi.advanceTimersByTimeAsync(4_000)
  expect(looks).toBe(4)
  state = 'off'
  await vi.advanceTimersByTimeAsync(2_000)
  expect(looks).toBe(5)
  await receiving.restart()
  await vi.advanceTimersByTimeAsync(100)
  expect(looks).toBe(6)
  stop.abort()
  await vi.advanceTimersByTimeAsync(30_000)
  await following
})
