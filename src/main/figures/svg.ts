/** The few SVG pieces that figures are drawn with. Coordinates are pixels of the figure. */
import type { Ring } from '../../core/contour/trace'
import { HALO } from '../../core/image/data-colours'
import { PAGE } from './figure-style'

/** Where an image index lies in the figure: pixel centres are at whole indices. */
export interface View {
  readonly originColumn: number
  readonly originRow: number
  readonly scaleX: number
  readonly scaleY: number
}

export const toFigureX = (view: View, column: number): number =>
  (column - view.originColumn + 0.5) * view.scaleX
export const toFigureY = (view: View, row: number): number => (row - view.originRow + 0.5) * view.scaleY

const FONT = "'Liberation Sans','DejaVu Sans',Arial,sans-serif"

const escapeText = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

/** Two decimals are a hundredth of a screen pixel. */
const short = (value: number): string => value.toFixed(2).replace(/\.?0+$/, '')

/** Path data of closed rings in image indices. */
export function pathOf(rings: readonly Ring[], view: View): string {
  return rings
    .map((ring) => {
      const points: string[] = []
      for (let at = 0; at < ring.length; at += 2) {
        points.push(`${short(toFigureX(view, ring[at] ?? 0))} ${short(toFigureY(view, ring[at + 1] ?? 0))}`)
      }
      return points.length === 0 ? '' : `M${points.join('L')}Z`
    })
    .join('')
}

export interface Stroke {
  readonly colour: string
  readonly widthPx: number
  readonly alpha?: number
  readonly dash?: string
}

const dashOf = (dash: string | undefined): string =>
  dash === undefined || dash === '' ? '' : ` stroke-dasharray="${dash}"`

/** A line without fill. */
export function outline(path: string, { colour, widthPx, alpha = 1, dash }: Stroke): string {
  if (path === '') return ''
  return `<path d="${path}" fill="none" stroke="${colour}" stroke-width="${widthPx}" stroke-opacity="${alpha}" stroke-linejoin="round"${dashOf(dash)}/>`
}

/** A line with the same path in black below it, one pixel wider on each side. */
export const haloed = (path: string, stroke: Stroke): string =>
  outline(path, {
    ...stroke,
    colour: HALO.colour,
    widthPx: stroke.widthPx + 2 * HALO.extraPx,
    alpha: HALO.alpha,
  }) + outline(path, stroke)

/** An area; rings inside others are holes. */
export const area = (path: string, colour: string, alpha: number): string =>
  path === '' ? '' : `<path d="${path}" fill="${colour}" fill-opacity="${alpha}" fill-rule="evenodd"/>`

export interface TextStyle {
  readonly sizePx?: number
  readonly colour?: string
  readonly bold?: boolean
  readonly anchor?: 'start' | 'middle' | 'end'
}

/** Text on its baseline. */
export function words(x: number, y: number, text: string, style: TextStyle = {}): string {
  const { sizePx = 13, colour = PAGE.text, bold = false, anchor = 'start' } = style
  return `<text x="${short(x)}" y="${short(y)}" font-family="${FONT}" font-size="${sizePx}" font-weight="${bold ? 600 : 400}" fill="${colour}" text-anchor="${anchor}">${escapeText(text)}</text>`
}

/** About how wide a text of 13 px is: capitals are wider than the rest. */
export const textWidthPx = (text: string): number =>
  Array.from(text).reduce((sum, letter) => sum + (/[A-Z×–−@#%&MW]/.test(letter) ? 9.2 : 7), 0)

/** Lines of text on a black plate, its corner at (x, y); `right` puts the right edge there. */
export function plate(x: number, y: number, lines: readonly string[], right = false): string {
  const widthPx = Math.ceil(Math.max(...lines.map(textWidthPx))) + 16
  const left = right ? x - widthPx : x
  const box = `<rect x="${left}" y="${y}" width="${widthPx}" height="${lines.length * 17 + 8}" rx="3" fill="${PAGE.plate}" fill-opacity="${PAGE.plateAlpha}"/>`
  return box + lines.map((line, index) => words(left + 8, y + 17 + index * 17, line)).join('')
}

/** A whole figure; `scale`: pixels that a pixel of its coordinates takes. */
export const svgOf = (widthPx: number, heightPx: number, parts: readonly string[], scale = 1): Uint8Array =>
  new TextEncoder().encode(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${Math.round(widthPx * scale)}" height="${Math.round(heightPx * scale)}" viewBox="0 0 ${widthPx} ${heightPx}">${parts.join('')}</svg>`,
  )

/** A line from one point to another. */
export const line = (x1: number, y1: number, x2: number, y2: number, colour: string, widthPx = 1): string =>
  `<line x1="${short(x1)}" y1="${short(y1)}" x2="${short(x2)}" y2="${short(y2)}" stroke="${colour}" stroke-width="${widthPx}"/>`
