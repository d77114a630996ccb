// @vitest-environment happy-dom
import { flushPromises, mount } from '@vue/test-utils'
import { beforeEach, expect, it } from 'vitest'
import { ref, shallowRef } from 'vue'
import type { SeriesDetail, Subject } from '../../contract'
import { forgetVisit } from '../browser/kept'
import type { Camera } from '../viewer/camera'
import type { ImageViewportMethods, Ruler, ViewportPicture } from '../viewer/viewport-types'
import { useKeptLook } from './use-kept-look'
import { createViewSettings } from './view-settings'

const SERIES: Subject = { kind: 'series', seriesUid: '1.2.3' }
const OWN_WINDOW = { centre: -600, width: 1600 }

/** A view of a subject: its picture comes when `show` is called. */
function viewOf(subject: Subject, camera: Camera, isWhole = false) {
  const view = createViewSettings('contours')
  const wanted = ref(0)
  const picture = shallowRef<ViewportPicture | null>(null)
  const detail = shallowRef<SeriesDetail | null>(null)
  const followed: Camera[] = []
  const rulers: Ruler[] = []
  const viewport = {
    camera: () => camera,
    isWhole: () => isWhole,
    follow: (to: Camera) => followed.push(to),
    rulers: () => rulers,
    layRulers: (laid: readonly Ruler[]) => rulers.push(...laid),
  }
  const shown = { picture, detail, wanted, goTo: (to: number) => (wanted.value = to) }
  const mounted = mount({
    setup() {
      useKeptLook(subject, view, shown as never, () => viewport as unknown as ImageViewportMethods)
      return () => null
    },
  })
  const show = async (): Promise<void> => {
    view.window.value = OWN_WINDOW
    detail.value = {} as SeriesDetail
    await flushPromises()
    picture.value = {} as ViewportPicture
    await flushPromises()
    await new Promise((resolve) => requestAnimationFrame(resolve))
  }
  return {
    view,
    wanted,
    followed,
    rulers,
    show,
    leave: () => {
      mounted.unmount()
    },
  }
}

const CAMERA: Camera = { zoom: 4, centre: { column: 100, row: 200 } }

beforeEach(() => {
  window.sessionStorage.clear()
})

it('a case that is come back to has the slice, the window and the zoom it was left with', async () => {
  const first = viewOf(SERIES, CAMERA)
  await first.show()
  expect(first.followed).toEqual([])
  first.wanted.value = 41
  first.view.window.value = { centre: 40, width: 400 }
  first.view.inverted.value = true
  await flushPromises()
  first.leave()
  const again = viewOf(SERIES, { ...CAMERA, zoom: 1 })
  expect(again.wanted.value).toBe(41)
  await again.show()
  expect(again.view.window.value).toEqual({ centre: 40, width: 400 })
  expect(again.view.inverted.value).toBe(true)
  expect(again.followed).toEqual([CAMERA])
})

it('a case that was shown whole is shown whole again, however large the window is by then', async () => {
  const first = viewOf(SERIES, CAMERA, true)
  await first.show()
  first.wanted.value = 41
  await flushPromises()
  first.leave()
  const again = viewOf(SERIES, { ...CAMERA, zoom: 2 }, true)
  await again.show()
  expect(again.wanted.value).toBe(41)
  expect(again.followed).toEqual([])
})

it('rulers are there again, each once, however often the case is left and however soon', async () => {
  const first = viewOf(SERIES, CAMERA)
  await first.show()
  const ends = { from: { column: 1, row: 2 }, to: { column: 4, row: 6 } }
  const ruler: Ruler = { pictureKey: 'series/1.2.3/1.2.3.4#0', ...ends, lengthPx: 5, lengthMm: 3.5 }
  first.rulers.push(ruler)
  first.leave()
  // Left before its picture came: what was kept stays.
  const short = viewOf(SERIES, CAMERA)
  short.wanted.value = 3
  await flushPromises()
  short.leave()
  for (let visit = 0; visit < 2; visit += 1) {
    const again = viewOf(SERIES, CAMERA)
    await again.show()
    expect(again.rulers).toEqual([ruler])
    again.leave()
  }
})

it('another case is shown as it opens, and one that was never seen keeps nothing', async () => {
  const first = viewOf(SERIES, CAMERA)
  first.leave()
  const again = viewOf(SERIES, CAMERA)
  await again.show()
  expect([again.wanted.value, again.followed]).toEqual([0, []])
  expect(again.view.window.value).toEqual(OWN_WINDOW)
  again.wanted.value = 7
  await flushPromises()
  again.leave()
  const other = viewOf({ kind: 'series', seriesUid: '9' }, CAMERA)
  await other.show()
  expect([other.wanted.value, other.followed]).toEqual([0, []])
})

it('what was kept is not for the next person at this window', async () => {
  const first = viewOf(SERIES, CAMERA)
  await first.show()
  first.wanted.value = 41
  await flushPromises()
  forgetVisit()
  first.leave()
  expect(viewOf(SERIES, CAMERA).wanted.value).toBe(0)
})
