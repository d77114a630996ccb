/** Colours, widths and dashes of figures: those of the page (look/README.md), since a figure is read beside it. */

export const PAGE = {
  image: '#000000',
  panel: '#14171B',
  line: '#2A3038',
  text: '#ECEEF1',
  label: '#BAC1CB',
  note: '#949DAA',
  plate: '#000000',
  plateAlpha: 0.72,
  warning: '#F0C250',
} as const

export const MODEL = {
  median: '#F4F1FF',
  medianWidthPx: 2.25,
  sample: '#DAD5FF',
  sampleWidthPx: 0.6,
  sampleAlpha: 0.27,
  band90: '#8672FF',
  band90Alpha: 0.27,
  band50: '#7A63FF',
  band50Alpha: 0.5,
} as const

/** So many samples are drawn at most, chosen evenly by depth. */
export const MAX_DRAWN_SAMPLES = 60
export const READER_WIDTH_PX = 1.75
export const HALO_ALPHA = 0.8

export interface ReaderLine {
  readonly colour: string
  readonly dash: string
}

const READER_LINES: readonly ReaderLine[] = [
  { colour: '#E69F00', dash: '' },
  { colour: '#56B4E9', dash: '7 3.5' },
  { colour: '#009E73', dash: '2.2 2.8' },
  { colour: '#D55E00', dash: '9 3 2 3' },
  { colour: '#CC79A7', dash: '12 4' },
  { colour: '#0072B2', dash: '1.5 4' },
]

/** The line of a reader by letter; a seventh begins the colours anew. */
export function readerLine(letter: string): ReaderLine {
  const index = Math.max(0, letter.charCodeAt(0) - 'A'.charCodeAt(0))
  return READER_LINES[index % READER_LINES.length] ?? { colour: PAGE.text, dash: '' }
}

/** Variance of a yes or no lies between 0 and this; the map always spans it. */
export const MAX_VARIANCE = 0.25

/**
 * Cividis at nine equal steps of its published table: Nunez, Anderton, Renslow, PLoS ONE 13(7), 2018. Straight lines
 * between them stay within 9 of 255 of it.
 */
const CIVIDIS: readonly (readonly [number, number, number])[] = [
  [0, 34, 78],
  [26, 56, 111],
  [67, 78, 108],
  [97, 101, 111],
  [125, 124, 120],
  [155, 148, 119],
  [188, 174, 108],
  [222, 201, 88],
  [254, 232, 56],
]

/** Cividis at 0..1: red, green, blue 0..255. */
export function cividis(fraction: number): readonly [number, number, number] {
  const place = Math.min(1, Math.max(0, fraction)) * (CIVIDIS.length - 1)
  const low = CIVIDIS[Math.floor(place)] ?? [0, 0, 0]
  const high = CIVIDIS[Math.min(CIVIDIS.length - 1, Math.floor(place) + 1)] ?? low
  const share = place - Math.floor(place)
  const between = (a: number, b: number): number => Math.round(a + (b - a) * share)
  return [between(low[0], high[0]), between(low[1], high[1]), between(low[2], high[2])]
}
