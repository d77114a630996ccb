import type { TagName, TagNames } from '../../../core/dicom/tag-list'
import { tagName } from '../../../core/dicom/tag'

let loaded: Promise<TagNames> | null = null

/**
 * Names of elements by the dictionary of PS3.6 that dcmjs ships: read where tags are asked for, and nowhere else. Overlay planes
 * are named by their first group. Without the dictionary those that the program itself uses stay.
 */
export function tagNames(): Promise<TagNames> {
  loaded ??= load().catch(() => () => null)
  return loaded
}

async function load(): Promise<TagNames> {
  const { default: dcmjs } = await import('dcmjs')
  const { dictionary } = dcmjs.data.DicomMetaDictionary
  const nameOf = (tag: number): TagName | null => {
    const found = dictionary[tagName(tag).toUpperCase()]
    // Several representations stand as "US or SS"; the file says which.
    return found === undefined
      ? null
      : { keyword: found.name.replace(/^RETIRED_/, ''), vr: found.vr.slice(0, 2) }
  }
  return (tag) => nameOf(tag) ?? nameOf(firstOfRepeated(tag))
}

/** Groups 5000 to 50FE and 6000 to 60FE repeat the first, PS3.5 7.6. */
function firstOfRepeated(tag: number): number {
  const first = tag - (tag % 0x1000000)
  return first === 0x50000000 || first === 0x60000000 ? first + (tag % 0x10000) : tag
}
