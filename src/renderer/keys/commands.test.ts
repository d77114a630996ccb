import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { COMMANDS, type Command } from './commands'
import { DEFAULT_KEYS } from './key-map'
import { commandsFor, keyName, type KeyPress, shownKey, worksAt } from './match'
import { filterPalette, titlePieces } from './palette-filter'

const commands: readonly Command[] = COMMANDS
const press = (key: string, more: Partial<KeyPress> = {}): KeyPress => ({
  key,
  code: '',
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...more,
})

describe('the table of keys', () => {
  it('gives no key two meanings where both would work', () => {
    for (const place of ['library', 'read', 'draw'] as const)
      for (const other of ['series', 'photograph'] as const) {
        const works = commands.filter((c) => worksAt(c, place) && c.only !== other)
        const keys = works.flatMap((c) => c.keys)
        expect(new Set(keys).size).toBe(keys.length)
      }
  })

  it('has one id and one title a command', () => {
    expect(new Set(commands.map((c) => c.id)).size).toBe(commands.length)
    expect(new Set(commands.map((c) => `${c.group} ${c.title}`)).size).toBe(commands.length)
  })

  it('deletes nothing with a single letter', () => {
    for (const command of commands) {
      if (/delete|remove|discard|erase/i.test(command.title)) {
        expect(command.keys.filter((key) => key.length === 1)).toEqual([])
      }
    }
  })

  it('finds commands by press, whatever the layout does with Shift', () => {
    expect(commandsFor(press('k', { ctrlKey: true }), 'library', DEFAULT_KEYS)).toEqual(['palette'])
    expect(commandsFor(press('k', { metaKey: true }), 'read', DEFAULT_KEYS)).toEqual(['palette'])
    expect(commandsFor(press('k'), 'read', DEFAULT_KEYS)).toEqual(['sample-next'])
    expect(commandsFor(press('k'), 'library', DEFAULT_KEYS)).toEqual([])
    expect(commandsFor(press('K', { shiftKey: true }), 'read', DEFAULT_KEYS)).toEqual(['sample-previous'])
    expect(commandsFor(press('?', { shiftKey: true }), 'read', DEFAULT_KEYS)).toEqual(['help'])
    expect(commandsFor(press('+', { shiftKey: true }), 'read', DEFAULT_KEYS)).toEqual(['zoom-in'])
    expect(commandsFor(press('=', { shiftKey: false }), 'read', DEFAULT_KEYS)).toEqual(['fit'])
    expect(commandsFor(press(')', { shiftKey: true, code: 'Digit0' }), 'read', DEFAULT_KEYS)).toEqual([
      'window-next',
    ])
    expect(commandsFor(press('PageDown'), 'read', DEFAULT_KEYS)).toEqual(['slice-on', 'photograph-on'])
    expect(commandsFor(press('Enter', { shiftKey: true }), 'read', DEFAULT_KEYS)).toEqual(['draw-more'])
    expect(commandsFor(press('s', { ctrlKey: true }), 'read', DEFAULT_KEYS)).toEqual([])
    expect(commandsFor(press('Z', { ctrlKey: true, shiftKey: true }), 'draw', DEFAULT_KEYS)).toEqual(['redo'])
    expect(commandsFor(press('['), 'draw', DEFAULT_KEYS)).toEqual(['brush-smaller'])
    expect(commandsFor(press('['), 'read', DEFAULT_KEYS)).toEqual(['fainter'])
    expect(commandsFor(press('s'), 'draw', DEFAULT_KEYS)).toEqual(['smooth'])
    expect(keyName(press('ArrowUp'))).toBe('ArrowUp')
    // Digits that need Shift themselves (AZERTY), and letters under Caps Lock.
    expect(keyName(press('0', { shiftKey: true, code: 'Digit0' }))).toBe('0')
    expect(keyName(press('r', { shiftKey: true }))).toBe('Shift+R')
    expect(keyName(press('R'))).toBe('r')
  })

  it('prints keys as on the cap', () => {
    expect(shownKey('Mod+k', false)).toBe('Ctrl K')
    expect(shownKey('Mod+k', true)).toBe('⌘ K')
    expect(shownKey('+', false)).toBe('+')
    expect(shownKey('Shift+Enter', false)).toBe('⇧ Enter')
  })
})

describe('the palette', () => {
  const entries = commands.map((command) => ({ title: command.title }))

  it('puts what starts with the typed word first', () => {
    expect(filterPalette(entries, 'next s')[0]?.entry.title).toBe('Next sample')
    expect(filterPalette(entries, 'lung')[0]?.entry.title).toMatch(/lung/)
    expect(filterPalette(entries, 'qqq')).toEqual([])
    expect(filterPalette(entries, ' ').length).toBe(entries.length)
  })

  it('marks exactly the typed letters, in order', () => {
    fc.assert(
      fc.property(fc.constantFrom(...entries), fc.array(fc.nat(30), { maxLength: 5 }), (entry, picks) => {
        const title = entry.title.toLowerCase()
        const places = [...new Set(picks)]
          .filter((at) => at < title.length && title.charAt(at) !== ' ')
          .sort((a, b) => a - b)
        const typed = places.map((at) => title.charAt(at)).join('')
        const match = filterPalette([entry], typed)[0]
        const strong = titlePieces(entry.title, match?.ranges ?? [])
        expect(strong.map((piece) => piece.text).join('')).toBe(entry.title)
        expect(
          strong
            .filter((piece) => piece.strong)
            .map((piece) => piece.text)
            .join('')
            .toLowerCase(),
        ).toBe(typed)
      }),
    )
  })
})
