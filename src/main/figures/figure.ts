/** A figure as it stands in files: its picture, what is drawn over it, and the side that says what it is. */
import sharp from 'sharp'
import { SIDE_WIDTH_PX } from './figure-side'
import { PAGE } from './figure-style'
import { svgOf } from './svg'

export interface Figure {
  /** PNG of the picture, widthPx x heightPx. */
  readonly picture: Uint8Array
  readonly widthPx: number
  readonly heightPx: number
  /** SVG pieces over the picture. */
  readonly over: readonly string[]
  /** SVG pieces of the side. */
  readonly side: string
}

/** As PNG; `scale`: pixels of the file a pixel of the figure. */
export async function figurePng(
  { picture, widthPx, heightPx, over, side }: Figure,
  scale = 1,
): Promise<Uint8Array> {
  const ground = await sharp(picture)
    .resize(Math.round(widthPx * scale), Math.round(heightPx * scale), { kernel: 'cubic', fit: 'fill' })
    .toColourspace('srgb')
    .extend({ right: SIDE_WIDTH_PX * scale, background: PAGE.side })
    .png()
    .toBuffer()
  const input = Buffer.from(svgOf(widthPx + SIDE_WIDTH_PX, heightPx, [...over, side], scale))
  return new Uint8Array(await sharp(ground).composite([{ input }]).png().toBuffer())
}

/** The picture with what lies over it, without the side. */
export async function pictureOfFigure(
  { picture, widthPx, heightPx, over }: Figure,
  scale: number,
): Promise<Uint8Array> {
  const ground = await sharp(picture)
    .resize(Math.round(widthPx * scale), Math.round(heightPx * scale), { kernel: 'cubic', fit: 'fill' })
    .toColourspace('srgb')
    .removeAlpha()
    .png()
    .toBuffer()
  const input = Buffer.from(svgOf(widthPx, heightPx, over, scale))
  return new Uint8Array(await sharp(ground).composite([{ input }]).removeAlpha().png().toBuffer())
}

/** As SVG that stands alone: the picture is inside, outlines stay lines. */
export function figureSvg({ picture, widthPx, heightPx, over, side }: Figure): Uint8Array {
  const inside = Buffer.from(picture).toString('base64')
  const image = `<image width="${widthPx}" height="${heightPx}" href="data:image/png;base64,${inside}"/>`
  return svgOf(widthPx + SIDE_WIDTH_PX, heightPx, [image, ...over, side])
}
