// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createPinia, setActivePinia } from 'pinia'
import type { CommandId } from './commands'
import { DEFAULT_KEYS } from './key-map'
import { type KeyPhase, listenForKeys, useCommands } from './dispatch'

const heard: [CommandId, KeyPhase][] = []
let stop: () => void = () => undefined

beforeEach(() => {
  heard.length = 0
  document.body.innerHTML =
    '<input id="text" /><button id="button">b</button><input id="radio" type="radio" />'
  stop = listenForKeys(
    () => 'read',
    (id, phase) => {
      heard.push([id, phase])
      return true
    },
    () => DEFAULT_KEYS,
  )
})
afterEach(() => {
  stop()
})

function press(selector: string, key: string, more: KeyboardEventInit = {}, kind = 'keydown'): KeyboardEvent {
  const event = new KeyboardEvent(kind, { key, bubbles: true, cancelable: true, ...more })
  document.querySelector(selector)?.dispatchEvent(event)
  return event
}

describe('keys', () => {
  it('run their command and are used up', () => {
    expect(press('body', 's').defaultPrevented).toBe(true)
    expect(heard).toEqual([['samples', 'down']])
  })

  it('stay letters while something is typed; those with Ctrl and F8 do not', () => {
    press('#text', 's')
    press('#text', 'Enter')
    press('#text', 'k', { ctrlKey: true })
    press('#text', 'F8')
    expect(heard.map(([id]) => id)).toEqual(['palette', 'problems'])
  })

  it('leave undo and the clipboard of a field to it: a letter is taken back, not a stroke', () => {
    for (const key of ['z', 'Z', 'y', 'c', 'v', 'x', 'a'])
      expect(press('#text', key, { ctrlKey: true, shiftKey: key === 'Z' }).defaultPrevented).toBe(false)
    expect(heard).toEqual([])
  })

  it('leave Enter to a button and arrows to a choice', () => {
    press('#button', 'Enter')
    press('#radio', 'ArrowDown')
    expect(heard).toEqual([])
    press('#button', 'ArrowDown')
    expect(heard).toEqual([['slice-on', 'down']])
  })

  it('are the slices\u2019 again after a choice by pointer, and stay with a choice that was reached by keyboard', () => {
    const radio = document.querySelector<HTMLInputElement>('#radio')
    radio?.dispatchEvent(new Event('pointerdown', { bubbles: true }))
    radio?.focus()
    radio?.click()
    expect(document.activeElement).not.toBe(radio)
    press('#radio', 'Tab')
    radio?.focus()
    radio?.click()
    expect(document.activeElement).toBe(radio)
  })

  it('tell what is held of its release, once', () => {
    press('body', 'x')
    press('body', 'x', { repeat: true })
    press('body', 'x', {}, 'keyup')
    press('body', 's', {}, 'keyup')
    expect(heard).toEqual([
      ['hide', 'down'],
      ['hide', 'up'],
    ])
  })

  it('rest while a dialog is open, and Escape first closes a menu', () => {
    document.body.insertAdjacentHTML('beforeend', '<div id="menu" data-dismissable-layer></div>')
    press('body', 'Escape')
    expect(heard).toEqual([])
    document.querySelector('#menu')?.setAttribute('role', 'dialog')
    document.querySelector('#menu')?.setAttribute('data-modal', '')
    press('body', 's')
    expect(heard).toEqual([])
  })
})

describe('who answers a command', () => {
  it('is the latest view, and the one before it when that goes', () => {
    setActivePinia(createPinia())
    const commands = useCommands()
    const ran: string[] = []
    const answer = (name: string) => ({ run: () => ran.push(name) })
    commands.register({ mode: answer('first') })
    const takeBack = commands.register({ mode: answer('second') })
    commands.run('mode')
    takeBack()
    commands.run('mode')
    expect(ran).toEqual(['second', 'first'])
    expect(commands.run('samples')).toBe(false)
  })

  it('is not asked when the command is locked', () => {
    setActivePinia(createPinia())
    const commands = useCommands()
    const ran: string[] = []
    commands.register({ mode: { run: () => ran.push('x'), lockedBecause: () => 'no samples' } })
    expect(commands.run('mode')).toBe(false)
    expect(ran).toEqual([])
  })
})

describe('what typed words mean', () => {
  it('is named by series where two stand beside one another, and by nothing more where one does', () => {
    setActivePinia(createPinia())
    const commands = useCommands()
    const entry = { title: 'Go to slice 46', run: () => undefined, lockedBecause: null }
    const titles = (): readonly string[] => commands.found('46').map(({ title }) => title)
    commands.offer(
      () => [entry],
      () => '2000-01-01, chest',
    )
    expect(titles()).toEqual(['Go to slice 46'])
    const leave = commands.offer(
      () => [entry],
      () => '1999-02-01, chest',
    )
    expect(titles()).toEqual(['Go to slice 46, of 2000-01-01, chest', 'Go to slice 46, of 1999-02-01, chest'])
    leave()
    expect(titles()).toEqual(['Go to slice 46'])
  })
})
