// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { nextTick, shallowRef } from 'vue'
import type { Camera } from './camera'
import { type LinkedCameras, useLinkedCameras } from './linked-cameras'
import { inSetup } from '../../../test/in-setup'
import type { ImageViewportMethods } from './viewport-types'

interface View extends ImageViewportMethods {
  /** What it was asked, in order. */
  readonly asked: string[]
  shown: Camera | null
}

const at = (zoom: number): Camera => ({ zoom, centre: { column: 1, row: 2 } })

/** A view that knows where it is and what it was asked. */
function view(zoom: number): View {
  const asked: string[] = []
  const made: View = {
    asked,
    shown: at(zoom),
    zoomBy: (factor) => asked.push(`zoom by ${factor}`),
    fit: () => asked.push('fit'),
    reset: () => asked.push('reset'),
    zoomTo: () => asked.push('zoom to'),
    follow: (camera) => {
      made.shown = camera
      asked.push(`follow ${camera.zoom}`)
    },
    camera: () => made.shown,
    isWhole: () => false,
    toggleCursor: () => undefined,
    rulers: () => [],
    layRulers: () => made.asked.push('rulers'),
  }
  return made
}

let one: View
let two: View
const second = shallowRef<ImageViewportMethods | null>(null)
let linked: LinkedCameras
let leave: () => void

beforeEach(() => {
  vi.stubGlobal('requestAnimationFrame', (paint: FrameRequestCallback) => {
    paint(0)
    return 0
  })
  one = view(1)
  two = view(9)
  second.value = null
  ;({ made: linked, leave } = inSetup(() =>
    useLinkedCameras(shallowRef<ImageViewportMethods | null>(one), second),
  ))
})
afterEach(() => {
  leave()
  vi.unstubAllGlobals()
})

const settled = async (): Promise<void> => {
  await nextTick()
  await nextTick()
}

test('the second view shows what the first shows as soon as it is there, and comes again', async () => {
  second.value = two
  await settled()
  expect(two.asked).toEqual(['follow 1'])
  second.value = null
  await settled()
  second.value = two
  await settled()
  expect(two.asked).toEqual(['follow 1', 'follow 1'])
  expect(one.asked).toEqual([])
})

test('who leads is followed, and whoever follows moves nobody: no echo goes to and fro', () => {
  second.value = two
  linked.moved(1, at(3))
  linked.moved(2, at(3))
  expect([one.asked, two.asked]).toEqual([[], ['follow 3']])
  linked.lead(2)
  linked.moved(2, at(5))
  linked.moved(1, at(5))
  expect([one.asked, two.asked]).toEqual([['follow 5'], ['follow 3']])
})

test('keys and lists act on the first view, which leads from then on', () => {
  second.value = two
  const grid = { originColumn: 0, originRow: 0, columnStep: 1, rowStep: 1, widthPx: 8, heightPx: 8 }
  const acts: readonly [() => void, string][] = [
    [
      () => {
        linked.methods.zoomBy(1.25)
      },
      'zoom by 1.25',
    ],
    [
      () => {
        linked.methods.fit()
      },
      'fit',
    ],
    [
      () => {
        linked.methods.reset()
      },
      'reset',
    ],
    [
      () => {
        linked.methods.zoomTo(grid)
      },
      'zoom to',
    ],
    [
      () => {
        linked.methods.follow(at(4))
      },
      'follow 4',
    ],
  ]
  for (const [act, words] of acts) {
    linked.lead(2)
    act()
    expect(one.asked.at(-1)).toBe(words)
    linked.moved(1, at(7))
    expect(two.shown).toEqual(at(7))
    two.shown = null
  }
  expect(linked.methods.camera()).toEqual(one.shown)
})

test('a window that changes its size lays the second view on the first, until the views are gone', async () => {
  second.value = two
  await settled()
  linked.lead(2)
  window.dispatchEvent(new Event('resize'))
  await settled()
  expect(two.asked).toEqual(['follow 1', 'follow 1'])
  linked.moved(1, at(6))
  expect(two.asked.at(-1)).toBe('follow 6')
  leave()
  window.dispatchEvent(new Event('resize'))
  await settled()
  expect(two.asked).toHaveLength(3)
})
