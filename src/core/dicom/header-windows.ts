/** The windows that a file asks for. PS3.3 C.11.2. */
import type { Warning, WindowSetting } from '../../contract'
import { toBase64 } from '../image/base64'
import { voiFunction } from '../image/window'
import { LUT_ITEM, readTable } from './pixels/lookup-tables'
import type { DataSet } from './read-elements'
import { TAG } from './elements'
import type { TextReader } from './text'
import { code, decimals, items, text, word } from './values'

export interface HeaderWindows {
  readonly windows: readonly WindowSetting[]
  readonly warnings: readonly Warning[]
}

/** Where the window stands: in the frame's own functional group, the shared one, or the root. */
function voiSet(root: DataSet): DataSet {
  const groups = [
    items(root, TAG.PerFrameFunctionalGroupsSequence)[0],
    items(root, TAG.SharedFunctionalGroupsSequence)[0],
  ]
  for (const group of groups) {
    const voi = group === undefined ? undefined : items(group, TAG.FrameVOILUTSequence)[0]
    if (voi !== undefined) return voi
  }
  return root
}

/** More tables than any object brings; each crosses to the page with the series. */
const MOST_TABLES = 4

/** A VOI LUT as a curve of 8-bit greys; null for one that is cut or makes no sense. */
function tableWindow(item: DataSet, signed: boolean, label: string): WindowSetting | null {
  const table = readTable(item, LUT_ITEM, signed)
  if (table === null) return null
  const { first, entries, bits } = table
  // Some files fill more bits than they declare: the largest entry is then the brightest.
  const most = entries.reduce((largest, entry) => Math.max(largest, entry), 2 ** bits - 1)
  const levels = toBase64(Uint8Array.from(entries, (entry) => Math.round((255 * entry) / most)))
  const centre = first + entries.length / 2
  return { centre, width: entries.length, label, curve: { kind: 'table', first, levels } }
}

function tableWindows(set: DataSet, reader: TextReader, signed: boolean): HeaderWindows {
  const windows: WindowSetting[] = []
  const warnings: Warning[] = []
  for (const [index, item] of items(set, TAG.VOILUTSequence).slice(0, MOST_TABLES).entries()) {
    const label = text(item, TAG.LUTExplanation, reader) || `table ${index + 1}`
    const window = tableWindow(item, signed, label)
    if (window !== null) windows.push(window)
    else
      warnings.push({
        code: 'voi-lut-unusable',
        text: `VOI lookup table ${index + 1} of the file is shorter than it declares; another window is shown.`,
      })
  }
  return { windows, warnings }
}

/** Numbers before the VOI table are signed when pixels or rescaled values can be (PS3.3 C.11.2.1.1). */
const isSigned = (root: DataSet): boolean =>
  word(root, TAG.PixelRepresentation) === 1 || (decimals(root, TAG.RescaleIntercept)[0] ?? 0) < 0

/**
 * Windows and tables, in the order of the file, windows first. LINEAR_EXACT (c, w) is LINEAR (c + 0.5, w + 1),
 * exactly; SIGMOID and tables are curves. What is no window is left out with a warning.
 */
export function headerWindows(root: DataSet, reader: TextReader): HeaderWindows {
  const set = voiSet(root)
  const centres = decimals(set, TAG.WindowCenter)
  const widths = decimals(set, TAG.WindowWidth)
  const names = text(set, TAG.WindowCenterWidthExplanation, reader).split('\\')
  const how = voiFunction(code(set, TAG.VOILUTFunction))
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
        ...(how === 'SIGMOID' ? { curve: { kind: 'sigmoid' } } : {}),
      })
    else
      warnings.push({
        code: 'window-unusable',
        text: `Window ${index + 1} of the file cannot be used; another one is shown.`,
      })
  }
  const tables = tableWindows(set, reader, isSigned(root))
  return {
    windows: [...windows, ...tables.windows],
    warnings: [...warnings, ...tables.warnings].slice(0, 4),
  }
}
