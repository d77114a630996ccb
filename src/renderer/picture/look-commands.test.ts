import { describe, expect, it } from 'vitest'
import { setClock } from '../browser/clock'
import { createViewSettings } from './view-settings'
import { lookCommands } from './look-commands'

function xKey() {
  let timeMs = 1000
  setClock(() => timeMs)
  const settings = createViewSettings('contours')
  const hide = lookCommands(settings, () => null).hide
  return {
    settings,
    hold: (forMs: number) => {
      hide?.run('down')
      const whileHeld = settings.hidden.value
      timeMs += forMs
      hide?.run('up')
      return whileHeld
    },
  }
}

describe('X', () => {
  it('hides while it is held and brings back what was there', () => {
    const { settings, hold } = xKey()
    expect(hold(900)).toBe(true)
    expect(settings.hidden.value).toBe(false)
  })

  it('toggles on a tap', () => {
    const { settings, hold } = xKey()
    hold(80)
    expect(settings.hidden.value).toBe(true)
    hold(900)
    expect(settings.hidden.value).toBe(true)
    hold(80)
    expect(settings.hidden.value).toBe(false)
  })
})

describe('the other keys', () => {
  it('turn through the three views and keep the opacity between clear and full', () => {
    const settings = createViewSettings('contours')
    const commands = lookCommands(settings, () => null)
    const seen = Array.from({ length: 4 }, () => {
      commands.mode?.run('down')
      return settings.mode.value
    })
    expect(seen).toEqual(['bands', 'map', 'contours', 'bands'])
    for (let press = 0; press < 15; press += 1) commands.stronger?.run('down')
    expect(settings.layers.value.mapOpacity).toBe(1)
    for (let press = 0; press < 15; press += 1) commands.fainter?.run('down')
    expect(settings.layers.value.mapOpacity).toBe(0)
  })
})
