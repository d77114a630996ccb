import { COMMANDS, type Command, type CommandId, type CommandPlace } from './commands'
import { worksAt } from './match'

/** Which keys run a command, written as in the table of commands; an empty list: it stands in the palette alone. */
export type KeyMap = ReadonlyMap<CommandId, readonly string[]>

const PLACES: readonly CommandPlace[] = ['library', 'read', 'draw']
const commandOf = new Map<CommandId, Command>(COMMANDS.map((command) => [command.id, command]))

export const isCommandId = (id: string): id is CommandId => COMMANDS.some((command) => command.id === id)

/** The keys of the table of commands. */
export const DEFAULT_KEYS: KeyMap = new Map(
  COMMANDS.map(({ id, keys }): readonly [CommandId, readonly string[]] => [id, keys]),
)

export const keysOf = (map: KeyMap, id: CommandId): readonly string[] => map.get(id) ?? []

/** Whether two commands are ever heard at one place: only then would one key mean both. */
function meet(a: CommandId, b: CommandId): boolean {
  const [one, other] = [commandOf.get(a), commandOf.get(b)]
  if (one === undefined || other === undefined) return false
  if (one.only !== undefined && other.only !== undefined && one.only !== other.only) return false
  return PLACES.some((place) => worksAt(one, place) && worksAt(other, place))
}

/** The command that a key would mean besides this one; null: it is free. */
export const clashOf = (map: KeyMap, id: CommandId, key: string): CommandId | null =>
  COMMANDS.find((other) => other.id !== id && keysOf(map, other.id).includes(key) && meet(id, other.id))
    ?.id ?? null

/** Every pair of commands that one key means at one place; none in a map that may be used. */
export const clashesIn = (map: KeyMap): readonly (readonly [CommandId, CommandId, string])[] =>
  COMMANDS.flatMap(({ id }) =>
    keysOf(map, id).flatMap((key) => {
      const other = clashOf(map, id, key)
      return other === null ? [] : [[id, other, key] as const]
    }),
  )

/** What always has a key: without them nothing could be dropped, found or changed back by keyboard. */
const ALWAYS_KEYED: readonly CommandId[] = ['drop', 'palette', 'help']

export const mustHaveKey = (id: CommandId): boolean => ALWAYS_KEYED.includes(id)

/** Keys that scroll the image wherever the focus is, and what they do there. */
const SCROLLS: Readonly<Record<string, CommandId>> = {
  ArrowUp: 'slice-back',
  PageUp: 'slice-back',
  ArrowDown: 'slice-on',
  PageDown: 'slice-on',
  Home: 'slice-first',
  End: 'slice-last',
}

/** Keys of the browser, the window or the system, and what they do there. */
const TAKEN: Readonly<Record<string, string>> = {
  'Mod+w': 'closes the tab',
  'Mod+t': 'opens a tab',
  'Mod+Shift+T': 'opens a closed tab again',
  'Mod+n': 'opens a window',
  'Mod+Shift+N': 'opens a private window',
  'Mod+q': 'ends the browser',
  'Mod+r': 'loads the page anew',
  'Mod+Shift+R': 'loads the page anew',
  'Mod+l': 'goes to the address',
  'Mod+p': 'prints',
  'Mod+c': 'copies',
  'Mod+v': 'pastes',
  'Mod+x': 'cuts',
  'Mod+a': 'chooses all',
  'Mod++': 'makes text larger',
  'Mod+-': 'makes text smaller',
  'Mod+0': 'gives text its usual size',
  'Mod+Tab': 'goes to the next tab',
  'Mod+Shift+Tab': 'goes to the tab before',
  'Mod+Shift+I': 'opens the developer tools',
  'Alt+Tab': 'goes to another window',
  'Alt+F4': 'closes the window',
  'Alt+ArrowLeft': 'goes a page back',
  'Alt+ArrowRight': 'goes a page on',
  F5: 'loads the page anew',
  F6: 'goes to the address',
  F11: 'fills the screen',
  F12: 'opens the developer tools',
  Tab: 'goes to the next control',
  'Shift+Tab': 'goes to the control before',
}

/** Nudges have had the browser's keys of pages from the start: on their view there is no page to go back to. */
const isOwnUse = (id: CommandId, key: string): boolean => (DEFAULT_KEYS.get(id) ?? []).includes(key)

/** Why a key cannot be given to a command, as the end of a sentence that begins with the key; null: it can. */
export function whyTaken(id: CommandId, key: string): string | null {
  if (isOwnUse(id, key)) return null
  const use = TAKEN[key] ?? (/^Mod\+[1-9]$/.test(key) ? 'goes to another tab' : null)
  if (use !== null) return `${use}: the browser keeps it.`
  if (key === 'Escape') return 'stops or closes, everywhere.'
  if (key === ' ') return 'pans while it is held.'
  const scrolls = SCROLLS[key]
  if (scrolls !== undefined && scrolls !== id) return 'scrolls the image wherever the focus is.'
  if (/(^|\+)(Control|Shift|Alt|Meta|AltGraph|CapsLock|Dead|Unidentified|Process)$/.test(key))
    return 'is no key of its own: hold it and press another.'
  return key.length === 0 ? 'is no key.' : null
}

/** This command on this key alone. Whoever has the key must be asked before: see `clashOf`. */
export const withKey = (map: KeyMap, id: CommandId, key: string): KeyMap => new Map(map).set(id, [key])

/**
 * This command on the key, and whoever had it on the keys that become free; null where those cannot take them, so that
 * one of two must be given another.
 */
export function swapped(map: KeyMap, id: CommandId, key: string): KeyMap | null {
  const other = clashOf(map, id, key)
  if (other === null) return withKey(map, id, key)
  const left = keysOf(map, other).filter((one) => one !== key)
  const taken = withKey(map, id, key)
  const given = keysOf(map, id).filter(
    (one) =>
      one !== key &&
      whyTaken(other, one) === null &&
      clashOf(new Map(taken).set(other, left), other, one) === null,
  )
  const keys = [...left, ...given]
  if (keys.length === 0 && mustHaveKey(other)) return null
  const next = new Map(taken).set(other, keys)
  return clashesIn(next).length === 0 ? next : null
}
