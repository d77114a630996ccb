import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import type { CommandId, CommandPlace } from './commands'
import type { KeyMap } from './key-map'
import { commandsFor } from './match'

export type KeyPhase = 'down' | 'up'

/** What a command does now, and why it cannot be done where it cannot. */
export interface CommandAnswer {
  readonly run: (phase: KeyPhase) => void
  /** Words for why it is off just now; null when it works. */
  readonly lockedBecause?: () => string | null
}

/** What typed words mean beyond the table of commands: "slice 46". */
export interface FoundEntry {
  readonly title: string
  readonly run: () => void
  /** Words for why it cannot be done; null when it can. */
  readonly lockedBecause: string | null
}

type Finder = (typed: string) => readonly FoundEntry[]

interface Offered {
  readonly find: Finder
  readonly of: () => string
}

export type CommandAnswers = { readonly [id in CommandId]?: CommandAnswer }

/** Who answers a command: each view registers what it can do, and takes it back when it goes. */
export const useCommands = defineStore('commands', () => {
  const layers = shallowRef<readonly CommandAnswers[]>([])

  /** Registers answers and returns the function that takes them back. The latest registration of an id wins. */
  function register(answers: CommandAnswers): () => void {
    layers.value = [answers, ...layers.value]
    return () => {
      layers.value = layers.value.filter((layer) => layer !== answers)
    }
  }

  const finders = shallowRef<readonly Offered[]>([])

  /** Offers what typed words mean on this screen; the function that comes back takes it away. `of`: what they are found in. */
  function offer(find: Finder, of: () => string): () => void {
    const offered = { find, of }
    finders.value = [...finders.value, offered]
    return () => {
      finders.value = finders.value.filter((one) => one !== offered)
    }
  }

  /** Where two series stand beside one another each entry says of which it is. */
  function found(typed: string): readonly FoundEntry[] {
    const isOne = finders.value.length === 1
    return finders.value.flatMap(({ find, of }) =>
      find(typed).map((entry) => (isOne ? entry : { ...entry, title: `${entry.title}, of ${of()}` })),
    )
  }

  const answerOf = (id: CommandId): CommandAnswer | null =>
    layers.value.find((layer) => layer[id] !== undefined)?.[id] ?? null

  /** Runs a command; false when nothing answers it here or it is locked. */
  function run(id: CommandId, phase: KeyPhase = 'down'): boolean {
    const answer = answerOf(id)
    if (answer === null || (phase === 'down' && (answer.lockedBecause?.() ?? null) !== null)) return false
    answer.run(phase)
    return true
  }

  return { register, answerOf, run, offer, found }
})

const TYPING =
  'input:not([type=checkbox]):not([type=radio]):not([type=range]), textarea, select, [contenteditable=true]'
const USES_ARROWS = 'input[type=radio], input[type=range], [role=listbox], [role=menu], [role=slider]'
const USES_ENTER = 'button, a, summary, [role=button]'

/** Whether the element that has the focus needs this key for itself. */
function isTaken(event: KeyboardEvent): boolean {
  const target = event.target
  if (!(target instanceof Element)) return false
  const withModifier = event.ctrlKey || event.metaKey
  // Undo, redo and the clipboard of a field are the field's: what was typed is taken back, not the last stroke.
  if (target.matches(TYPING)) return withModifier ? /^[acvxyz]$/i.test(event.key) : !/^F\d+$/.test(event.key)
  if (/^(Arrow|Home|End|Page)/.test(event.key)) return target.matches(USES_ARROWS)
  if (event.key === 'Enter') return !withModifier && target.closest(USES_ENTER) !== null
  return false
}

/**
 * Listens for the whole page. A key that the focused element needs, that someone already used, or that is pressed
 * while a dialog stands open stays where it is.
 */
export function listenForKeys(
  place: () => CommandPlace,
  run: (id: CommandId, phase: KeyPhase) => boolean,
  keys: () => KeyMap,
): () => void {
  const onKey = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.isComposing || isTaken(event)) return
    if (document.querySelector('[role=dialog][data-modal]') !== null) return
    // An open menu is the top layer: Escape is for closing it.
    if (event.key === 'Escape' && document.querySelector('[data-dismissable-layer]') !== null) return
    const ids = commandsFor(event, place(), keys())
    if (event.repeat && ids.includes('hide')) return
    const phase = event.type === 'keyup' ? 'up' : 'down'
    if (ids.some((id) => run(id, phase))) event.preventDefault()
  }
  const choices = letGoOfChoices()
  const onUp = (event: KeyboardEvent): void => {
    // Only what is held cares about the release.
    if (commandsFor(event, place(), keys()).includes('hide')) onKey(event)
  }
  window.addEventListener('keydown', onKey)
  window.addEventListener('keyup', onUp)
  return () => {
    choices()
    window.removeEventListener('keydown', onKey)
    window.removeEventListener('keyup', onUp)
  }
}

const CHOICES = 'input[type=radio], select'

/**
 * A choice made with the pointer gives the focus back: the next arrow is meant for the slices, and would change the
 * choice without a word. Whoever came to it by keyboard keeps it; dialogs and forms keep theirs.
 */
function letGoOfChoices(): () => void {
  let isPointed = false
  const point = (): void => {
    isPointed = true
  }
  const press = (): void => {
    isPointed = false
  }
  const letGo = ({ target }: Event): void => {
    if (!isPointed || !(target instanceof HTMLElement) || !target.matches(CHOICES)) return
    if (target.closest('[role=dialog], form') === null) target.blur()
  }
  // A choice that stands already is clicked without a change; a list that was opened by a click is not yet chosen from.
  const click = (event: Event): void => {
    if (event.target instanceof HTMLInputElement) letGo(event)
  }
  window.addEventListener('pointerdown', point, true)
  window.addEventListener('keydown', press, true)
  window.addEventListener('change', letGo)
  window.addEventListener('click', click)
  return () => {
    window.removeEventListener('pointerdown', point, true)
    window.removeEventListener('keydown', press, true)
    window.removeEventListener('change', letGo)
    window.removeEventListener('click', click)
  }
}
