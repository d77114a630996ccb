import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import { z } from 'zod'
import { keepText, keptText } from '../browser/kept'
import { isMac } from '../browser/platform'
import { COMMANDS, type CommandId } from './commands'
import { clashOf, isCommandId, type KeyMap, keysOf, mustHaveKey, whyTaken } from './key-map'
import { PRESET_NAMES, presetKeys, type PresetName } from './key-presets'
import { shownKey } from './match'

/** What is kept: the preset, and the commands whose keys differ from it. */
const Kept = z.object({
  preset: z.enum(PRESET_NAMES),
  changes: z.record(z.string(), z.array(z.string().min(1).max(40)).max(4)),
})

/** Keys as they were kept, and what of them could not be taken up, in words. */
export interface TakenUp {
  readonly preset: PresetName
  readonly keys: KeyMap
  readonly dropped: readonly string[]
}

/**
 * Takes up what was kept. A command that there is no more, a key that is taken and a key that would mean two things fall
 * back to the preset, one by one and by name.
 */
export function takeUp(kept: string | null): TakenUp {
  const nothing = { preset: 'margin', keys: presetKeys('margin'), dropped: [] } as const
  if (kept === null) return nothing
  const parsed = Kept.safeParse(parsedJson(kept))
  if (!parsed.success) return { ...nothing, dropped: ['Your keys could not be read: these are Margin’s.'] }
  const { preset, changes } = parsed.data
  const dropped: string[] = []
  const base = presetKeys(preset)
  const known = Object.entries(changes).filter(([id]) => {
    if (isCommandId(id)) return true
    dropped.push(`There is no command “${id}” any more.`)
    return false
  }) as [CommandId, string[]][]
  // All at once first, since a swap changes two; then whatever clashes goes back.
  const keys = new Map<CommandId, readonly string[]>([...base, ...known])
  for (const [id, wanted] of known) {
    const why = faultOf(keys, id, wanted)
    if (why === null) continue
    keys.set(id, keysOf(base, id))
    dropped.push(`“${titleOf(id)}” has its usual key again: ${why}`)
  }
  const isSound = COMMANDS.every(({ id }) => keysOf(keys, id).every((key) => clashOf(keys, id, key) === null))
  if (isSound) return { preset, keys, dropped }
  return {
    preset,
    keys: base,
    dropped: [...dropped, 'Your changes contradict each other: all keys are those of the preset.'],
  }
}

function faultOf(keys: KeyMap, id: CommandId, wanted: readonly string[]): string | null {
  if (wanted.length === 0 && mustHaveKey(id)) return 'it needs one.'
  for (const key of wanted) {
    const taken = whyTaken(id, key)
    if (taken !== null) return `${shownKey(key, isMac())} ${taken}`
    const other = clashOf(keys, id, key)
    if (other !== null) return `${shownKey(key, isMac())} is “${titleOf(other)}”.`
  }
  return null
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

export const titleOf = (id: CommandId): string => COMMANDS.find((command) => command.id === id)?.title ?? id

/** The keys of whoever sits here: what runs commands, and what tooltips, palette and help show. */
export const useKeys = defineStore('keys', () => {
  const taken = shallowRef<TakenUp>(takeUp(keptText('keys')))
  const name = ref('keys')
  const map = computed(() => taken.value.keys)
  const preset = computed(() => taken.value.preset)
  const isChanged = (id: CommandId): boolean =>
    keysOf(map.value, id).join(' ') !== keysOf(presetKeys(preset.value), id).join(' ')

  /** Keys are kept a person: several share a browser in a reading room. */
  function ownedBy(raterId: string | null): void {
    name.value = raterId === null ? 'keys' : `keys.${raterId}`
    taken.value = takeUp(keptText(name.value))
  }

  function keep(next: PresetName, keys: KeyMap): void {
    taken.value = { preset: next, keys, dropped: [] }
    const changes = Object.fromEntries(
      COMMANDS.flatMap(({ id }) => (isChanged(id) ? [[id, keysOf(keys, id)] as const] : [])),
    )
    keepText(name.value, JSON.stringify({ preset: next, changes }))
  }

  return {
    map,
    preset,
    dropped: computed(() => taken.value.dropped),
    isChanged,
    ownedBy,
    change: (keys: KeyMap): void => {
      keep(preset.value, keys)
    },
    choose: (next: PresetName): void => {
      keep(next, presetKeys(next))
    },
    /** The first key of a command as on its cap; empty where it has none. */
    capOf: (id: CommandId): string => {
      const [key] = keysOf(map.value, id)
      return key === undefined ? '' : shownKey(key, isMac())
    },
    /** Words with the key of what they do behind them. */
    wordsOf: (words: string, id: CommandId): string => {
      const [key] = keysOf(map.value, id)
      return key === undefined ? words : `${words} (${shownKey(key, isMac())})`
    },
  }
})
