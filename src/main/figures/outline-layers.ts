/** A run's outlines on the picture, from below: bands, samples, median, readers. */
import type { Reading } from '../../contract'
import { decodeBoxMask } from '../../core/contour/box-mask'
import { placeOnImage, type Ring, traceField, traceMask } from '../../core/contour/trace'
import { type Band, depthBands } from '../../core/uncertainty/bands'
import type { CollectedRun } from './collect-run'
import { MODEL_STYLE, READER_WIDTH_PX } from '../../core/image/data-colours'
import { MAX_DRAWN_SAMPLES, PAGE, readerLine } from './figure-style'
import { area, haloed, line, outline, pathOf, toFigureX, toFigureY, type View, words } from './svg'

/** Sample indices to draw: evenly by depth, empty ones left out. */
export function drawnSamples({ report }: CollectedRun): readonly number[] {
  const order = report.depthOrder.slice(0, report.sampleCount - report.emptyCount)
  const count = Math.min(MAX_DRAWN_SAMPLES, order.length)
  return Array.from(
    { length: count },
    (_unused, index) => order[Math.floor((index * order.length) / count)] ?? 0,
  )
}

/** A field of each sample: the sub-pixel one where it is held, else +1 inside and -1 outside. */
export const fieldsOf = ({ fields, masks }: CollectedRun): readonly Int8Array[] =>
  fields ?? masks.map((mask) => Int8Array.from(mask.pixels, (pixel) => (pixel === 0 ? -1 : 1)))

function ringsOf(field: Int8Array, { grid }: CollectedRun): readonly Ring[] {
  return placeOnImage(traceField(field, grid.widthPx, grid.heightPx), grid)
}

function bandPath({ inner, outer }: Band<Int8Array>, run: CollectedRun, view: View): string {
  return pathOf([...ringsOf(outer, run), ...ringsOf(inner, run)], view)
}

/** The outline of the deepest sample, or of a model without uncertainty its only one; empty where nothing is drawn. */
export function outlinePath(run: CollectedRun, view: View): string {
  const { depthOrder, emptyCount, sampleCount } = run.report
  const deepest = emptyCount === sampleCount ? undefined : fieldsOf(run)[depthOrder[0] ?? -1]
  return deepest === undefined ? '' : pathOf(ringsOf(deepest, run), view)
}

/** Bands, samples and the median. */
export function modelLayers(run: CollectedRun, view: View): readonly string[] {
  const fields = fieldsOf(run)
  const { depthOrder, emptyCount } = run.report
  const bands = depthBands(fields, depthOrder, emptyCount)
  const [half, most] = run.run.uncertainty === 'none' ? [] : bands
  const samples = (run.run.uncertainty === 'none' ? [] : drawnSamples(run)).map((index) => {
    const path = pathOf(ringsOf(fields[index] ?? new Int8Array(0), run), view)
    return outline(path, {
      colour: MODEL_STYLE.sampleColour,
      widthPx: MODEL_STYLE.sampleWidthPx,
      alpha: MODEL_STYLE.sampleAlpha,
    })
  })
  const median = outlinePath(run, view)
  return [
    most === undefined
      ? ''
      : area(bandPath(most, run, view), MODEL_STYLE.bandColour90, MODEL_STYLE.bandAlpha90),
    half === undefined
      ? ''
      : area(bandPath(half, run, view), MODEL_STYLE.bandColour50, MODEL_STYLE.bandAlpha50),
    ...samples,
    haloed(median, { colour: MODEL_STYLE.medianColour, widthPx: MODEL_STYLE.medianWidthPx }),
  ]
}

/** Outlines of a reader on one slice, in image indices; none where nothing was drawn. */
function readerRings(reading: Reading, sliceIndex: number): readonly Ring[] {
  const box = reading.slices.find((slice) => slice.sliceIndex === sliceIndex)?.mask
  if (box === undefined) return []
  const { originColumn, originRow, mask } = decodeBoxMask(box)
  const grid = {
    widthPx: mask.widthPx,
    heightPx: mask.heightPx,
    originColumn,
    originRow,
    columnStep: 1,
    rowStep: 1,
  }
  return placeOnImage(traceMask(mask), grid)
}

/** Directions in which the letters stand off their outlines, so that they keep apart. */
const LETTER_ANGLES = [-2.6, -0.5, 0.9, 2.4, -1.5, 1.6]
const LEADER_PX = 44

function letterOf(reading: Reading, index: number, rings: readonly Ring[], view: View): string {
  const angle = LETTER_ANGLES[index % LETTER_ANGLES.length] ?? 0
  const [dx, dy] = [Math.cos(angle), Math.sin(angle)]
  let best = { x: 0, y: 0, reach: -Infinity }
  for (const ring of rings) {
    for (let at = 0; at < ring.length; at += 2) {
      const x = toFigureX(view, ring[at] ?? 0)
      const y = toFigureY(view, ring[at + 1] ?? 0)
      const reach = x * dx + y * dy
      if (reach > best.reach) best = { x, y, reach }
    }
  }
  const { colour } = readerLine(reading.letter)
  const [x, y] = [best.x + dx * LEADER_PX, best.y + dy * LEADER_PX]
  return [
    line(best.x, best.y, x - dx * 10, y - dy * 10, PAGE.image, 3),
    line(best.x, best.y, x - dx * 10, y - dy * 10, colour, 1.25),
    `<circle cx="${x}" cy="${y}" r="10" fill="${PAGE.image}" stroke="${colour}" stroke-width="1.5"/>`,
    words(x, y + 4.2, reading.letter, { sizePx: 12, bold: true, colour, anchor: 'middle' }),
  ].join('')
}

/** Outlines of the readers, each with its letter on a leader where `letters` is set. */
export function readerLayers(
  readings: readonly Reading[],
  sliceIndex: number,
  view: View,
  letters: boolean,
): readonly string[] {
  const drawn = readings.map((reading) => ({ reading, rings: readerRings(reading, sliceIndex) }))
  const lines = drawn.map(({ reading, rings }) => {
    const { colour, dash } = readerLine(reading.letter)
    return haloed(pathOf(rings, view), { colour, dash, widthPx: READER_WIDTH_PX })
  })
  if (!letters) return lines
  const marks = drawn.map(({ reading, rings }, index) =>
    rings.length === 0 ? '' : letterOf(reading, index, rings, view),
  )
  return [...lines, ...marks]
}
