import type { SeriesDetail, WindowSetting } from '../../contract'
import { windowForCt } from '../../core/image/window'
import type { CommandId } from '../keys/commands'
import type { CommandAnswer, CommandAnswers } from '../keys/dispatch'
import type { ViewSettings } from './view-settings'
import type { ViewportWindow } from '../viewer/viewport-types'
import { isSameWindow, WINDOW_PRESETS } from './window-presets'

const WINDOW_COMMANDS = [
  'window-1',
  'window-2',
  'window-3',
  'window-4',
  'window-5',
  'window-6',
  'window-7',
  'window-8',
  'window-9',
] as const satisfies readonly CommandId[]

const shownAs = ({ centre, width, curve }: WindowSetting): ViewportWindow => ({ centre, width, curve })

/** The window a series opens with: its own first one, else by body part for CT, else all values (null). */
export function firstWindow(detail: SeriesDetail): ViewportWindow | null {
  const [own] = detail.windows
  if (own !== undefined) return shownAs(own)
  if (detail.summary.modality !== 'CT') return null
  const { centre, width } = windowForCt(detail.summary.bodyPart)
  return { centre, width }
}

/** Digits, 0 and Shift 0, W and I. The nine windows are in HU, so they are locked where the values are not. */
export function windowCommands(settings: ViewSettings, detail: () => SeriesDetail | null): CommandAnswers {
  const set = (window: WindowSetting | undefined): void => {
    settings.window.value = window === undefined ? null : shownAs(window)
  }
  const notHu = (): string | null =>
    detail()?.slices[0]?.rescale.unit === 'HU' ? null : 'these windows are in HU, which this series is not'
  const presets = WINDOW_COMMANDS.map((id, at): readonly [CommandId, CommandAnswer] => [
    id,
    {
      run: () => {
        set(WINDOW_PRESETS[at])
      },
      lockedBecause: notHu,
    },
  ])
  return {
    ...Object.fromEntries(presets),
    'window-file': {
      run: () => {
        const series = detail()
        settings.window.value = series === null ? null : firstWindow(series)
      },
    },
    'window-next': {
      run: () => {
        const windows = detail()?.windows ?? []
        const shown = settings.window.value
        const at = windows.findIndex((window) => isSameWindow(window, shown))
        set(windows[(at + 1) % windows.length])
      },
      lockedBecause: () => (detail()?.windows[1] === undefined ? 'the file has no second window' : null),
    },
    'tool-window': {
      run: () => {
        settings.tool.value = 'window'
      },
    },
    invert: {
      run: () => {
        settings.inverted.value = !settings.inverted.value
      },
    },
  }
}
