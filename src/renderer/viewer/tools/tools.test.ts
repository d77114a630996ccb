import { describe, expect, it } from 'vitest'
import type { Camera } from '../camera'
import type { ViewportWindow } from '../viewport-types'
import type { RulerEnds, ToolActions } from './gesture'
import { toolForPress } from './gesture-choice'
import { crossTool } from './cross-tool'
import { drawTool } from './draw-tool'
import { panTool } from './pan-tool'
import { rulerTool } from './ruler-tool'
import { selectTool } from './select-tool'
import { draggedWindow, windowTool } from './window-tool'
import { zoomTool } from './zoom-tool'

/** A viewport that remembers what was done to it: one CSS pixel is one image pixel. */
function recorder() {
  const seen = {
    camera: { zoom: 1, centre: { column: 0, row: 0 } } as Camera,
    window: { centre: -600, width: 1500 } as ViewportWindow,
    picks: [] as { x: number; y: number }[],
    draft: null as RulerEnds | null,
    rulers: [] as RulerEnds[],
    inset: { x: 500, y: 500 },
    cross: { column: 1, row: 2 },
  }
  const actions: ToolActions = {
    camera: () => seen.camera,
    setCamera: (camera) => {
      seen.camera = camera
    },
    panBy: (dx, dy) => {
      const { centre, zoom } = seen.camera
      seen.camera = { zoom, centre: { column: centre.column - dx, row: centre.row - dy } }
    },
    zoomAt: (factor) => {
      seen.camera = { ...seen.camera, zoom: seen.camera.zoom * factor }
    },
    window: () => seen.window,
    setWindow: (window) => {
      seen.window = window
    },
    pick: ({ x, y }) => {
      seen.picks.push({ x, y })
    },
    insetBoxAt: (at) => (Math.abs(at.x - seen.inset.x) < 20 ? seen.inset : null),
    moveInset: ({ x, y }) => {
      seen.inset = { x, y }
    },
    moveCross: (at) => {
      seen.cross = at
    },
    crossPoint: () => seen.cross,
    imagePoint: (at) => ({ column: at.x, row: at.y }),
    beginStroke: () => null,
    beginMeasure: () => null,
    takeRuler: () => null,
    draftRuler: (ends) => {
      seen.draft = ends
    },
    finishRuler: (ends) => {
      seen.rulers.push(ends)
    },
  }
  return { seen, actions }
}
const at = (x: number, y: number, opposite = false) => ({ x, y, opposite })

describe('crosshair', () => {
  it('goes where it is pressed, follows the drag, and Escape puts it back', () => {
    const { seen, actions } = recorder()
    const gesture = crossTool(at(40, 50), actions)
    expect(seen.cross).toEqual({ column: 40, row: 50 })
    gesture.move(at(44, 60))
    expect(seen.cross).toEqual({ column: 44, row: 60 })
    gesture.cancel()
    expect(seen.cross).toEqual({ column: 1, row: 2 })
  })
})

describe('stroke', () => {
  it('is a click where the pointer stayed; one that left and came back is none', () => {
    const ends: boolean[] = []
    const { actions } = recorder()
    const hands = {
      move: () => undefined,
      end: (_: unknown, isClick: boolean) => ends.push(isClick),
      cancel: () => undefined,
    }
    for (const path of [
      [[101, 52]],
      [
        [160, 50],
        [160, 90],
        [101, 51],
      ],
    ] as const) {
      const gesture = drawTool(at(100, 50), { ...actions, beginStroke: () => hands })
      for (const [x, y] of path) gesture.move(at(x, y))
      gesture.release(at(101, 51))
    }
    expect(ends).toEqual([true, false])
  })
})

describe('select', () => {
  it('picks where it was pressed, even if the hand shook', () => {
    const { seen, actions } = recorder()
    const gesture = selectTool(at(100, 50), actions)
    gesture.move(at(102, 51))
    gesture.release(at(102, 51))
    expect(seen.picks).toEqual([{ x: 100, y: 50 }])
    expect(seen.window).toEqual({ centre: -600, width: 1500 })
  })

  it('dragged, it is window and level and picks nothing', () => {
    const { seen, actions } = recorder()
    const gesture = selectTool(at(100, 50), actions)
    gesture.move(at(140, 50))
    gesture.release(at(140, 50))
    expect(seen.picks).toEqual([])
    // 40 px at 1500 / 400 units a pixel.
    expect(seen.window).toEqual({ centre: -600, width: 1650 })
  })

  it('Escape puts the window back', () => {
    const { seen, actions } = recorder()
    const gesture = selectTool(at(100, 50), actions)
    gesture.move(at(180, 90))
    gesture.cancel()
    expect(seen.window).toEqual({ centre: -600, width: 1500 })
    expect(seen.picks).toEqual([])
  })

  it('moves the box of the inset by the place it was taken at', () => {
    const { seen, actions } = recorder()
    const gesture = selectTool(at(510, 505), actions)
    gesture.move(at(410, 305))
    gesture.release(at(410, 305))
    expect(seen.inset).toEqual({ x: 400, y: 300 })
    expect(seen.picks).toEqual([])
  })
})

describe('pan, zoom, window', () => {
  it('the image follows the pointer, Escape brings it back', () => {
    const { seen, actions } = recorder()
    const gesture = panTool(at(10, 10), actions)
    gesture.move(at(30, 5))
    gesture.move(at(40, 0))
    expect(seen.camera.centre).toEqual({ column: -30, row: 10 })
    gesture.cancel()
    expect(seen.camera.centre).toEqual({ column: 0, row: 0 })
  })

  it('70 px upwards double the size; a click enlarges, with Shift it shrinks', () => {
    const { seen, actions } = recorder()
    zoomTool(at(0, 100), actions).move(at(0, 30))
    expect(seen.camera.zoom).toBeCloseTo(2, 9)
    zoomTool(at(0, 0), actions).release(at(0, 0))
    expect(seen.camera.zoom).toBeCloseTo(3, 9)
    zoomTool(at(0, 0), actions).release(at(0, 0, true))
    expect(seen.camera.zoom).toBeCloseTo(2, 9)
  })

  it('a window never gets narrower than one', () => {
    expect(draggedWindow({ centre: 40, width: 80 }, { x: 0, y: 0 }, { x: -5000, y: 0 }).width).toBe(1)
  })

  it('releasing keeps the window', () => {
    const { seen, actions } = recorder()
    const gesture = windowTool(at(0, 0), actions)
    gesture.move(at(0, 8))
    gesture.release(at(0, 8))
    expect(seen.window).toEqual({ centre: -570, width: 1500 })
  })
})

describe('ruler', () => {
  it('is shown while drawn and kept on release', () => {
    const { seen, actions } = recorder()
    const gesture = rulerTool(at(1, 2), actions)
    gesture.move(at(20, 30))
    expect(seen.draft).toEqual({ from: { column: 1, row: 2 }, to: { column: 20, row: 30 } })
    gesture.release(at(21, 30))
    expect(seen.draft).toBeNull()
    expect(seen.rulers).toEqual([{ from: { column: 1, row: 2 }, to: { column: 21, row: 30 } }])
  })

  it('Escape and clicks leave nothing', () => {
    const { seen, actions } = recorder()
    const dropped = rulerTool(at(1, 2), actions)
    dropped.move(at(20, 30))
    dropped.cancel()
    rulerTool(at(1, 2), actions).release(at(2, 2))
    expect(seen.draft).toBeNull()
    expect(seen.rulers).toEqual([])
  })
})

it('buttons: left is the tool, middle and Space pan, right zooms without a click', () => {
  expect(toolForPress(0, false, 'select')).toBe(selectTool)
  expect(toolForPress(0, true, 'ruler')).toBe(panTool)
  expect(toolForPress(1, false, 'ruler')).toBe(panTool)
  expect(toolForPress(3, false, 'select')).toBeNull()
  const { seen, actions } = recorder()
  toolForPress(2, false, 'select')?.(at(5, 5), actions).release(at(5, 5))
  expect(seen.camera.zoom).toBe(1)
})
