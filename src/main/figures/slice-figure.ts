/** A CT slice around the model's crop, in its window, with outlines of samples and readers, a scale and a legend. */
import { kindOf } from '../../core/subject/subject-kinds'
import { accept, type Result, type SeriesDetail, type WindowSetting } from '../../contract'
import { displayGrey } from '../../core/image/display'
import { LUNG_WINDOW, windowForCt } from '../../core/image/window'
import type { PixelBody } from '../library/library-service'
import { uidInFiles } from '../../core/dicom/made-up-uid'
import type { CollectedRun } from './collect-run'
import type { Figure, FigureWays } from './figure'
import { contourLegend, side } from './figure-side'
import { PAGE } from './figure-style'
import { countedStack, sliceNumber } from '../../core/geometry/slice-number'
import { formatNumber } from '../../core/words/numbers'
import type { ReportedTarget } from './infer-report'
import { drawnSamples, modelLayers, readerLayers } from './outline-layers'
import { outline, plate, toFigureX, toFigureY, type View, words } from './svg'

/** The picture shows a third more than the crop. */
const CONTEXT = 4 / 3
const PICTURE_PX = 896

interface Frame {
  readonly view: View
  readonly left: number
  readonly top: number
  readonly columns: number
  readonly rows: number
  readonly widthPx: number
  readonly heightPx: number
}

function frameAround({ grid }: CollectedRun, detail: SeriesDetail): Frame {
  const { spacingMm } = detail.summary
  const aspect = spacingMm === null ? 1 : spacingMm.row / spacingMm.column
  const columns = Math.round(grid.widthPx * CONTEXT)
  const rows = Math.round(grid.heightPx * CONTEXT)
  const left = Math.round(grid.originColumn + grid.widthPx / 2 - columns / 2)
  const top = Math.round(grid.originRow + grid.heightPx / 2 - rows / 2)
  const scale = PICTURE_PX / columns
  const widthPx = PICTURE_PX
  const heightPx = Math.round(rows * scale * aspect)
  const view = { originColumn: left, originRow: top, scaleX: scale, scaleY: heightPx / rows }
  return { view, left, top, columns, rows, widthPx, heightPx }
}

/** The part of the slice in the frame, black where it leaves the image. */
function cut(grey: Uint8Array, { description }: PixelBody, frame: Frame): Uint8Array {
  const { widthPx, heightPx } = description
  const part = new Uint8Array(frame.columns * frame.rows)
  for (let row = 0; row < frame.rows; row += 1) {
    const y = frame.top + row
    if (y < 0 || y >= heightPx) continue
    for (let column = 0; column < frame.columns; column += 1) {
      const x = frame.left + column
      if (x >= 0 && x < widthPx) part[row * frame.columns + column] = grey[y * widthPx + x] ?? 0
    }
  }
  return part
}

/** The lung window for chests, whatever the header says first: nodules are read in it. */
function windowOf(detail: SeriesDetail): WindowSetting {
  const window = windowForCt(detail.summary.bodyPart)
  return window === LUNG_WINDOW ? window : (detail.windows[0] ?? window)
}

/** Four corners of the crop, with its size. */
function cropCorners({ grid }: CollectedRun, { view }: Frame): string {
  const left = toFigureX(view, grid.originColumn - 0.5)
  const right = toFigureX(view, grid.originColumn + grid.widthPx - 0.5)
  const top = toFigureY(view, grid.originRow - 0.5)
  const bottom = toFigureY(view, grid.originRow + grid.heightPx - 0.5)
  const arm = 18
  const path = [
    `M${left} ${top + arm}V${top}H${left + arm}`,
    `M${right - arm} ${top}H${right}V${top + arm}`,
    `M${left} ${bottom - arm}V${bottom}H${left + arm}`,
    `M${right - arm} ${bottom}H${right}V${bottom - arm}`,
  ].join('')
  const label = `model crop ${grid.widthPx} × ${grid.heightPx} px`
  return outline(path, { colour: PAGE.note, widthPx: 2 }) + plate(left + arm + 8, top - 13, [label])
}

const SCALE_STEPS_MM = [1, 2, 5, 10, 20, 50, 100]

function scaleBar(detail: SeriesDetail, frame: Frame): string {
  const { spacingMm } = detail.summary
  if (spacingMm === null) return ''
  const pxPerMm = frame.view.scaleX / spacingMm.column
  const lengthMm = SCALE_STEPS_MM.findLast((step) => step * pxPerMm < frame.widthPx / 4) ?? 1
  const lengthPx = lengthMm * pxPerMm
  const [x, y] = [(frame.widthPx - lengthPx) / 2 - 60, frame.heightPx - 27]
  const box = `<rect x="${x - 10}" y="${y - 13}" width="${lengthPx + 76}" height="26" rx="3" fill="#000" fill-opacity="0.72"/>`
  const bar = outline(`M${x} ${y - 4}V${y + 4}M${x} ${y}H${x + lengthPx}M${x + lengthPx} ${y - 4}V${y + 4}`, {
    colour: PAGE.text,
    widthPx: 1.5,
  })
  return box + bar + words(x + lengthPx + 10, y + 4.5, `${lengthMm} mm`)
}

/** The letter of the main direction of a vector in patient coordinates (LPS), PS3.3 C.7.6.1.1.1. */
function directionLetter([x, y, z]: readonly [number, number, number], sign: 1 | -1): string {
  const [value, positive, negative] =
    Math.abs(x) >= Math.abs(y) && Math.abs(x) >= Math.abs(z)
      ? ([x, 'L', 'R'] as const)
      : Math.abs(y) >= Math.abs(z)
        ? ([y, 'P', 'A'] as const)
        : ([z, 'H', 'F'] as const)
  return value * sign > 0 ? positive : negative
}

function orientationLetters({ orientation }: SeriesDetail, { widthPx, heightPx }: Frame): string {
  if (orientation === null) return plate(widthPx / 2 - 76, 12, ['orientation unknown'])
  const { row, column } = orientation
  return [
    plate(12, heightPx / 2 - 12, [directionLetter(row, -1)]),
    plate(widthPx - 12, heightPx / 2 - 12, [directionLetter(row, 1)], true),
    plate(widthPx / 2 - 11, 12, [directionLetter(column, -1)]),
    plate(widthPx / 2 - 11, heightPx - 74, [directionLetter(column, 1)]),
  ].join('')
}

function cornerText(
  detail: SeriesDetail,
  sliceIndex: number,
  window: WindowSetting,
  frame: Frame,
  patientFields: boolean,
): string {
  const { summary, slices, kernel, kilovoltagePeak } = detail
  const slice = slices[sliceIndex]
  const z = slice?.positionMm?.[2]
  const technique = [kernel, kilovoltagePeak === '' ? '' : `${kilovoltagePeak} kV`].filter(
    (part) => part !== '',
  )
  const lower = [
    `W ${formatNumber(window.width, 0)}  L ${formatNumber(window.centre, 0)}`,
    `zoom ${formatNumber(frame.view.scaleX, 1)} ×`,
    ...(z === undefined ? [] : [`z ${formatNumber(z, 1)} mm`]),
  ]
  return [
    plate(12, 12, [
      ...(patientFields ? [summary.patientId] : []),
      `${summary.modality} ${summary.bodyPart.toLowerCase()}`.trim(),
    ]),
    plate(
      frame.widthPx - 12,
      12,
      [
        `slice ${sliceNumber(countedStack(detail), sliceIndex)} / ${summary.slices}`,
        ...(technique.length > 0 ? [technique.join(', ')] : []),
      ],
      true,
    ),
    plate(12, frame.heightPx - 20 - lower.length * 17, lower),
  ].join('')
}

/** End of a UID that still tells it from others of its series. */
const UID_DIGITS = 24

/** Which slice of which series it is, by the end of its UID: the whole one would run out of the side. */
function instanceWords({ report: { sopInstanceUid } }: CollectedRun): { readonly image?: string } {
  const uid = sopInstanceUid === null ? null : uidInFiles(sopInstanceUid)
  return uid === null ? {} : { image: `SOP Instance UID …${uid.slice(-UID_DIGITS)}` }
}

/** The figure of a slice. Refused: what the slice's pixels are refused for. */
export async function sliceFigure(
  detail: SeriesDetail,
  target: ReportedTarget,
  run: CollectedRun,
  { library, pictures, patientFields }: FigureWays,
): Promise<Result<Figure>> {
  const sliceIndex = run.report.sliceIndex ?? 0
  const body = await library.slicePixels(detail.summary.seriesUid, sliceIndex)
  if (!body.ok) return body
  const window = windowOf(detail)
  const grey = displayGrey(
    body.value.description,
    body.value.bytes,
    window,
    detail.photometric === 'MONOCHROME1',
  )
  const frame = frameAround(run, detail)
  const { widthPx, heightPx, view } = frame
  const drawn = drawnSamples(run)
  const part = cut(grey, body.value, frame)
  const picture = await pictures.scaledPicture(
    { pixels: part, widthPx: frame.columns, heightPx: frame.rows, channels: 1 },
    { widthPx, heightPx },
  )
  if (!picture.ok) return picture
  return accept({
    ...{ picture: picture.value, widthPx, heightPx },
    over: [
      ...modelLayers(run, view),
      ...readerLayers(target.readings, sliceIndex, view, true),
      cropCorners(run, frame),
      cornerText(detail, sliceIndex, window, frame, patientFields),
      orientationLetters(detail, frame),
      scaleBar(detail, frame),
    ],
    side: side(widthPx, heightPx, {
      sizedBy: kindOf({ kind: 'series' }).sizedBy,
      title: `${target.label}, what the model would draw`,
      ...instanceWords(run),
      run,
      legend: contourLegend(drawn.length, run),
      ...(target.whole === undefined ? {} : { lesion: target.whole.report }),
    }),
  })
}
