// @vitest-environment happy-dom
import fc from 'fast-check'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it } from 'vitest'
import { takeUp, useKeys } from './chosen-keys'
import { COMMANDS, type CommandId, type CommandPlace } from './commands'
import { clashesIn, clashOf, DEFAULT_KEYS, keysOf, mustHaveKey, swapped, whyTaken, withKey } from './key-map'
import { PRESET_NAMES, presetKeys } from './key-presets'
import { commandsFor, type KeyPress } from './match'

const IDS: readonly CommandId[] = COMMANDS.map(({ id }) => id)
const KEYS = [...new Set([...DEFAULT_KEYS.values()].flat()), 'u', 'y', 'Shift+Z', 'Alt+b', 'F7']
const anyId = fc.constantFrom(...IDS)
const anyKey = fc.constantFrom(...KEYS)

const press = (key: string, more: Partial<KeyPress> = {}): KeyPress => ({
  ...{ key, code: '', ctrlKey: false, metaKey: false, altKey: false, shiftKey: false },
  ...more,
})

describe('a preset', () => {
  it.each(PRESET_NAMES)('%s gives no key two meanings, no taken key, and every command a way', (name) => {
    const map = presetKeys(name)
    expect(clashesIn(map)).toEqual([])
    for (const id of IDS) {
      for (const key of keysOf(map, id)) expect([id, key, whyTaken(id, key)]).toEqual([id, key, null])
      // Without a key it stands in the palette; these three do not, or open it.
      if (mustHaveKey(id)) expect(keysOf(map, id).length).toBeGreaterThan(0)
    }
  })

  it('is what its readers have in their fingers', () => {
    const runs = (name: (typeof PRESET_NAMES)[number], key: string, place: CommandPlace) =>
      commandsFor(press(key), place, presetKeys(name))[0]
    expect([runs('ohif', 'h', 'read'), runs('ohif', 'v', 'draw'), runs('ohif', 'r', 'read')]).toEqual([
      ...['flip-across', 'flip-down', 'rotate-right'],
    ])
    expect([runs('slicer', 'f', 'read'), runs('slicer', 'b', 'draw'), runs('slicer', 'g', 'read')]).toEqual([
      ...['slice-on', 'slice-back', 'hide'],
    ])
    expect([
      runs('itk-snap', '4', 'draw'),
      runs('itk-snap', '+', 'draw'),
      runs('itk-snap', 'a', 'read'),
    ]).toEqual([...['brush', 'brush-larger', 'fainter']])
    expect([runs('weasis', '7', 'read'), runs('weasis', 'c', 'read'), runs('weasis', 'g', 'draw')]).toEqual([
      ...['window-2', 'cine', 'brush'],
    ])
  })
})

describe('a change', () => {
  it('never leaves a key with two meanings nor a command without a way, whatever is changed after whatever', () => {
    const acts = fc.array(fc.tuple(anyId, anyKey), { maxLength: 12 })
    fc.assert(
      fc.property(fc.constantFrom(...PRESET_NAMES), acts, (name, changes) => {
        let map = presetKeys(name)
        for (const [id, key] of changes) {
          if (whyTaken(id, key) !== null) continue
          const other = clashOf(map, id, key)
          const next = other === null ? withKey(map, id, key) : swapped(map, id, key)
          if (next === null) continue
          expect(keysOf(next, id)).toEqual([key])
          // Nothing is overwritten in silence: who is neither of the two keeps its keys.
          for (const third of IDS)
            if (third !== id && third !== other) expect(keysOf(next, third)).toEqual(keysOf(map, third))
          map = next
        }
        expect(clashesIn(map)).toEqual([])
        for (const id of IDS.filter(mustHaveKey)) expect(keysOf(map, id).length).toBeGreaterThan(0)
      }),
    )
  })

  it('swaps: each has the other’s key', () => {
    expect(clashOf(DEFAULT_KEYS, 'invert', 'k')).toBe('sample-next')
    const map = swapped(DEFAULT_KEYS, 'invert', 'k')
    expect(map && [keysOf(map, 'invert'), keysOf(map, 'sample-next')]).toEqual([['k'], ['i']])
  })

  it('is refused what the browser keeps, by what it does there', () => {
    expect(whyTaken('invert', 'Mod+w')).toMatch(/closes the tab/)
    expect(whyTaken('invert', 'Mod+3')).toMatch(/another tab/)
    expect(whyTaken('invert', 'Escape')).not.toBeNull()
    expect(whyTaken('invert', 'ArrowDown')).toMatch(/scrolls/)
    expect(whyTaken('invert', 'Shift+Shift')).not.toBeNull()
    expect(whyTaken('invert', 'u')).toBeNull()
  })
})

describe('what was kept', () => {
  beforeEach(() => {
    window.localStorage.clear()
    setActivePinia(createPinia())
  })

  it('comes back after a restart, for each person their own', () => {
    const keys = useKeys()
    keys.ownedBy('one')
    keys.choose('ohif')
    keys.change(withKey(keys.map, 'invert', 'u'))
    keys.ownedBy('two')
    expect(keys.preset).toBe('margin')
    setActivePinia(createPinia())
    const again = useKeys()
    again.ownedBy('one')
    expect([again.preset, again.capOf('invert'), again.capOf('flip-across')]).toEqual(['ohif', 'U', 'H'])
    expect(again.isChanged('invert')).toBe(true)
    again.choose('margin')
    expect(again.map).toEqual(DEFAULT_KEYS)
  })

  it('falls back by name where a command is gone, a key is taken or means two things, and never clashes', () => {
    const kept = {
      preset: 'margin',
      changes: { 'no-such': ['u'], invert: ['k'], fit: ['Mod+w'], mode: ['u'] },
    }
    const taken = takeUp(JSON.stringify(kept))
    expect(taken.dropped.join(' ')).toMatch(
      /no-such.*Invert the greys.*Next sample.*Fit the image.*closes the tab/,
    )
    expect(keysOf(taken.keys, 'invert')).toEqual(['i'])
    expect(keysOf(taken.keys, 'mode')).toEqual(['u'])
    expect(takeUp('{{').dropped).toHaveLength(1)
    const changes = fc.dictionary(
      fc.oneof(anyId, fc.string()),
      fc.array(fc.oneof(anyKey, fc.string()), { maxLength: 5 }),
    )
    fc.assert(
      fc.property(fc.constantFrom(...PRESET_NAMES), changes, (preset, changed) => {
        const { keys } = takeUp(JSON.stringify({ preset, changes: changed }))
        expect(clashesIn(keys)).toEqual([])
        for (const id of IDS.filter(mustHaveKey)) expect(keysOf(keys, id).length).toBeGreaterThan(0)
      }),
    )
  })
})
