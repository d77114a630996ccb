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

/** The part of a box that lies in one tile: where it starts in both, and its size. */
interface TilePart {
  readonly tile: number
  readonly inTile: number
  readonly inBox: number
  readonly widthPx: number
  readonly heightPx: number
}

/** The parts of a box that lies within the mask. */
function* tileParts(mask: TiledMask, box: PixelBox): Generator<TilePart> {
  const across = tilesAcross(mask.widthPx)
  const right = box.column + box.widthPx
  const bottom = box.row + box.heightPx
  for (let row = box.row; row < bottom; row += TILE_PX - (row % TILE_PX)) {
    const heightPx = Math.min(bottom - row, TILE_PX - (row % TILE_PX))
    for (let column = box.column; column < right; column += TILE_PX - (column % TILE_PX)) {
      yield {
        tile: Math.floor(row / TILE_PX) * across + Math.floor(column / TILE_PX),
        inTile: (row % TILE_PX) * TILE_PX + (column % TILE_PX),
        inBox: (row - box.row) * box.widthPx + column - box.column,
        widthPx: Math.min(right - column, TILE_PX - (column % TILE_PX)),
        heightPx,
      }
    }
  }
}

/** What the mask holds within a box that lies inside it: a copy. */
export function maskWithin(mask: TiledMask, box: PixelBox): Mask {
  const pixels = new Uint8Array(box.widthPx * box.heightPx)
  for (const { tile, inTile, inBox, widthPx, heightPx } of tileParts(mask, box)) {
    const held = mask.tiles[tile] ?? null
    if (held === null) continue
    for (let line = 0; line < heightPx; line += 1) {
      const from = inTile + line * TILE_PX
      pixels.set(held.subarray(from, from + widthPx), inBox + line * box.widthPx)
    }
  }
  return { widthPx: box.widthPx, heightPx: box.heightPx, pixels }
}

/** The mask that holds `content` in the box (inside the mask, as large as the content) and is as before elsewhere. */
export function withContent(mask: TiledMask, box: PixelBox, content: Mask): TiledMask {
  const tiles = mask.tiles.slice()
  for (const { tile, inTile, inBox, widthPx, heightPx } of tileParts(mask, box)) {
    const target = mask.tiles[tile]?.slice() ?? new Uint8Array(TILE_PX * TILE_PX)
    for (let line = 0; line < heightPx; line += 1) {
      const from = inBox + line * box.widthPx
      target.set(content.pixels.subarray(from, from + widthPx), inTile + line * TILE_PX)
    }
    tiles[tile] = target.includes(1) ? target : null
  }
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

/** Tiles that hold something. */
export const heldTiles = ({ tiles }: TiledMask): number =>
  tiles.reduce((count, tile) => (tile === null ? count : count + 1), 0)

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
