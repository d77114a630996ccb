/** The one-page report as PDF: A4, dark on white, the same bytes for the same content. */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import PDFDocument from 'pdfkit'
import { accept, refuse, type Result } from '../../contract'
import { readPdf } from './read-pdf'
import type { ReportContent } from './report-content'

const packages = createRequire(import.meta.url)
const FONTS = {
  plain: packages.resolve('@expo-google-fonts/inter/400Regular/Inter_400Regular.ttf'),
  bold: packages.resolve('@expo-google-fonts/inter/600SemiBold/Inter_600SemiBold.ttf'),
}
type Font = keyof typeof FONTS

/** Points. */
const PAGE = { widthPt: 595.28, heightPt: 841.89, sidePt: 42, footPt: 34 } as const
const INK = { text: '#16191D', note: '#555D67', line: '#C9CED4' } as const
/** No clock: a file that says when it was made is another one each time. */
const UNDATED = new Date('1980-01-01T00:00:00Z')
/** Letters that the font has; others stand as a question mark, and a sentence says so. */
const FOREIGN =
  /[^\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Common}\p{Script=Inherited}]/gu
/** Sizes that are tried until all of it stands on one page. */
const SCALES = [1, 0.92, 0.84, 0.76] as const

export interface ReportPicture {
  readonly png: Uint8Array
  readonly widthPx: number
  readonly heightPx: number
  readonly legend: readonly string[]
  /** Colours of a map from its lowest value to its highest, with both in words; null: the picture holds no map. */
  readonly scale: {
    /** Red, green, blue, 0 to 255. */
    readonly colours: readonly (readonly [number, number, number])[]
    readonly lowest: string
    readonly highest: string
  } | null
}

/** Figures of one width: the point between 7 and 3 is drawn under the 7 else, and 27.3 reads as 273. */
const FIGURES: ['tnum'] = ['tnum']

interface Style {
  readonly font?: Font
  readonly sizePt?: number
  readonly colour?: string
  readonly align?: 'left' | 'right'
}

/** Puts text and lines on the page and keeps what was put there, so that it can be compared with what is read. */
class ReportPen {
  readonly written: string[] = []
  constructor(
    readonly doc: PDFKit.PDFDocument,
    private readonly scale: number,
  ) {}

  /** Text in a column; returns where the next line begins. */
  put(text: string, x: number, y: number, widthPt: number, style: Style = {}): number {
    const { font = 'plain', sizePt = 9, colour = INK.text, align = 'left' } = style
    const shown = text.replace(FOREIGN, '?')
    this.doc
      .font(font)
      .fontSize(sizePt * this.scale)
      .fillColor(colour)
    const options = {
      width: widthPt,
      align,
      lineGap: 1.5 * this.scale,
      ...(/\d\.\d/.test(shown) ? { features: FIGURES } : {}),
    }
    if (shown === '') return y
    const heightPt = this.doc.heightOfString(shown, options)
    this.doc.text(shown, x, y, { ...options, height: heightPt + 1 })
    this.written.push(shown)
    return y + heightPt
  }

  rule(y: number): void {
    this.doc
      .moveTo(PAGE.sidePt, y)
      .lineTo(PAGE.widthPt - PAGE.sidePt, y)
      .lineWidth(0.5)
      .strokeColor(INK.line)
      .stroke()
  }

  gap(points: number): number {
    return points * this.scale
  }
}

const WIDTH_PT = PAGE.widthPt - 2 * PAGE.sidePt
const PICTURE_PT = 232
const GUTTER_PT = 18

/** The page; returns how far down it goes. */
function layOut(pen: ReportPen, content: ReportContent, picture: ReportPicture): number {
  let y = head(pen, content)
  const below = pictured(pen, picture, y)
  const right = sizes(pen, content, y)
  y = Math.max(below, right) + pen.gap(8)
  y = classes(pen, content, y)
  y = limits(pen, content, y)
  return run(pen, content, y)
}

function head(pen: ReportPen, { title, patient, image, researchUse }: ReportContent): number {
  let y = pen.put(title, PAGE.sidePt, PAGE.sidePt, WIDTH_PT, { font: 'bold', sizePt: 17 })
  y = pen.put('What a model would draw, and how far its samples differ', PAGE.sidePt, y, WIDTH_PT, {
    sizePt: 10,
    colour: INK.note,
  })
  y = pen.put(researchUse, PAGE.sidePt, y, WIDTH_PT, { font: 'bold', sizePt: 9 }) + pen.gap(6)
  pen.rule(y)
  y += pen.gap(6)
  const about =
    patient === null
      ? 'Patient: left out'
      : patient.map(({ name, value }) => `${name} ${value}`).join('  ·  ')
  y = pen.put(about === '' ? 'Patient: the files say nothing' : about, PAGE.sidePt, y, WIDTH_PT, {
    font: patient === null ? 'plain' : 'bold',
  })
  for (const [at, line] of image.entries())
    y = pen.put(line, PAGE.sidePt, y, WIDTH_PT, at === 0 ? { font: 'bold' } : { colour: INK.note })
  return y + pen.gap(8)
}

function pictured(pen: ReportPen, picture: ReportPicture, top: number): number {
  const { png, widthPx, heightPx, legend, scale } = picture
  const heightPt = Math.min(PICTURE_PT * 1.2, (PICTURE_PT * heightPx) / widthPx)
  pen.doc.image(Buffer.from(png), PAGE.sidePt, top, { fit: [PICTURE_PT, heightPt] })
  let y = top + heightPt + pen.gap(4)
  if (scale !== null) y = colourScale(pen, scale, y)
  for (const line of legend) y = pen.put(line, PAGE.sidePt, y, PICTURE_PT, { sizePt: 8, colour: INK.note })
  return y
}

/** A bar of the colours of a map with both ends in words below it. */
function colourScale(
  pen: ReportPen,
  { colours, lowest, highest }: NonNullable<ReportPicture['scale']>,
  top: number,
): number {
  const stepPt = PICTURE_PT / colours.length
  const heightPt = pen.gap(7)
  for (const [at, [red, green, blue]] of colours.entries())
    // A little over the next one, so that no line of paper shows between them.
    pen.doc
      .rect(PAGE.sidePt + at * stepPt, top, stepPt * 1.2, heightPt)
      .fill([Math.round(red), Math.round(green), Math.round(blue)])
  const y = top + heightPt + pen.gap(2)
  const style = { sizePt: 8, colour: INK.note } as const
  pen.put(lowest, PAGE.sidePt, y, PICTURE_PT / 2, style)
  return pen.put(highest, PAGE.sidePt + PICTURE_PT / 2, y, PICTURE_PT / 2, { ...style, align: 'right' })
}

function sizes(pen: ReportPen, { presence, sizes: groups }: ReportContent, top: number): number {
  const left = PAGE.sidePt + PICTURE_PT + GUTTER_PT
  const widthPt = WIDTH_PT - PICTURE_PT - GUTTER_PT
  let y = pen.put(presence, left, top, widthPt, { font: 'bold' })
  for (const { title, note, rows } of groups) {
    y += pen.gap(7)
    const under = pen.put(title, left, y, widthPt * 0.5, { font: 'bold', sizePt: 10 })
    pen.put(note, left + widthPt * 0.4, y + 1, widthPt * 0.6, { sizePt: 8, colour: INK.note, align: 'right' })
    y = under + pen.gap(2)
    for (const { label, value, interval, readers } of rows) {
      const bottom = pen.put(label, left, y, widthPt * 0.37)
      pen.put(value, left + widthPt * 0.36, y, widthPt * 0.27, { font: 'bold', align: 'right' })
      pen.put(interval, left + widthPt * 0.64, y, widthPt * 0.36, { align: 'right' })
      y = bottom
      if (readers !== '')
        y = pen.put(`Readers: ${readers}`, left + 8, y, widthPt - 8, { sizePt: 7.5, colour: INK.note })
    }
  }
  return y
}

function classes(pen: ReportPen, { classes: guidelines }: ReportContent, top: number): number {
  if (guidelines.length === 0) return top
  pen.rule(top)
  let y =
    pen.put('Guideline classes, as shares of samples', PAGE.sidePt, top + pen.gap(6), WIDTH_PT, {
      font: 'bold',
      sizePt: 10,
    }) + pen.gap(3)
  const columnPt = (WIDTH_PT - GUTTER_PT) / 2
  for (let at = 0; at < guidelines.length; at += 2) {
    const bottoms = guidelines.slice(at, at + 2).map(({ title, rows }, place) => {
      const left = PAGE.sidePt + place * (columnPt + GUTTER_PT)
      let down = pen.put(title, left, y, columnPt, { sizePt: 8, colour: INK.note })
      for (const { name, figure } of rows) {
        const bottom = pen.put(name, left, down, columnPt * 0.65)
        pen.put(figure, left + columnPt * 0.65, down, columnPt * 0.35, { font: 'bold', align: 'right' })
        down = bottom
      }
      return down
    })
    y = Math.max(...bottoms) + pen.gap(5)
  }
  return y + pen.gap(2)
}

function limits(pen: ReportPen, content: ReportContent, top: number): number {
  pen.rule(top)
  let y =
    pen.put('What this does not know', PAGE.sidePt, top + pen.gap(6), WIDTH_PT, {
      font: 'bold',
      sizePt: 10,
    }) + pen.gap(2)
  const isForeign = [content.title, ...(content.patient ?? []).map(({ value }) => value)].some(
    (text) => text.search(FOREIGN) >= 0,
  )
  const said = isForeign
    ? [...content.limits, 'Letters that the font of this report does not have stand as ?.']
    : content.limits
  for (const limit of said) y = pen.put(`• ${limit}`, PAGE.sidePt, y, WIDTH_PT, { sizePt: 8.5 }) + pen.gap(1)
  return y + pen.gap(7)
}

function run(pen: ReportPen, content: ReportContent, top: number): number {
  pen.rule(top)
  let y = top + pen.gap(6)
  for (const { name, value } of content.run) {
    pen.put(name, PAGE.sidePt, y, 60, { sizePt: 8, colour: INK.note })
    y = pen.put(value, PAGE.sidePt + 62, y, WIDTH_PT - 62, { sizePt: 8 })
  }
  return y
}

function drawn(
  content: ReportContent,
  picture: ReportPicture,
  fonts: Readonly<Record<Font, Buffer>>,
  scale: number,
) {
  const doc = new PDFDocument({
    size: 'A4',
    margin: 0,
    compress: false,
    lang: 'en',
    displayTitle: true,
    info: { Title: `Margin: ${content.title}`, Producer: 'Margin', Creator: 'Margin', CreationDate: UNDATED },
  })
  doc.registerFont('plain', fonts.plain)
  doc.registerFont('bold', fonts.bold)
  const pen = new ReportPen(doc, scale)
  const bottomPt = layOut(pen, content, picture)
  return { doc, written: pen.written, bottomPt }
}

async function bytesOf(doc: PDFKit.PDFDocument): Promise<Uint8Array> {
  const parts: Buffer[] = []
  doc.on('data', (part: Buffer) => parts.push(part))
  const ended = new Promise<void>((done) => doc.on('end', done))
  doc.end()
  await ended
  return new Uint8Array(Buffer.concat(parts))
}

/**
 * The report, read again: one page, its picture, and every letter that was written. Refused: content that does not
 * stand on one page at any size that is legible, and `internal` where what is read differs.
 */
export async function reportPdf(content: ReportContent, picture: ReportPicture): Promise<Result<Uint8Array>> {
  const fonts = { plain: await readFile(FONTS.plain), bold: await readFile(FONTS.bold) }
  for (const scale of SCALES) {
    const { doc, written, bottomPt } = drawn(content, picture, fonts, scale)
    const bytes = await bytesOf(doc)
    if (bottomPt > PAGE.heightPt - PAGE.footPt) continue
    const read = readPdf(bytes)
    const isSame =
      read.pages === 1 && read.pictures === 1 && read.text === written.join('').replace(/\s/g, '')
    return isSame ? accept(bytes) : refuse('internal', 'The report did not read back as it was written.')
  }
  return refuse('limit-reached', 'The report does not stand on one page.', {
    next: 'Export without the report: figures, tables and JSON say the same.',
  })
}
