// @vitest-environment happy-dom
import { beforeEach, expect, it } from 'vitest'
import type { Subject } from '../../contract'
import { keepForVisit, keptForVisit } from '../browser/kept'
import { isOfThisVisit, leftOff, takeUp } from './left-off'

const SERIES: Subject = { kind: 'series', seriesUid: '1.2.3' }

beforeEach(() => {
  window.sessionStorage.clear()
})

it('takes up in a new visit what an earlier one left, without the rulers of the page', () => {
  keepForVisit('look.series/1.2.3', '{"slice":4,"rulers":[{"lengthPx":9}]}')
  keepForVisit('planes.series/1.2.3', '{"layout":"1x2"}')
  const left = leftOff(SERIES)
  window.sessionStorage.clear()
  expect(isOfThisVisit(SERIES)).toBe(false)
  takeUp(SERIES, left)
  expect(keptForVisit('look.series/1.2.3')).toBe('{"slice":4,"rulers":[]}')
  expect(keptForVisit('planes.series/1.2.3')).toBe('{"layout":"1x2"}')
  expect(keptForVisit('places.series/1.2.3')).toBeNull()
})

it('never puts an earlier visit over this one', () => {
  keepForVisit('look.series/1.2.3', '{"slice":7,"rulers":[]}')
  takeUp(SERIES, { look: '{"slice":4,"rulers":[]}', planes: null, places: '{}' })
  expect(keptForVisit('look.series/1.2.3')).toBe('{"slice":7,"rulers":[]}')
  expect(keptForVisit('places.series/1.2.3')).toBeNull()
})

it('leaves out what is longer than anybody makes it, and what is no note of a page', () => {
  keepForVisit('look.series/1.2.3', 'no JSON')
  keepForVisit('places.series/1.2.3', 'x'.repeat(65_537))
  expect(leftOff(SERIES)).toEqual({ look: null, planes: null, places: null })
})
