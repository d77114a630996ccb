// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { expect, it } from 'vitest'
import SliceTrack from './SliceTrack.vue'

const track = (index: number) =>
  mount(SliceTrack, {
    props: { slice: { index, count: 133, marks: [{ first: 38, last: 46, kind: 'run' }] } },
  })

it('is a slider that counts slices from one', () => {
  const slider = track(43).get('[role=slider]')
  expect(slider.attributes('aria-valuemin')).toBe('1')
  expect(slider.attributes('aria-valuenow')).toBe('44')
  expect(slider.attributes('aria-valuemax')).toBe('133')
  expect(slider.attributes('aria-valuetext')).toBe('slice 44 of 133')
})

it('arrows, page keys, Home and End choose slices', async () => {
  const wrapper = track(43)
  for (const key of ['ArrowDown', 'ArrowUp', 'PageDown', 'Home', 'End', 'x'])
    await wrapper.trigger('keydown', { key })
  expect(wrapper.emitted('slice')).toEqual([[44], [42], [48], [0], [132]])
})

it('stays within the series and says nothing where nothing changes', async () => {
  const wrapper = track(0)
  await wrapper.trigger('keydown', { key: 'ArrowUp' })
  await wrapper.trigger('keydown', { key: 'Home' })
  expect(wrapper.emitted('slice')).toBeUndefined()
})

it('marks the slices of the run', () => {
  expect(track(43).findAll('.mark.run')).toHaveLength(1)
})
