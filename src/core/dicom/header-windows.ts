/** The windows that a file asks for. PS3.3 C.11.2. */
import type { Warning, WindowSetting } from '../../contract'
import { voiFunction } from '../image/window'
import type { DataSet } from './read-elements'
import { TAG } from './tag'
import type { TextReader } from './text'
import { code, decimals, items, text } from './values'

export interface HeaderWindows {
  readonly windows: readonly WindowSetting[]
  readonly warnings: readonly Warning[]
}

/** Where the window stands: in the frame's own functional group, the shared one, or the root. */
function voiSet(root: DataSet): DataSet {
  const groups = [items(root, TAG.perFrameFunctionalGroups)[0], items(root, TAG.sharedFunctionalGroups)[0]]
  for (const group of groups) {
    const voi = group === undefined ? undefined : items(group, TAG.frameVoiLutSequence)[0]
    if (voi !== undefined) return voi
  }
  return root
}

/**
 * Windows as LINEAR ones (the function that pictures are drawn with). LINEAR_EXACT (c, w) is LINEAR (c + 0.5,
 * w + 1), exactly; SIGMOID has no equal and is approximated with a warning. What is no window is left out.
 */
export function headerWindows(root: DataSet, reader: TextReader): HeaderWindows {
  const set = voiSet(root)
  const centres = decimals(set, TAG.windowCenter)
  const widths = decimals(set, TAG.windowWidth)
  const names = text(set, TAG.windowExplanation, reader).split('\\')
  const how = voiFunction(code(set, TAG.voiLutFunction))
  const windows: WindowSetting[] = []
  const warnings: Warning[] = []
  const shift = how === 'LINEAR_EXACT' ? 1 : 0
  for (let index = 0; index < Math.max(centres.length, widths.length); index += 1) {
    const centre = centres[index] ?? null
    const width = widths[index] ?? null
    const isUsable = centre !== null && width !== null && (how === 'LINEAR' ? width >= 1 : width > 0)
    if (isUsable)
      windows.push({
        centre: centre + shift / 2,
        width: width + shift,
        label: names[index]?.trim() || 'from the file',
      })
    else
      warnings.push({
        code: 'window-unusable',
        text: `Window ${index + 1} of the file cannot be used; another one is shown.`,
      })
  }
  if (how === 'SIGMOID')
    warnings.push({
      code: 'window-sigmoid',
      text: 'The file asks for a sigmoid window; a linear one of the same centre and width is shown.',
    })
  if (items(set, TAG.voiLutSequence).length > 0 && windows.length === 0) {
    warnings.push({
      code: 'voi-lut-not-applied',
      text: 'The file brings a VOI lookup table, which is not applied; an automatic window is shown.',
    })
  }
  return { windows, warnings: warnings.slice(0, 4) }
}
