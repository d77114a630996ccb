// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, it } from 'vitest'
import { useCommands } from '../keys/dispatch'
import SliceTrack from './SliceTrack.vue'

beforeEach(() => {
  setActivePinia(createPinia())
})

/** A series of 133 whose slice 1 is index 0; or with the last index, slice 1, at the top. */
const track = (index: number, isLastAtTop = false) =>
  mount(SliceTrack, {
    props: {
      slice: {
        ...{ index, count: 133, marks: [{ first: 38, last: 46, kind: 'run' }], isLastAtTop },
        ...{ number: isLastAtTop ? 133 - index : index + 1, instanceNumber: null },
        ends: isLastAtTop ? { top: 'S', bottom: 'I' } : null,
      },
    },
  })

it('is a slider that says the number of the slice', () => {
  const slider = track(43).get('[role=slider]')
  expect(slider.attributes('aria-valuemin')).toBe('1')
  expect(slider.attributes('aria-valuenow')).toBe('44')
  expect(slider.attributes('aria-valuemax')).toBe('133')
  expect(slider.attributes('aria-valuetext')).toBe('slice 44 of 133')
})

it('arrows, page keys, Home and End go down and up the track', async () => {
  const keys = ['ArrowDown', 'ArrowUp', 'PageDown', 'Home', 'End', 'x']
  const chosen = async (wrapper: ReturnType<typeof track>) => {
    for (const key of keys) await wrapper.get('[role=slider]').trigger('keydown', { key })
    return wrapper.emitted('slice')
  }
  expect(await chosen(track(43))).toEqual([[44], [42], [48], [0], [132]])
  expect(await chosen(track(43, true))).toEqual([[42], [44], [38], [132], [0]])
})

it('stays within the series and says nothing where nothing changes', async () => {
  for (const wrapper of [track(0), track(132, true)]) {
    const slider = wrapper.get('[role=slider]')
    await slider.trigger('keydown', { key: 'ArrowUp' })
    await slider.trigger('keydown', { key: 'Home' })
    expect(wrapper.emitted('slice')).toBeUndefined()
  }
})

it('marks the slices of the run, and the slice that is shown, from the top', () => {
  expect(track(43).findAll('.mark.run')).toHaveLength(1)
  // Of 132 steps 44 are a third of the way down; where the last one is at the top, two thirds.
  expect(track(44).get('.knob').attributes('style')).toContain('33.3')
  expect(track(44, true).get('.knob').attributes('style')).toContain('66.6')
})

it('says which end is where, and one button turns the order', async () => {
  const wrapper = track(43, true)
  expect(wrapper.findAll('.end').map((end) => end.text())).toEqual(['S', 'I'])
  let turned = 0
  useCommands().register({ 'slice-order': { run: () => (turned += 1) } })
  await wrapper.get('button[aria-label="Head first: turn the order"]').trigger('click')
  expect(turned).toBe(1)
})
