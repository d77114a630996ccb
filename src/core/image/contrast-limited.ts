/**
 * Contrast-limited adaptive histogram equalisation (Zuiderveld, Graphics Gems IV, 1994): each tile has its own grey
 * scale, which follows its histogram with the steep parts cut; a pixel takes the mean of the four scales around it by
 * distance, so that no edge of a tile is seen. A way to look, never what is measured.
 */

const TILES = 8
/** A grey level may take so many times its even share of a tile: more would show noise as structure. */
const CLIP = 2
const LEVELS = 256

/** Grey levels 0 to 255, [row][column], from such. */
export function contrastLimited(grey: Uint8Array, widthPx: number, heightPx: number): Uint8Array {
  const out = new Uint8Array(grey.length)
  const columns = Math.min(TILES, widthPx)
  const rows = Math.min(TILES, heightPx)
  const scales = tileScales(grey, { widthPx, heightPx, columns, rows })
  const across = Array.from({ length: widthPx }, (_unused, column) => between(column, widthPx, columns))
  const blended = new Float32Array(columns * LEVELS)
  for (let row = 0; row < heightPx; row += 1) {
    const down = between(row, heightPx, rows)
    blendRows(blended, scales, columns, down)
    for (let column = 0; column < widthPx; column += 1) {
      const at = row * widthPx + column
      const level = grey[at] ?? 0
      const { first, second, share } = across[column] ?? NOWHERE
      const a = blended[first * LEVELS + level] ?? 0
      const b = blended[second * LEVELS + level] ?? 0
      out[at] = Math.round(a + (b - a) * share)
    }
  }
  return out
}

interface Between {
  readonly first: number
  readonly second: number
  /** Of the second. */
  readonly share: number
}
const NOWHERE: Between = { first: 0, second: 0, share: 0 }

/** The tiles between whose middles a pixel lies; beyond the outermost middles only one counts. */
function between(at: number, sizePx: number, tiles: number): Between {
  const place = ((at + 0.5) * tiles) / sizePx - 0.5
  const first = Math.max(0, Math.floor(place))
  const second = Math.min(tiles - 1, Math.floor(place) + 1)
  return { first, second, share: first === second ? 0 : place - Math.floor(place) }
}

function blendRows(blended: Float32Array, scales: Float32Array, columns: number, down: Between): void {
  const size = columns * LEVELS
  for (let at = 0; at < size; at += 1) {
    const a = scales[down.first * size + at] ?? 0
    const b = scales[down.second * size + at] ?? 0
    blended[at] = a + (b - a) * down.share
  }
}

interface Tiling {
  readonly widthPx: number
  readonly heightPx: number
  readonly columns: number
  readonly rows: number
}

/** The grey scale of each tile, [tile row][tile column][level]. */
function tileScales(grey: Uint8Array, { widthPx, heightPx, columns, rows }: Tiling): Float32Array {
  const scales = new Float32Array(rows * columns * LEVELS)
  for (let tile = 0; tile < rows * columns; tile += 1) {
    const [tileRow, tileColumn] = [Math.floor(tile / columns), tile % columns]
    const [left, right] = [tileColumn, tileColumn + 1].map((at) => Math.floor((at * widthPx) / columns))
    const [top, bottom] = [tileRow, tileRow + 1].map((at) => Math.floor((at * heightPx) / rows))
    const counts = new Float32Array(LEVELS)
    let count = 0
    for (let row = top ?? 0; row < (bottom ?? 0); row += 1)
      for (let column = left ?? 0; column < (right ?? 0); column += 1) {
        const level = grey[row * widthPx + column] ?? 0
        counts[level] = (counts[level] ?? 0) + 1
        count += 1
      }
    scaleOf(counts, count, scales.subarray(tile * LEVELS, (tile + 1) * LEVELS))
  }
  return scales
}

/** The cumulated histogram, its peaks cut and spread evenly over all levels. */
function scaleOf(counts: Float32Array, count: number, scale: Float32Array): void {
  const limit = (CLIP * count) / LEVELS
  let excess = 0
  for (let level = 0; level < LEVELS; level += 1) excess += Math.max(0, (counts[level] ?? 0) - limit)
  let below = 0
  for (let level = 0; level < LEVELS; level += 1) {
    below += Math.min(limit, counts[level] ?? 0) + excess / LEVELS
    scale[level] = (below * (LEVELS - 1)) / count
  }
}
