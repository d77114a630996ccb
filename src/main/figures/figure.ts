/** A figure as it stands in files: its picture, what is drawn over it, and the side that says what it is. */
import type { Result } from '../../contract'
import type { LibraryService } from '../library/library-service'
import type { Pictures } from '../pictures/picture-process'
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
  /** The same where the picture stands too small for words in it, and they stand beside it. */
  readonly overWithoutWords?: readonly string[]
  /** SVG pieces of the side. */
  readonly side: string
}

/** How a figure is made. */
export interface FigureWays {
  readonly library: LibraryService
  readonly pictures: Pictures
  /** The number of the patient, or the name of a photograph's file, stands on it. */
  readonly patientFields: boolean
}

/** As PNG; `scale`: pixels of the file a pixel of the figure. Refused: a process of pictures that ended. */
export const figurePng = (
  { picture, widthPx, heightPx, over, side }: Figure,
  { drawnPicture }: Pictures,
  scale = 1,
): Promise<Result<Uint8Array>> =>
  drawnPicture(picture, {
    widthPx: Math.round(widthPx * scale),
    heightPx: Math.round(heightPx * scale),
    svg: svgOf(widthPx + SIDE_WIDTH_PX, heightPx, [...over, side], scale),
    beside: { widthPx: SIDE_WIDTH_PX * scale, colour: PAGE.side },
  })

/** The picture with what lies over it, without the side: for a small place with words beside it. Refused: as `figurePng`. */
export const pictureOfFigure = (
  { picture, widthPx, heightPx, over, overWithoutWords = over }: Figure,
  { drawnPicture }: Pictures,
  scale: number,
): Promise<Result<Uint8Array>> =>
  drawnPicture(picture, {
    widthPx: Math.round(widthPx * scale),
    heightPx: Math.round(heightPx * scale),
    svg: svgOf(widthPx, heightPx, overWithoutWords, scale),
    beside: null,
  })

/** As SVG that stands alone: the picture is inside, outlines stay lines. */
export function figureSvg({ picture, widthPx, heightPx, over, side }: Figure): Uint8Array {
  const inside = Buffer.from(picture).toString('base64')
  const image = `<image width="${widthPx}" height="${heightPx}" href="data:image/png;base64,${inside}"/>`
  return svgOf(widthPx + SIDE_WIDTH_PX, heightPx, [image, ...over, side])
}
