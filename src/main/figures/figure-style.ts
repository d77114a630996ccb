/** Chrome of figures: the colours of the page, since a figure is read beside it. Colours of data stand in core. */
import { readerStyle } from '../../core/image/data-colours'

export const PAGE = {
  image: '#000000',
  side: '#14171B',
  line: '#2A3038',
  text: '#ECEEF1',
  label: '#BAC1CB',
  note: '#949DAA',
  plate: '#000000',
  plateAlpha: 0.72,
  warning: '#F0C250',
} as const

/** So many samples are drawn at most, chosen evenly by depth. */
export const MAX_DRAWN_SAMPLES = 60
/** The line of a reader by letter, its dashes as SVG writes them. */
export function readerLine(letter: string): { readonly colour: string; readonly dash: string } {
  const { colour, dashPx } = readerStyle(Math.max(0, letter.charCodeAt(0) - 'A'.charCodeAt(0)))
  return { colour, dash: dashPx.join(' ') }
}
