import { expect, it } from 'vitest'
import { NO_TRAVEL, slicesOfTurn, wheelPx, zoomOfTurn } from './wheel-steps'
import type { WheelTravel } from './wheel-steps'

const turn = (deltaY: number, timeMs = 0, deltaMode = 0) => ({ deltaX: 0, deltaY, deltaMode, timeMs })

it('one notch is one slice in every browser', () => {
  expect(slicesOfTurn(NO_TRAVEL, turn(100)).slices).toBe(1)
  expect(slicesOfTurn(NO_TRAVEL, turn(-120)).slices).toBe(-1)
  // Firefox tells three lines a notch.
  expect(slicesOfTurn(NO_TRAVEL, turn(3, 0, 1)).slices).toBe(1)
})

it('a touchpad gives one slice for every 30 px, in either direction', () => {
  let travel: WheelTravel = NO_TRAVEL
  let slices = 0
  for (let step = 0; step < 20; step += 1) {
    const result = slicesOfTurn(travel, turn(-6, step * 16))
    travel = result.travel
    slices += result.slices
  }
  // 20 turns of 6 px are 120 px.
  expect(slices).toBe(-4)
})

it('forgets half a movement after a pause or a change of direction', () => {
  const half = slicesOfTurn(NO_TRAVEL, turn(20, 1000)).travel
  expect(slicesOfTurn(half, turn(20, 1010)).slices).toBe(1)
  expect(slicesOfTurn(half, turn(20, 2000)).slices).toBe(0)
  expect(Math.abs(slicesOfTurn(half, turn(-20, 1010)).slices)).toBe(0)
})

it('reads the other axis when Shift has turned the wheel', () => {
  expect(wheelPx({ deltaX: 100, deltaY: 0, deltaMode: 0, timeMs: 0 })).toBe(100)
})

it('a notch up enlarges by a fifth, the same notch down undoes it', () => {
  expect(zoomOfTurn(turn(-100))).toBeCloseTo(1.2, 9)
  expect(zoomOfTurn(turn(-100)) * zoomOfTurn(turn(100))).toBeCloseTo(1, 12)
})
