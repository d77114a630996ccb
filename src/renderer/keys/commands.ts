/**
 * The one table of commands. It drives the keys, the help sheet and the palette. `keys` are written as they are
 * pressed: modifiers `Mod` (Ctrl, or Command on a Mac), `Shift`, `Alt`, then the key's name of UI Events `key`.
 */
export type CommandGroup = 'Look' | 'Spread' | 'Tools' | 'Draw' | 'Compare' | 'Margin'
/** Where a command works: everywhere, while a case is read, or while a reading is drawn (`worksAt` in match.ts). */
export type CommandPlace = 'everywhere' | 'library' | 'read' | 'draw'

export interface Command {
  readonly id: string
  readonly title: string
  readonly group: CommandGroup
  readonly place: CommandPlace
  readonly keys: readonly string[]
  /** How the keys are shown where they are many (`1 … 9`). */
  readonly shown?: readonly string[]
  /** Held down rather than pressed: the command is told of the release too. */
  readonly hold?: true
}

const define = <const C extends readonly Command[]>(commands: C): C => commands

export const COMMANDS = define([
  { id: 'slice-back', title: 'Slice back', group: 'Look', place: 'read', keys: ['ArrowUp', 'PageUp'] },
  { id: 'slice-on', title: 'Slice on', group: 'Look', place: 'read', keys: ['ArrowDown', 'PageDown'] },
  { id: 'slice-first', title: 'First slice', group: 'Look', place: 'read', keys: ['Home'] },
  { id: 'slice-last', title: 'Last slice', group: 'Look', place: 'read', keys: ['End'] },
  { id: 'go-slice', title: 'Go to a slice by its number', group: 'Look', place: 'read', keys: ['Mod+g'] },
  {
    id: 'slice-order',
    title: 'Turn the order of slices: head first, feet first',
    group: 'Look',
    place: 'read',
    keys: [],
  },
  { id: 'window-1', title: 'Window: soft tissue, 400 / 40', group: 'Look', place: 'read', keys: ['1'] },
  { id: 'window-2', title: 'Window: lung, 1500 / −600', group: 'Look', place: 'read', keys: ['2'] },
  { id: 'window-3', title: 'Window: liver, 150 / 60', group: 'Look', place: 'read', keys: ['3'] },
  { id: 'window-4', title: 'Window: bone, 2000 / 400', group: 'Look', place: 'read', keys: ['4'] },
  { id: 'window-5', title: 'Window: brain, 80 / 40', group: 'Look', place: 'read', keys: ['5'] },
  { id: 'window-6', title: 'Window: abdomen, 400 / 50', group: 'Look', place: 'read', keys: ['6'] },
  { id: 'window-7', title: 'Window: subdural, 200 / 75', group: 'Look', place: 'read', keys: ['7'] },
  { id: 'window-8', title: 'Window: stroke, 40 / 40', group: 'Look', place: 'read', keys: ['8'] },
  { id: 'window-9', title: 'Window: temporal bone, 2800 / 600', group: 'Look', place: 'read', keys: ['9'] },
  { id: 'window-file', title: 'Window of the file', group: 'Look', place: 'read', keys: ['0'] },
  {
    id: 'window-next',
    title: 'Next window of the file',
    group: 'Look',
    place: 'read',
    keys: ['Shift+0'],
  },
  { id: 'zoom-in', title: 'Zoom in', group: 'Look', place: 'read', keys: ['+'] },
  { id: 'zoom-out', title: 'Zoom out', group: 'Look', place: 'read', keys: ['-'] },
  { id: 'fit', title: 'Fit the image', group: 'Look', place: 'read', keys: ['='] },
  { id: 'reset', title: 'Reset the view', group: 'Look', place: 'read', keys: ['r'] },
  { id: 'invert', title: 'Invert the greys', group: 'Look', place: 'read', keys: ['i'] },
  { id: 'cine', title: 'Play the slices, or stop', group: 'Look', place: 'read', keys: ['Shift+P'] },
  { id: 'layout', title: 'Planes: one view, two, four', group: 'Look', place: 'read', keys: ['Shift+L'] },
  { id: 'hide', title: 'Hide all; hold to peek', group: 'Look', place: 'read', keys: ['x'], hold: true },
  {
    id: 'draw-samples',
    title: 'Draw samples for this structure',
    group: 'Spread',
    place: 'read',
    keys: ['Enter'],
  },
  { id: 'draw-more', title: 'Draw 100 more samples', group: 'Spread', place: 'read', keys: ['Shift+Enter'] },
  { id: 'mode', title: 'Contours, bands, map', group: 'Spread', place: 'read', keys: ['c'] },
  { id: 'samples', title: 'Show or hide samples', group: 'Spread', place: 'read', keys: ['s'] },
  { id: 'bands', title: 'Show or hide bands', group: 'Spread', place: 'read', keys: ['b'] },
  { id: 'sample-next', title: 'Next sample', group: 'Spread', place: 'read', keys: ['k'] },
  { id: 'sample-previous', title: 'Previous sample', group: 'Spread', place: 'read', keys: ['Shift+K'] },
  { id: 'structure-next', title: 'Next structure', group: 'Spread', place: 'read', keys: ['.'] },
  { id: 'fainter', title: 'Map fainter', group: 'Spread', place: 'read', keys: ['['] },
  { id: 'stronger', title: 'Map stronger', group: 'Spread', place: 'read', keys: [']'] },
  { id: 'lens', title: 'Move the lens to another corner', group: 'Spread', place: 'read', keys: ['l'] },
  { id: 'lens-close', title: 'Close the lens, or open it', group: 'Spread', place: 'read', keys: ['q'] },
  { id: 'other-eye', title: 'The patient’s other eye', group: 'Spread', place: 'read', keys: ['o'] },
  { id: 'compare-models', title: 'Compare two models, or stop', group: 'Spread', place: 'read', keys: [] },
  {
    id: 'copy-command',
    title: 'Copy the command that draws these samples',
    group: 'Spread',
    place: 'read',
    keys: [],
  },
  { id: 'tool-select', title: 'Select', group: 'Tools', place: 'read', keys: ['v'] },
  { id: 'tool-cross', title: 'Crosshair', group: 'Tools', place: 'read', keys: ['Shift+C'] },
  { id: 'tool-window', title: 'Window', group: 'Tools', place: 'read', keys: ['w'] },
  { id: 'tool-pan', title: 'Pan', group: 'Tools', place: 'read', keys: ['t'] },
  { id: 'tool-zoom', title: 'Zoom', group: 'Tools', place: 'read', keys: ['z'] },
  { id: 'tool-probe', title: 'Probe', group: 'Tools', place: 'read', keys: ['p'] },
  { id: 'tool-ruler', title: 'Ruler', group: 'Tools', place: 'read', keys: ['m'] },
  { id: 'tool-diameters', title: 'Two diameters', group: 'Tools', place: 'read', keys: ['Shift+M'] },
  {
    id: 'measure-undo',
    title: 'Take back the last step of measuring',
    group: 'Tools',
    place: 'read',
    keys: [],
  },
  { id: 'drop', title: 'Stop or close, one step', group: 'Tools', place: 'read', keys: ['Escape'] },
  { id: 'brush', title: 'Brush', group: 'Draw', place: 'draw', keys: ['d'] },
  { id: 'eraser', title: 'Take away from the outline', group: 'Draw', place: 'draw', keys: ['e'] },
  { id: 'polygon', title: 'Polygon or lasso', group: 'Draw', place: 'draw', keys: ['g'] },
  { id: 'live-wire', title: 'Line along edges', group: 'Draw', place: 'draw', keys: ['l'] },
  { id: 'fill-region', title: 'Fill a hole or an even region', group: 'Draw', place: 'draw', keys: ['h'] },
  { id: 'brush-smaller', title: 'Smaller brush', group: 'Draw', place: 'draw', keys: ['['] },
  { id: 'brush-larger', title: 'Larger brush', group: 'Draw', place: 'draw', keys: [']'] },
  { id: 'close-line', title: 'Close the line', group: 'Draw', place: 'draw', keys: ['Enter'] },
  { id: 'fill-between', title: 'Fill between two slices', group: 'Draw', place: 'draw', keys: ['f'] },
  { id: 'copy-on', title: 'Copy to the next slice', group: 'Draw', place: 'draw', keys: ['n'] },
  { id: 'copy-back', title: 'Copy to the slice before', group: 'Draw', place: 'draw', keys: ['Shift+N'] },
  { id: 'smooth', title: 'Smooth', group: 'Draw', place: 'draw', keys: ['s'] },
  { id: 'grow', title: 'Grow by a pixel', group: 'Draw', place: 'draw', keys: ['Shift+G'] },
  { id: 'shrink', title: 'Shrink by a pixel', group: 'Draw', place: 'draw', keys: ['Shift+S'] },
  { id: 'fill-holes', title: 'Fill all holes', group: 'Draw', place: 'draw', keys: ['Shift+H'] },
  { id: 'nudge-left', title: 'Move the outline left', group: 'Draw', place: 'draw', keys: ['Alt+ArrowLeft'] },
  {
    id: 'nudge-right',
    title: 'Move the outline right',
    group: 'Draw',
    place: 'draw',
    keys: ['Alt+ArrowRight'],
  },
  { id: 'nudge-up', title: 'Move the outline up', group: 'Draw', place: 'draw', keys: ['Alt+ArrowUp'] },
  { id: 'nudge-down', title: 'Move the outline down', group: 'Draw', place: 'draw', keys: ['Alt+ArrowDown'] },
  { id: 'add-structure', title: 'Another structure', group: 'Draw', place: 'draw', keys: ['a'] },
  { id: 'undo', title: 'Undo', group: 'Draw', place: 'draw', keys: ['Mod+z'] },
  { id: 'redo', title: 'Redo', group: 'Draw', place: 'draw', keys: ['Mod+Shift+Z', 'Mod+y'] },
  { id: 'commit', title: 'Commit the reading', group: 'Draw', place: 'draw', keys: ['Mod+Enter'] },
  { id: 'difference-next', title: 'Next difference', group: 'Compare', place: 'read', keys: ['j'] },
  {
    id: 'difference-previous',
    title: 'Previous difference',
    group: 'Compare',
    place: 'read',
    keys: ['Shift+J'],
  },
  {
    id: 'go-compare',
    title: 'Compare the readings of this case',
    group: 'Compare',
    place: 'everywhere',
    keys: [],
  },
  {
    id: 'export-readings',
    title: 'Export the readings of this case',
    group: 'Compare',
    place: 'everywhere',
    keys: [],
  },
  { id: 'go-panels', title: 'Go to panels and worklist', group: 'Margin', place: 'everywhere', keys: [] },
  { id: 'go-train', title: 'Go to training', group: 'Margin', place: 'everywhere', keys: [] },
  { id: 'change-password', title: 'Change your password', group: 'Margin', place: 'everywhere', keys: [] },
  { id: 'sign-out', title: 'Sign out', group: 'Margin', place: 'everywhere', keys: [] },
  { id: 'open-folder', title: 'Open a folder', group: 'Margin', place: 'everywhere', keys: ['Mod+o'] },
  { id: 'open-files', title: 'Open files', group: 'Margin', place: 'everywhere', keys: [] },
  { id: 'open-archive', title: 'Open from an archive', group: 'Margin', place: 'everywhere', keys: [] },
  { id: 'open-demo', title: 'Open the built-in case', group: 'Margin', place: 'everywhere', keys: [] },
  { id: 'find', title: 'Find a series', group: 'Margin', place: 'library', keys: ['/'] },
  { id: 'models', title: 'Models: list, choose', group: 'Margin', place: 'everywhere', keys: [] },
  { id: 'go-library', title: 'Go to the library', group: 'Margin', place: 'everywhere', keys: [] },
  { id: 'go-read', title: 'Go to the case being read', group: 'Margin', place: 'everywhere', keys: [] },
  { id: 'problems', title: 'What needs you', group: 'Margin', place: 'everywhere', keys: ['F8'] },
  { id: 'palette', title: 'All commands', group: 'Margin', place: 'everywhere', keys: ['Mod+k'] },
  { id: 'help', title: 'Keyboard help', group: 'Margin', place: 'everywhere', keys: ['?'] },
  { id: 'guide', title: 'Guide', group: 'Margin', place: 'everywhere', keys: ['F1'] },
  { id: 'about', title: 'About Margin', group: 'Margin', place: 'everywhere', keys: [] },
  {
    id: 'licences',
    title: 'Licences of what Margin is made of',
    group: 'Margin',
    place: 'everywhere',
    keys: [],
  },
  {
    id: 'title-patient',
    title: 'Patient in the title of the window, or not',
    group: 'Margin',
    place: 'everywhere',
    keys: [],
  },
])

export type CommandId = (typeof COMMANDS)[number]['id']
