import { lookUp, type LookupTable } from './lookup-table'
import type { PixelArray } from './pixel-layout'

/** Red, green and blue of palette indices: PS3.3 C.7.9. */
export interface Palette {
  readonly red: LookupTable
  readonly green: LookupTable
  readonly blue: LookupTable
}

/** Palette indices as interleaved 8-bit RGB; of 16-bit entries the high byte is taken. */
export function paletteRgb8(values: PixelArray, palette: Palette): Uint8Array<ArrayBuffer> {
  const rgb = new Uint8Array(values.length * 3)
  for (const [sample, table] of [palette.red, palette.green, palette.blue].entries()) {
    const shift = Math.max(0, table.bits - 8)
    const looked = lookUp(values, table)
    for (let index = 0; index < looked.length; index += 1)
      rgb[3 * index + sample] = (looked[index] ?? 0) >> shift
  }
  return rgb
}
