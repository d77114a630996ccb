/**
 * Colours of data: what is painted on the image and repeated in lists, tables and ticks. Colours of the page itself
 * stand in tokens.css. One colour, one meaning: violet and white are the model, Okabe–Ito are people, cividis is maps.
 */

/** How a reader's line looks everywhere it is drawn. */
export interface ReaderStyle {
  readonly letter: string
  readonly colour: string
  /** Dash and gap lengths in CSS pixels; empty is a solid line. */
  readonly dashPx: readonly number[]
}

/**
 * Okabe & Ito, Color Universal Design (2008), without black; yellow is kept for the user's own reading. A panel of more
 * than six gets a brown and a grey, told from the others by how light they are.
 */
const READERS: readonly ReaderStyle[] = [
  { letter: 'A', colour: '#E69F00', dashPx: [] },
  { letter: 'B', colour: '#56B4E9', dashPx: [7, 3.5] },
  { letter: 'C', colour: '#009E73', dashPx: [2.2, 2.8] },
  { letter: 'D', colour: '#D55E00', dashPx: [9, 3, 2, 3] },
  { letter: 'E', colour: '#CC79A7', dashPx: [12, 4] },
  { letter: 'F', colour: '#0072B2', dashPx: [1.5, 4] },
  { letter: 'G', colour: '#A5714B', dashPx: [5, 2, 1.5, 2, 1.5, 2] },
  { letter: 'H', colour: '#A9AEB4', dashPx: [4, 4] },
]

/** The ninth reader starts the colours again; a line without gaps gets one, the gaps of the others double each round. */
const SECOND_ROUND_SOLID: readonly number[] = [8, 4]

/** Style of the reader at this place in the source's order (0 is reader A). */
export function readerStyle(colourIndex: number): ReaderStyle {
  const base = READERS[colourIndex % READERS.length]
  if (base === undefined) throw new RangeError(`no reader stands at ${String(colourIndex)}`)
  const round = Math.floor(colourIndex / READERS.length)
  if (round === 0) return base
  const first = base.dashPx.length === 0 ? SECOND_ROUND_SOLID : base.dashPx
  const dashPx = first.map((length, place) => (place % 2 === 0 ? length : length * 2 ** round))
  return { letter: String.fromCharCode(65 + colourIndex), colour: base.colour, dashPx }
}

/** Lines and fills of the model, widths in CSS pixels at every zoom. */
export const MODEL_STYLE = {
  sampleColour: '#DAD5FF',
  sampleAlpha: 0.27,
  sampleWidthPx: 0.6,
  medianColour: '#F4F1FF',
  medianWidthPx: 2.25,
  /** Of two compared models: the median of the one that is not shown in this view. */
  otherMedianWidthPx: 1.5,
  /** A sample chosen in the strip: the accent, as the border of its thumbnail. */
  chosenSampleColour: '#4FCDBB',
  bandColour90: '#8672FF',
  bandAlpha90: 0.27,
  bandColour50: '#7A63FF',
  bandAlpha50: 0.5,
} as const

/** Dashes of two compared models, in white as no reader is: the first solid, the second dashed. */
export const modelDashPx = (place: 1 | 2): readonly number[] => (place === 1 ? [] : [6, 4])

export const READER_WIDTH_PX = 1.75
/** Black under a line, this much wider on each side, so that it reads on white lung wall and on black air. */
export const HALO = { colour: '#000000', alpha: 0.8, extraPx: 1 } as const

/** What the rater draws: only the own reading is yellow. Widths in CSS pixels at every zoom. */
export const OWN_STYLE = {
  colour: '#F0E442',
  widthPx: 2.5,
  fillAlpha: 0.22,
  handleWidthPx: 1.5,
} as const

/** An outline derived from readings: of people, so not the model's white; of nobody, so no reader's colour. */
export const CONSENSUS_STYLE = { colour: '#BAC1CB', widthPx: 2.25, dashPx: [14, 3] } as const

/** Furniture on the image: crop corners, rulers, letters. */
export const MARK_STYLE = {
  accent: '#4FCDBB',
  text: '#ECEEF1',
  quiet: '#949DAA',
  white: '#FFFFFF',
  plate: 'rgba(0, 0, 0, 0.72)',
} as const

type Rgb = readonly [number, number, number]

/**
 * Cividis at places 0…255 of its published table: Nuñez, Anderton & Renslow, PLoS ONE 13(7) e0199239 (2018),
 * doi 10.1371/journal.pone.0199239, as in matplotlib's `cividis`. Lines between these places stay within about 1 of 255 of the table.
 */
const CIVIDIS: readonly (readonly [place: number, red: number, green: number, blue: number])[] = [
  [0, 0, 0.135112, 0.304751],
  [16, 0, 0.178802, 0.414764],
  [20, 0, 0.188769, 0.439563],
  [23, 0.003602, 0.195911, 0.441564],
  [26, 0.046205, 0.203903, 0.440196],
  [32, 0.103401, 0.220406, 0.43579],
  [40, 0.154261, 0.242475, 0.43012],
  [48, 0.195057, 0.264372, 0.425924],
  [64, 0.263738, 0.307831, 0.422789],
  [80, 0.32425, 0.351289, 0.42625],
  [96, 0.38083, 0.395164, 0.435653],
  [112, 0.435168, 0.439763, 0.451134],
  [128, 0.488697, 0.485318, 0.471008],
  [144, 0.54784, 0.531895, 0.471704],
  [160, 0.609105, 0.579816, 0.463638],
  [176, 0.671991, 0.629316, 0.448018],
  [192, 0.736488, 0.680629, 0.424028],
  [208, 0.802667, 0.733978, 0.390153],
  [224, 0.870717, 0.789572, 0.343333],
  [240, 0.941147, 0.84753, 0.275815],
  [251, 0.992218, 0.888385, 0.205468],
  [252, 0.994847, 0.892954, 0.203445],
  [255, 0.995737, 0.909344, 0.217772],
]

/** Cividis at a fraction 0…1 (held at the ends): red, green, blue 0…255, not rounded. */
export function cividis(fraction: number): Rgb {
  const place = Math.min(1, Math.max(0, fraction)) * 255
  let upper = CIVIDIS.findIndex(([anchor]) => anchor >= place)
  if (upper <= 0) upper = 1
  const low = CIVIDIS[upper - 1]
  const high = CIVIDIS[upper]
  if (low === undefined || high === undefined) throw new RangeError('cividis has two ends')
  const part = (place - low[0]) / (high[0] - low[0])
  const between = (a: number, b: number): number => (a + (b - a) * part) * 255
  return [between(low[1], high[1]), between(low[2], high[2]), between(low[3], high[3])]
}

/** `rgb(…)` of cividis at a fraction, for legends. */
export function cividisCss(fraction: number): string {
  const [red, green, blue] = cividis(fraction)
  return `rgb(${Math.round(red)}, ${Math.round(green)}, ${Math.round(blue)})`
}

/** The variance of a yes-or-no answer is at most a quarter: maps always span 0…0.25, never the image's own range. */
export const VARIANCE_MAX = 0.25

/** Overlay planes of a file, red, green, blue: near white as every viewer draws them, a step below the white of the median. */
export const GRAPHICS_RGB: Rgb = [226, 228, 232]
