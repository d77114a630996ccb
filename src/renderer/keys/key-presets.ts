import type { CommandId } from './commands'
import { DEFAULT_KEYS, type KeyMap } from './key-map'

export const PRESET_NAMES = ['margin', 'ohif', 'slicer', 'itk-snap', 'weasis'] as const
export type PresetName = (typeof PRESET_NAMES)[number]

export const PRESET_TITLES: Readonly<Record<PresetName, string>> = {
  margin: 'Margin',
  ohif: 'OHIF',
  slicer: '3D Slicer',
  'itk-snap': 'ITK-SNAP',
  weasis: 'Weasis',
}

type Changes = Readonly<Partial<Record<CommandId, readonly string[]>>>

/**
 * What each program's readers have in their fingers, over Margin's own keys; what stood there before moves to a free key or
 * to the palette. Wheel, right drag and middle drag are in all of them what they are here.
 */
const CHANGES: Readonly<Record<PresetName, Changes>> = {
  margin: {},
  // Rotate r and l, flip h and v.
  ohif: {
    'rotate-right': ['r'],
    'rotate-left': ['l'],
    'flip-across': ['h'],
    'flip-down': ['v'],
    reset: ['Shift+R'],
    'tool-select': ['Shift+V'],
    lens: ['Shift+E'],
    'live-wire': ['Shift+E'],
    'fill-region': ['Shift+F'],
  },
  // Slices on the arrows across and on f and b, segmentations off on g.
  slicer: {
    'slice-on': ['ArrowDown', 'PageDown', 'ArrowRight', 'f'],
    'slice-back': ['ArrowUp', 'PageUp', 'ArrowLeft', 'b'],
    hide: ['g'],
    bands: ['x'],
    polygon: ['x'],
    'fill-between': ['u'],
  },
  // Fit and zoom with Ctrl, tools on digits, opacity a and d, brush + and -; windows 1 to 4 go to the palette.
  'itk-snap': {
    fit: ['Mod+f', '='],
    'zoom-in': ['Mod+ArrowUp'],
    'zoom-out': ['Mod+ArrowDown'],
    'brush-larger': ['+'],
    'brush-smaller': ['-'],
    fainter: ['a'],
    stronger: ['d'],
    bands: ['w'],
    'tool-window': ['Shift+W'],
    'tool-cross': ['1'],
    'tool-zoom': ['2'],
    polygon: ['3'],
    brush: ['4'],
    'window-1': [],
    'window-2': [],
    'window-3': [],
    'window-4': [],
  },
  // Rotate r, crosshair h, cine c, draw g; windows as in its own list.
  weasis: {
    'rotate-right': ['r'],
    reset: ['Shift+R'],
    'tool-cross': ['h'],
    'fill-region': ['Shift+C'],
    cine: ['c'],
    mode: ['Shift+P'],
    brush: ['g'],
    polygon: ['d'],
    'window-file': ['0', '1'],
    'window-next': ['Shift+0', '2'],
    'window-5': ['3'],
    'window-6': ['4'],
    'window-1': ['5'],
    'window-4': ['6'],
    'window-2': ['7'],
    'window-3': ['8'],
    'window-7': ['9'],
    'window-8': [],
    'window-9': [],
  },
}

/** The keys of a preset. */
export const presetKeys = (preset: PresetName): KeyMap =>
  new Map([...DEFAULT_KEYS].map(([id, keys]) => [id, CHANGES[preset][id] ?? keys]))
