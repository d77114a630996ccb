import type { SliceOutline } from '../../core/measures/voxel-block'

/** Where a crop is cut from a series, around what readers drew or just beyond it. */
export interface CropPlace {
  readonly sliceIndex: number
  readonly column: number
  readonly row: number
}

/** A box of pixels on a slice. */
interface Box {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

/** What one outline of a structure covers, by slice. */
type Extent = ReadonlyMap<number, Box>

/** A large lesion is not to outweigh ten small ones. */
const MOST_MARKED_SLICES = 6
/** A click is not the middle: crops lie up to so far off, the farther the rarer (decision 0016). */
const JITTER_PX = 8

/**
 * The places of crops for outlines of one series, a structure at a time: up to six marked slices of each lesion, evenly
 * spread, and the slice beyond either end of it, on which every reader marked nothing. Outlines of several readers are
 * one lesion where their boxes meet on a slice. `share(key)` gives the same number in [0, 1) for the same key.
 */
export function cropPlaces(
  structures: readonly (readonly SliceOutline[])[],
  sliceCount: number,
  share: (key: string) => number,
): CropPlace[] {
  const lesions = joined(structures.map(extentOf).filter((extent) => extent.size > 0))
  return lesions.flatMap((lesion, index) => {
    const marked = [...lesion.keys()].sort((a, b) => a - b)
    const first = marked[0] ?? 0
    const last = marked.at(-1) ?? 0
    const places = evenly(marked, MOST_MARKED_SLICES).map((sliceIndex) => [sliceIndex, sliceIndex] as const)
    const beyond = [[first - 1, first] as const, [last + 1, last] as const].filter(
      ([sliceIndex]) => sliceIndex >= 0 && sliceIndex < sliceCount,
    )
    return [...places, ...beyond].map(([sliceIndex, drawn]) => {
      const box = lesion.get(drawn) ?? { left: 0, top: 0, right: 0, bottom: 0 }
      const off = (axis: string): number => {
        const key = `${index} ${sliceIndex} ${axis}`
        return Math.round((share(key) + share(`${key} again`) - 1) * JITTER_PX)
      }
      return {
        sliceIndex,
        column: Math.round((box.left + box.right) / 2) + off('column'),
        row: Math.round((box.top + box.bottom) / 2) + off('row'),
      }
    })
  })
}

function extentOf(outlines: readonly SliceOutline[]): Extent {
  const boxes = new Map<number, Box>()
  for (const { sliceIndex, placed } of outlines) {
    const { originColumn, originRow, mask } = placed
    if (!mask.pixels.includes(1)) continue
    const box = {
      left: originColumn,
      top: originRow,
      right: originColumn + mask.widthPx - 1,
      bottom: originRow + mask.heightPx - 1,
    }
    boxes.set(sliceIndex, around(boxes.get(sliceIndex), box))
  }
  return boxes
}

const around = (a: Box | undefined, b: Box): Box =>
  a === undefined
    ? b
    : {
        left: Math.min(a.left, b.left),
        top: Math.min(a.top, b.top),
        right: Math.max(a.right, b.right),
        bottom: Math.max(a.bottom, b.bottom),
      }

const meets = (a: Extent, b: Extent): boolean =>
  [...a].some(([sliceIndex, one]) => {
    const other = b.get(sliceIndex)
    return (
      other !== undefined &&
      one.left <= other.right &&
      other.left <= one.right &&
      one.top <= other.bottom &&
      other.top <= one.bottom
    )
  })

/** Extents that meet, directly or by way of others, as one. */
function joined(extents: readonly Extent[]): Extent[] {
  let lesions: Extent[] = []
  for (const extent of extents) {
    const touching = lesions.filter((lesion) => meets(lesion, extent))
    const merged = new Map<number, Box>()
    for (const each of [...touching, extent])
      for (const [sliceIndex, box] of each) merged.set(sliceIndex, around(merged.get(sliceIndex), box))
    lesions = [...lesions.filter((lesion) => !touching.includes(lesion)), merged]
  }
  return lesions
}

const evenly = (all: readonly number[], most: number): readonly number[] => {
  if (all.length <= most) return all
  const chosen = Array.from({ length: most }, (_, index) =>
    Math.round((index * (all.length - 1)) / (most - 1)),
  )
  return chosen.flatMap((index) => all[index] ?? [])
}
