import { type Command, COMMANDS, type CommandId, type CommandPlace } from './commands'

/** The part of a keyboard event that decides: kept small so that tests need no DOM. */
export interface KeyPress {
  readonly key: string
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly altKey: boolean
  readonly shiftKey: boolean
  /** `Digit0` … : with Shift a digit key gives another sign, which one depends on the layout. */
  readonly code: string
}

/** A press as it stands in the command table: `Mod+k`, `Shift+K`, `?`, `Shift+0`. */
export function keyName(press: KeyPress): string {
  const digit = /^Digit(\d)$/.exec(press.code)?.[1]
  // Where digits themselves need Shift (AZERTY), this press is the digit.
  if (press.shiftKey && digit === '0' && press.key !== '0') return 'Shift+0'
  const isSign = press.key.length === 1 && press.key.toLowerCase() === press.key.toUpperCase()
  const parts = [
    ...(press.ctrlKey || press.metaKey ? ['Mod'] : []),
    ...(press.altKey ? ['Alt'] : []),
    // A sign (`?`, `+`) already says that Shift was needed for it; on a letter or a named key Shift is a modifier.
    ...(press.shiftKey && !isSign ? ['Shift'] : []),
  ]
  // Shift alone decides: with Caps Lock a letter comes in small although Shift is held.
  const isLetter = press.key.length === 1
  const key = !isLetter ? press.key : press.shiftKey ? press.key.toUpperCase() : press.key.toLowerCase()
  return [...parts, key].join('+')
}

/** Whether a command works at a place: looking and tools are the same where a reading is drawn as where a case is read. */
export const worksAt = ({ place, group }: Pick<Command, 'place' | 'group'>, at: CommandPlace): boolean =>
  place === 'everywhere' ||
  place === at ||
  (at === 'draw' && place === 'read' && (group === 'Look' || group === 'Tools'))

/** The commands that a press means at a place, by these keys: one, or one of series and one of photographs. */
export function commandsFor(
  press: KeyPress,
  place: CommandPlace,
  keys: ReadonlyMap<CommandId, readonly string[]>,
): readonly CommandId[] {
  const name = keyName(press)
  return COMMANDS.filter(
    (command) => worksAt(command, place) && keys.get(command.id)?.includes(name) === true,
  ).map(({ id }) => id)
}

const SHOWN: { readonly [key: string]: string } = {
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
  PageUp: 'PgUp',
  PageDown: 'PgDn',
  Escape: 'Esc',
  Shift: '⇧',
  '-': '−',
}

/** A key as it is printed on a key cap: `Ctrl K`, `⇧ K`, `↑`. */
export function shownKey(key: string, isMac: boolean): string {
  const parts = key === '+' ? ['+'] : key.split('+')
  return parts
    .map((part) =>
      part === 'Mod'
        ? isMac
          ? '⌘'
          : 'Ctrl'
        : (SHOWN[part] ?? (part.length === 1 ? part.toUpperCase() : part)),
    )
    .join(' ')
}
