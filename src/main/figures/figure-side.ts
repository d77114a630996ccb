/** The side of a figure: what ran, sizes with intervals, the legend, readers, and what the figure is for. */
import { drawWords } from '../../core/words/draw-words'
import type { SubjectKind } from '../../core/subject/subject-kinds'
import { calibrationNote, MOST_DRAW_NOTHING } from '../../core/words/size-rows'
import { type LesionReport, SCOPE_WARNING } from '../../contract'
import { researchUse } from '../version'
import type { CollectedRun } from './collect-run'
import { MODEL_STYLE } from '../../core/image/data-colours'
import { PAGE, readerLine } from './figure-style'
import { formatDice, formatGed, formatInterval } from '../../core/words/numbers'
import { bracketWords, drawnWords, figureRows, lesionFigureRows, NO_UNCERTAINTY } from './figure-words'
import { area, line, outline, textWidthPx, words } from './svg'

export const SIDE_WIDTH_PX = 340
const SIDE_PX = 16
const ROW_PX = 22
/** Widths are told for text of 13 px; titles are bold ones of 15 px. */
const TITLE_SCALE = 1.3
/** Room for the usual interval, so that figures stand below each other. */
const INTERVAL_PX = 92

export interface PanelContent {
  readonly title: string
  /** Which image it is, where the picture does not say so itself. */
  readonly image?: string
  readonly sizedBy: SubjectKind['sizedBy']
  readonly run: CollectedRun
  /** Rows of the legend between sizes and readers. */
  readonly legend: readonly LegendRow[]
  /** Sizes of the whole lesion, where it was followed through its slices. */
  readonly lesion?: LesionReport
}

export type LegendRow =
  | {
      readonly kind: 'line'
      readonly label: string
      readonly colour: string
      readonly widthPx: number
      readonly alpha: number
    }
  | { readonly kind: 'band'; readonly label: string }
  | { readonly kind: 'words'; readonly label: string }

const MEDIAN_LINE = {
  kind: 'line',
  colour: MODEL_STYLE.medianColour,
  widthPx: MODEL_STYLE.medianWidthPx,
  alpha: 1,
} as const

/** The rows of contour figures. */
export const contourLegend = (drawn: number, { run, report }: CollectedRun): readonly LegendRow[] =>
  run.uncertainty === 'none'
    ? [{ ...MEDIAN_LINE, label: "The model's outline" }]
    : sampleLegend(drawn, report.sampleCount)

const sampleLegend = (drawn: number, count: number): readonly LegendRow[] => [
  {
    kind: 'line',
    label: `Samples, ${drawn} of ${count}`,
    colour: MODEL_STYLE.sampleColour,
    widthPx: 1,
    alpha: 0.7,
  },
  { ...MEDIAN_LINE, label: 'Median sample' },
  { kind: 'band', label: '50 % and 90 % band' },
]

/** Writes rows downwards from the top of the side. */
/** Of the text that `textWidthPx` is for, at 12 px. */
const NOTE_SCALE = 12 / 13

class PanelPen {
  readonly parts: string[] = []
  private y = 30

  constructor(private readonly left: number) {}

  private get right(): number {
    return this.left + SIDE_WIDTH_PX - SIDE_PX
  }

  /** A title too wide for the side goes on in a second line after its last comma. */
  title(text: string): void {
    const at = text.lastIndexOf(', ')
    const isWide = textWidthPx(text) * TITLE_SCALE > SIDE_WIDTH_PX - 2 * SIDE_PX
    const lines = isWide && at > 0 ? [text.slice(0, at + 1), text.slice(at + 2)] : [text]
    for (const line of lines) {
      this.parts.push(words(this.left + SIDE_PX, this.y, line, { sizePx: 15, bold: true }))
      this.y += 22
    }
  }

  /** On as many lines as it takes: nothing of it runs out of the side. */
  note(text: string, colour: string = PAGE.note): void {
    let line = ''
    const put = (): void => {
      this.parts.push(words(this.left + SIDE_PX, this.y, line, { sizePx: 12, colour }))
      this.y += 17
    }
    for (const word of text.split(' ')) {
      const longer = line === '' ? word : `${line} ${word}`
      if (line !== '' && textWidthPx(longer) * NOTE_SCALE > SIDE_WIDTH_PX - 2 * SIDE_PX) {
        put()
        line = word
      } else line = longer
    }
    put()
  }

  section(name: string, aside: string): void {
    this.parts.push(line(this.left, this.y, this.left + SIDE_WIDTH_PX, this.y, PAGE.line))
    this.y += 25
    this.parts.push(words(this.left + SIDE_PX, this.y, name, { bold: true }))
    this.parts.push(words(this.right, this.y, aside, { sizePx: 12, colour: PAGE.note, anchor: 'end' }))
    this.y += ROW_PX + 2
  }

  row(label: string, value: string, interval: string, swatch = ''): void {
    const indent = swatch === '' ? 0 : 40
    this.parts.push(swatch.replaceAll('Y', String(this.y - 4)))
    this.parts.push(words(this.left + SIDE_PX + indent, this.y, label, { colour: PAGE.label }))
    const intervalPx = Math.max(INTERVAL_PX, textWidthPx(interval) + 6)
    this.parts.push(words(this.right - intervalPx, this.y, value, { bold: true, anchor: 'end' }))
    this.parts.push(words(this.right, this.y, interval, { colour: PAGE.label, anchor: 'end' }))
    this.y += ROW_PX
  }

  swatchAt(draw: (x: number, y: number) => string): void {
    this.parts.push(draw(this.left + SIDE_PX, this.y - 4))
  }

  gap(): void {
    this.y += 6
  }
}

function legendRow(pen: PanelPen, row: LegendRow): void {
  if (row.kind === 'words') {
    pen.note(row.label)
    return
  }
  pen.swatchAt((x, y) => {
    if (row.kind === 'line') {
      return outline(`M${x} ${y}L${x + 28} ${y}`, {
        colour: row.colour,
        widthPx: row.widthPx,
        alpha: row.alpha,
      })
    }
    const box = (top: number, height: number): string => `M${x} ${top}h28v${height}h-28Z`
    return (
      area(box(y - 6, 12), MODEL_STYLE.bandColour90, 0.55) +
      area(box(y - 3, 6), MODEL_STYLE.bandColour50, 0.9)
    )
  })
  pen.row(row.label, '', '', ' ')
}

const interval = (low95: number | null, high95: number | null, write: (value: number) => string): string =>
  low95 === null || high95 === null ? '' : formatInterval(write(low95), write(high95))

function readerRows(pen: PanelPen, { run, report }: CollectedRun): void {
  const { agreement } = report
  if (agreement === null) {
    pen.section('Readers', 'none on this image')
    return
  }
  pen.section('Readers', run.uncertainty === 'none' ? 'Dice with the outline' : 'Dice with samples')
  for (const reader of agreement.readers) {
    const { colour, dash } = readerLine(reader.letter)
    pen.swatchAt((x, y) => outline(`M${x} ${y}L${x + 28} ${y}`, { colour, widthPx: 2, dash }))
    const { median, low95, high95 } = reader.dice
    const label = reader.empty ? `${reader.letter}, nothing drawn` : reader.letter
    pen.row(label, formatDice(median), interval(low95, high95, formatDice), ' ')
  }
  const { ged, gedLow95, gedHigh95 } = agreement
  pen.row('Energy distance (GED)', formatGed(ged), interval(gedLow95, gedHigh95, formatGed))
}

/** The side as SVG, its left edge at `left`. */
export function side(
  left: number,
  heightPx: number,
  { title, image, sizedBy, run, legend, lesion }: PanelContent,
): string {
  const { model, modelVersion, modelSha256, samples, seed, draws, device, version, uncertainty } = run.run
  const spread = `${samples} samples, ${drawWords(draws)} · seed ${seed}`
  const drawn = uncertainty === 'none' ? 'one outline' : spread
  const pen = new PanelPen(left)
  pen.title(title)
  if (image !== undefined) pen.note(image)
  pen.note(`${model} ${modelVersion} · ${drawn}`)
  pen.note(`${device.used.toUpperCase()} · ${drawnWords(run.report, uncertainty)}`)
  if (run.report.mostDrawNothing && uncertainty === 'samples') pen.note(`${MOST_DRAW_NOTHING}.`)
  pen.gap()
  if (lesion !== undefined) {
    pen.section('Whole lesion', 'slices tied')
    for (const row of lesionFigureRows(lesion)) pen.row(row.label, row.value, row.interval)
  }
  pen.section(lesion === undefined ? 'Size' : 'This slice', bracketWords(run.report, uncertainty))
  for (const row of figureRows(run.report.sizes, sizedBy)) pen.row(row.label, row.value, row.interval)
  if (run.report.calibration !== undefined) pen.note(calibrationNote(run.report.calibration))
  pen.section('Layers', '')
  for (const row of legend) legendRow(pen, row)
  readerRows(pen, run)
  const warnings = run.report.warnings.filter(({ code }) => code !== SCOPE_WARNING)
  if (warnings.length > 0) {
    pen.gap()
    pen.note(
      `${warnings.length} ${warnings.length === 1 ? 'warning' : 'warnings'}, see the report`,
      PAGE.warning,
    )
  }
  const ground = `<rect x="${left}" y="0" width="${SIDE_WIDTH_PX}" height="${heightPx}" fill="${PAGE.side}"/>`
  const foot = [
    uncertainty === 'none' ? NO_UNCERTAINTY : 'Spread is that of samples, not a chance of being right.',
    researchUse,
    `Margin ${version} · model ${modelSha256.slice(0, 12)}`,
  ].map((text, index) =>
    words(left + SIDE_PX, heightPx - 48 + index * 17, text, { sizePx: 11, colour: PAGE.note }),
  )
  return [ground, ...pen.parts, ...foot].join('')
}
