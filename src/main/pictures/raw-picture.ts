import sharp, { type Sharp } from 'sharp'
import { accept, type Result } from '../../contract'

/** 8-bit pixels, rows from the top: grey, RGB or RGBA. */
export interface RawPicture {
  readonly pixels: Uint8Array
  readonly widthPx: number
  readonly heightPx: number
  readonly channels: 1 | 3 | 4
}

export const openRaw = ({ pixels, widthPx: width, heightPx: height, channels }: RawPicture): Sharp =>
  sharp(pixels, { raw: { width, height, channels } })

export const pngBytes = async (picture: Sharp): Promise<Result<Uint8Array>> =>
  accept(new Uint8Array(await picture.png({ palette: false }).toBuffer()))

/** As a PNG without a palette. */
export const pngOf = (picture: RawPicture): Promise<Result<Uint8Array>> => pngBytes(openRaw(picture))
