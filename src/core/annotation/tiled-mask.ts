/**
 * The mask of one structure on one slice as an immutable value: tiles of 64 × 64 px, one byte a pixel, shared with the
 * masks that it was made from. A gesture copies the tiles that it touches (4 KiB each) and nothing else, so that the
 * states of a long history stand side by side, on a CT slice as on a photograph. A tile without a pixel is null: each
 * content has one form.
 */
import { boxOfPixels, EMPTY_BOX, isEmptyBox, uniteBoxes, type PixelBox } from '../contour/slice-mask'
import type { Mask } from '../image/mask'

export interface TiledMask {
  readonly widthPx: number
  readonly heightPx: number
  /** Row by row of tiles; a tile is row by row of pixels (0 or 1), also where it reaches beyond the image. */
  readonly tiles: readonly (Uint8Array | null)[]
}

const TILE_PX = 64

const tilesAcross = (widthPx: number): number => Math.ceil(widthPx / TILE_PX)

export const emptyTiledMask = (widthPx: number, heightPx: number): TiledMask => ({
  widthPx,
  heightPx,
  tiles: new Array<null>(tilesAcross(widthPx) * tilesAcross(heightPx)).fill(null),
})

export const isEmptyTiledMask = (mask: TiledMask): boolean => mask.tiles.every((tile) => tile === null)

/** A run of pixels of one row of a box within one tile. */
interface TileRun {
  readonly tile: number
  readonly inTile: number
  readonly inBox: number
  readonly lengthPx: number
}

/** The runs of a box that lies within the mask. */
function* tileRuns(mask: TiledMask, box: PixelBox): Generator<TileRun> {
  const across = tilesAcross(mask.widthPx)
  const right = box.column + box.widthPx
  for (let line = 0; line < box.heightPx; line += 1) {
    const row = box.row + line
    const tileRow = Math.floor(row / TILE_PX)
    for (let column = box.column; column < right;) {
      const tileColumn = Math.floor(column / TILE_PX)
      const end = Math.min(right, (tileColumn + 1) * TILE_PX)
      yield {
        tile: tileRow * across + tileColumn,
        inTile: (row - tileRow * TILE_PX) * TILE_PX + column - tileColumn * TILE_PX,
        inBox: line * box.widthPx + column - box.column,
        lengthPx: end - column,
      }
      column = end
    }
  }
}

/** What the mask holds within a box that lies inside it: a copy. */
export function maskWithin(mask: TiledMask, box: PixelBox): Mask {
  const pixels = new Uint8Array(box.widthPx * box.heightPx)
  for (const { tile, inTile, inBox, lengthPx } of tileRuns(mask, box)) {
    const held = mask.tiles[tile]
    if (held) pixels.set(held.subarray(inTile, inTile + lengthPx), inBox)
  }
  return { widthPx: box.widthPx, heightPx: box.heightPx, pixels }
}

/** The mask that holds `content` in the box (inside the mask, as large as the content) and is as before elsewhere. */
export function withContent(mask: TiledMask, box: PixelBox, content: Mask): TiledMask {
  const tiles = mask.tiles.slice()
  const written = new Map<number, Uint8Array>()
  for (const { tile, inTile, inBox, lengthPx } of tileRuns(mask, box)) {
    const target = written.get(tile) ?? mask.tiles[tile]?.slice() ?? new Uint8Array(TILE_PX * TILE_PX)
    target.set(content.pixels.subarray(inBox, inBox + lengthPx), inTile)
    written.set(tile, target)
  }
  for (const [tile, pixels] of written) tiles[tile] = pixels.includes(1) ? pixels : null
  return { ...mask, tiles }
}

/** The smallest box that holds every pixel set. */
export function boxOfTiledMask(mask: TiledMask): PixelBox {
  const across = tilesAcross(mask.widthPx)
  let box = EMPTY_BOX
  for (const [index, pixels] of mask.tiles.entries()) {
    if (pixels === null) continue
    const inTile = boxOfPixels({ widthPx: TILE_PX, heightPx: TILE_PX, pixels })
    if (isEmptyBox(inTile)) continue
    const row = Math.floor(index / across) * TILE_PX + inTile.row
    const column = (index % across) * TILE_PX + inTile.column
    box = uniteBoxes(box, { ...inTile, column, row })
  }
  return box
}

/** Number of pixels set. */
export const countTiledPixels = (mask: TiledMask): number => countShared(mask, mask)

/** Number of pixels set in both masks of one size. */
export function countShared(a: TiledMask, b: TiledMask): number {
  let count = 0
  for (const [index, tile] of a.tiles.entries()) {
    const other = b.tiles[index] ?? null
    if (tile === null || other === null) continue
    for (let at = 0; at < tile.length; at += 1) count += (tile[at] ?? 0) & (other[at] ?? 0)
  }
  return count
}
