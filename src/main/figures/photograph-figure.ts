/**
 * Two figures of a photograph: the variance of the samples over it, and outlines where they vary most. Of a model
 * without uncertainty: its outline over the whole, and where most is drawn.
 */
import { kindOf } from '../../core/subject/subject-kinds'
import { accept, type ImageSummary, refuse, type ReportedImage, type Result } from '../../contract'
import type { PixelBody } from '../library/library-service'
import type { Pictures } from '../pictures/picture-process'
import type { RawPicture } from '../pictures/raw-picture'
import type { CollectedRun } from './collect-run'
import type { Figure, FigureWays } from './figure'
import { contourLegend, side } from './figure-side'
import { cividisCss, MODEL_STYLE, VARIANCE_MAX } from '../../core/image/data-colours'
import { PAGE } from './figure-style'
import { eyeOf } from '../../core/words/case-words'
import { formatNumber } from '../../core/words/numbers'
import type { ReportedTarget } from './infer-report'
import { reportedImage } from './reported-image'
import { varianceMap, varianceOf } from './mask-sheet'
import { drawnSamples, modelLayers, outlinePath, readerLayers } from './outline-layers'
import { outline, plate, toFigureX, toFigureY, type View, words } from './svg'

export interface PhotographFigures {
  /** The whole photograph: under the variance map, or with the one outline of a model without uncertainty. */
  readonly whole: Figure
  readonly detail: Figure
}

const PICTURE_PX = 896

interface Part {
  readonly left: number
  readonly top: number
  readonly sizePx: number
}

const isOneOutline = ({ run }: CollectedRun): boolean => run.uncertainty === 'none'

/** Side of the part that the second figure shows, as a share of the photograph's height. */
const DETAIL_SHARE = 0.22

/** The square of the photograph with the largest sum of variance, or of what one outline holds, in whole image pixels. */
function mostVaried(run: CollectedRun, image: ImageSummary): Part {
  const { grid } = run
  const sizePx = Math.round(image.height * DETAIL_SHARE)
  const side = Math.round(sizePx / grid.columnStep)
  const weights = isOneOutline(run) ? (run.masks[0]?.pixels ?? new Uint8Array(0)) : varianceOf(run)
  const stride = grid.widthPx + 1
  const sums = new Float64Array(stride * (grid.heightPx + 1))
  for (let row = 0; row < grid.heightPx; row += 1) {
    for (let column = 0; column < grid.widthPx; column += 1) {
      const at = (row + 1) * stride + column + 1
      const here = weights[row * grid.widthPx + column] ?? 0
      sums[at] = here + (sums[at - 1] ?? 0) + (sums[at - stride] ?? 0) - (sums[at - stride - 1] ?? 0)
    }
  }
  let best = { column: 0, row: 0, sum: -1 }
  for (let row = 0; row + side <= grid.heightPx; row += 4) {
    for (let column = 0; column + side <= grid.widthPx; column += 4) {
      const top = row * stride + column
      const bottom = (row + side) * stride + column
      const sum =
        (sums[bottom + side] ?? 0) - (sums[bottom] ?? 0) - (sums[top + side] ?? 0) + (sums[top] ?? 0)
      if (sum > best.sum) best = { column, row, sum }
    }
  }
  const within = (value: number, most: number): number =>
    Math.min(most - sizePx, Math.max(0, Math.round(value)))
  return {
    left: within(grid.originColumn + best.column * grid.columnStep, image.width),
    top: within(grid.originRow + best.row * grid.rowStep, image.height),
    sizePx,
  }
}

/** A bar from 0 to 0.25 with its words. */
function mapLegend(heightPx: number, sampleCount: number): string {
  const [x, y, width] = [14, heightPx - 62, 210]
  const steps = Array.from(
    { length: 42 },
    (_unused, index) =>
      `<rect x="${x + index * 5}" y="${y + 22}" width="5.5" height="10" fill="${cividisCss(index / 41)}"/>`,
  )
  return [
    `<rect x="${x - 8}" y="${y}" width="${width + 48}" height="56" rx="3" fill="${PAGE.plate}" fill-opacity="${PAGE.plateAlpha}"/>`,
    words(x, y + 15, `Variance over ${sampleCount} samples, per pixel`),
    ...steps,
    words(x, y + 47, '0, all agree', { sizePx: 12, colour: PAGE.label }),
    words(x + width, y + 47, `${VARIANCE_MAX}, half and half`, {
      sizePx: 12,
      colour: PAGE.label,
      anchor: 'end',
    }),
  ].join('')
}

const pictureOf = ({ description: { widthPx, heightPx }, bytes }: PixelBody): RawPicture => ({
  ...{ pixels: bytes, widthPx, heightPx },
  channels: 3,
})

/** A square of the photograph. */
function partOf({ description, bytes }: PixelBody, { left, top, sizePx }: Part): RawPicture {
  const pixels = new Uint8Array(sizePx * sizePx * 3)
  for (let row = 0; row < sizePx; row += 1) {
    const from = ((top + row) * description.widthPx + left) * 3
    pixels.set(bytes.subarray(from, from + sizePx * 3), row * sizePx * 3)
  }
  return { pixels, widthPx: sizePx, heightPx: sizePx, channels: 3 }
}

const MAP_ALPHA = 230

/** Lines on a whole photograph are thin and have no halo: the sides of a vessel lie a few pixels apart there. */
const FINE_LINE_PX = 1

/** What lies over the whole photograph, with its legend: the map, or the one outline. */
function wholeLayers(run: CollectedRun, view: View, heightPx: number): readonly string[] {
  if (!isOneOutline(run)) return [mapLegend(heightPx, run.report.sampleCount)]
  const path = outlinePath(run, view)
  return [outline(path, { colour: MODEL_STYLE.medianColour, widthPx: FINE_LINE_PX })]
}

/** What both figures are of. */
interface Drawn {
  readonly body: PixelBody
  readonly image: ImageSummary
  /** Which photograph it is, a line of the corner each. */
  readonly identity: readonly string[]
  readonly target: ReportedTarget
  readonly run: CollectedRun
  readonly pictures: Pictures
}

/** `part`: what a second figure shows large; null: there is no second figure. */
async function wholeFigure(
  { body, image, identity, target, run, pictures }: Drawn,
  part: Part | null,
): Promise<Result<Figure>> {
  const widthPx = PICTURE_PX
  const heightPx = Math.round((widthPx * image.height) / image.width)
  const scale = widthPx / image.width
  const view: View = { originColumn: 0, originRow: 0, scaleX: scale, scaleY: scale }
  const size = { widthPx, heightPx }
  const picture = isOneOutline(run)
    ? await pictures.scaledPicture(pictureOf(body), size)
    : await pictures.pictureUnderMap(pictureOf(body), varianceMap(run, MAP_ALPHA), size)
  if (!picture.ok) return picture
  const what = isOneOutline(run) ? "The model's outline." : 'Variance map; the photograph is dimmed below it.'
  const over = [
    ...(part === null ? [] : [squareOf(part, view)]),
    plate(12, 12, [...identity, `${image.width} × ${image.height} px, no spacing`]),
    ...wholeLayers(run, view, heightPx),
  ]
  const words = side(widthPx, heightPx, {
    sizedBy: kindOf({ kind: 'image' }).sizedBy,
    title: `${target.label}, what the model would draw`,
    run,
    legend: [
      { kind: 'words', label: what },
      ...(part === null ? [] : [{ kind: 'words', label: 'Square: the part of the second figure.' } as const]),
    ],
  })
  const overWithoutWords = isOneOutline(run) ? wholeLayers(run, view, heightPx) : []
  return accept({ picture: picture.value, widthPx, heightPx, over, overWithoutWords, side: words })
}

function squareOf({ left, top, sizePx }: Part, view: View): string {
  const [x, y] = [toFigureX(view, left - 0.5), toFigureY(view, top - 0.5)]
  const side = sizePx * view.scaleX
  return outline(`M${x} ${y}h${side}v${side}h${-side}Z`, { colour: PAGE.text, widthPx: 1.5 })
}

async function detailFigure(
  { body, identity, target, run, pictures }: Drawn,
  part: Part,
): Promise<Result<Figure>> {
  const scale = PICTURE_PX / part.sizePx
  const view: View = { originColumn: part.left, originRow: part.top, scaleX: scale, scaleY: scale }
  const size = { widthPx: PICTURE_PX, heightPx: PICTURE_PX }
  const picture = await pictures.scaledPicture(partOf(body, part), size)
  if (!picture.ok) return picture
  const drawn = drawnSamples(run)
  const clipped = [...modelLayers(run, view), ...readerLayers(target.readings, 0, view, false)].join('')
  const over = [
    `<clipPath id="picture"><rect width="${PICTURE_PX}" height="${PICTURE_PX}"/></clipPath>`,
    `<g clip-path="url(#picture)">${clipped}</g>`,
    plate(12, 12, [...identity, `column ${part.left}, row ${part.top}, zoom ${formatNumber(scale, 1)} ×`]),
  ]
  const words = side(PICTURE_PX, PICTURE_PX, {
    sizedBy: kindOf({ kind: 'image' }).sizedBy,
    title: `${target.label}, ${isOneOutline(run) ? 'where most is drawn' : 'where samples vary most'}`,
    run,
    legend: contourLegend(drawn.length, run),
  })
  return accept({ picture: picture.value, ...size, over, side: words })
}

/** Longer names are cut in their middle: endings and numbers tell photographs apart. */
const LONGEST_NAME = 72
/** Digits of the hash of the pixels that stand on a figure; all of them stand in the report and in the tables. */
const HASH_DIGITS = 12

function identityOf(reported: ReportedImage | null): readonly string[] {
  if (reported?.kind !== 'image') return []
  const { name, eye, pixelsSha256 } = reported
  const half = LONGEST_NAME / 2
  const whole = name ?? 'file name left out'
  const shown = whole.length <= LONGEST_NAME ? whole : `${whole.slice(0, half)}…${whole.slice(-half)}`
  return [shown, `${eyeOf({ eye })} · pixels ${pixelsSha256.slice(0, HASH_DIGITS)}`]
}

async function drawnOf(
  image: ImageSummary,
  target: ReportedTarget,
  run: CollectedRun,
  { library, pictures, patientFields }: FigureWays,
): Promise<Result<Drawn>> {
  const body = await library.photograph(image.imageId)
  if (!body.ok) return body
  if (body.value.description.type !== 'rgb8') {
    return refuse(
      'pixel-format-unsupported',
      `The photograph came as ${body.value.description.type}, not as colours.`,
    )
  }
  const reported = await reportedImage({ library, detail: null, image }, patientFields)
  if (!reported.ok) return reported
  return accept({ body: body.value, image, identity: identityOf(reported.value), target, run, pictures })
}

/** Both figures. Refused: a photograph that cannot be read or did not come as colours. */
export async function photographFigures(
  image: ImageSummary,
  target: ReportedTarget,
  run: CollectedRun,
  ways: FigureWays,
): Promise<Result<PhotographFigures>> {
  const drawn = await drawnOf(image, target, run, ways)
  if (!drawn.ok) return drawn
  const part = mostVaried(run, image)
  const whole = await wholeFigure(drawn.value, part)
  if (!whole.ok) return whole
  const detail = await detailFigure(drawn.value, part)
  return detail.ok ? accept({ whole: whole.value, detail: detail.value }) : detail
}

/** The whole photograph alone: nothing on it speaks of a second figure. Refused: as `photographFigures`. */
export async function wholePhotographFigure(
  image: ImageSummary,
  target: ReportedTarget,
  run: CollectedRun,
  ways: FigureWays,
): Promise<Result<Figure>> {
  const drawn = await drawnOf(image, target, run, ways)
  return drawn.ok ? wholeFigure(drawn.value, null) : drawn
}
