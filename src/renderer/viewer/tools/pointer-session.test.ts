// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { ViewportWindow } from '../viewport-types'
import type { ToolActions } from './gesture'
import { PointerSession } from './pointer-session'

const START: ViewportWindow = { centre: 40, width: 400 }
let element: HTMLElement
let session: PointerSession
let seen: {
  window: ViewportWindow
  picks: number
  panned: number
  zoomed: number
  scrolled: number[]
  taps: number
}

beforeEach(() => {
  element = document.createElement('div')
  document.body.append(element)
  // happy-dom has no pointer capture.
  Object.assign(element, {
    setPointerCapture: () => undefined,
    releasePointerCapture: () => undefined,
    hasPointerCapture: () => true,
  })
  seen = { window: START, picks: 0, panned: 0, zoomed: 0, scrolled: [], taps: 0 }
  const actions: ToolActions = {
    camera: () => ({ zoom: 1, centre: { column: 0, row: 0 } }),
    setCamera: () => undefined,
    panBy: (dx) => {
      seen.panned += dx
    },
    zoomAt: () => {
      seen.zoomed += 1
    },
    window: () => seen.window,
    setWindow: (window) => {
      seen.window = window
    },
    pick: () => {
      seen.picks += 1
    },
    insetBoxAt: () => null,
    moveInset: () => undefined,
    moveCross: () => undefined,
    beginMeasure: () => null,
    crossPoint: () => null,
    imagePoint: (at) => ({ column: at.x, row: at.y }),
    beginStroke: () => null,
    takeRuler: () => null,
    draftRuler: () => undefined,
    finishRuler: () => undefined,
  }
  session = new PointerSession(element, {
    tool: () => 'select',
    actions,
    hover: () => undefined,
    hasSlices: () => true,
    scroll: (delta) => {
      seen.scrolled.push(delta)
    },
    spaceHeld: () => undefined,
    spaceTapped: () => {
      seen.taps += 1
    },
  })
})

afterEach(() => {
  session.close()
  element.remove()
})

const pointer = (type: string, x: number, y: number, button = 0): void => {
  element.dispatchEvent(
    new PointerEvent(type, { clientX: x, clientY: y, button, pointerId: 1, bubbles: true, cancelable: true }),
  )
}
const key = (type: string, name: string): KeyboardEvent => {
  const event = new KeyboardEvent(type, { key: name, bubbles: true, cancelable: true })
  document.body.dispatchEvent(event)
  return event
}

it('a click picks once', () => {
  pointer('pointerdown', 10, 10)
  pointer('pointerup', 10, 10)
  expect(seen.picks).toBe(1)
})

it('Escape drops the gesture and goes no further; without a gesture it is left to others', () => {
  pointer('pointerdown', 10, 10)
  pointer('pointermove', 90, 10)
  expect(seen.window).not.toEqual(START)
  expect(key('keydown', 'Escape').defaultPrevented).toBe(true)
  expect(seen.window).toEqual(START)
  pointer('pointerup', 90, 10)
  expect(seen.picks).toBe(0)
  expect(key('keydown', 'Escape').defaultPrevented).toBe(false)
})

it('Space makes a press a pan; alone it is a tap, and only over the image', () => {
  key('keydown', ' ')
  key('keyup', ' ')
  expect(seen.taps).toBe(0)
  pointer('pointermove', 5, 5)
  key('keydown', ' ')
  pointer('pointerdown', 10, 10)
  pointer('pointermove', 40, 10)
  pointer('pointerup', 40, 10)
  key('keyup', ' ')
  expect([seen.panned, seen.picks, seen.taps]).toEqual([30, 0, 0])
  key('keydown', ' ')
  key('keyup', ' ')
  expect(seen.taps).toBe(1)
})

it('Space stays with a button that has the focus', () => {
  const button = document.createElement('button')
  document.body.append(button)
  pointer('pointermove', 5, 5)
  const event = new KeyboardEvent('keydown', { key: ' ', bubbles: true, cancelable: true })
  button.dispatchEvent(event)
  expect(event.defaultPrevented).toBe(false)
  button.remove()
})

it('the wheel scrolls slices, five with Shift, and zooms with Ctrl', () => {
  // happy-dom's WheelEvent takes no modifier keys.
  const wheel = ({ deltaY, shiftKey = false, ctrlKey = false }: WheelEventInit): void => {
    const event = new WheelEvent('wheel', { bubbles: true, cancelable: true, deltaY: deltaY ?? 0 })
    Object.defineProperties(event, { shiftKey: { value: shiftKey }, ctrlKey: { value: ctrlKey } })
    element.dispatchEvent(event)
  }
  wheel({ deltaY: 100 })
  wheel({ deltaY: -100, shiftKey: true })
  wheel({ deltaY: -100, ctrlKey: true })
  expect(seen.scrolled).toEqual([1, -5])
  expect(seen.zoomed).toBe(1)
})
