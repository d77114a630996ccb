import { HALO, MARK_STYLE, MODEL_STYLE } from '../../../core/image/data-colours'
import type { ReaderOutline } from '../viewport-types'
import { LETTER_RADIUS_PX, placeLetters } from './letter-places'
import type { LetterPlace } from './letter-places'
import { isFine, lineOf, shownReaders } from './outlines'
import { boxOfRings, visibleBox, visibleVertices } from './ring-path'
import { medianOutline } from './sample-choice'
import type { Obstacle } from './plate-places'
import { hasMap, type Scene, type Sheet } from './scene'
import { LETTER_FONT, paintPlate, paintText, strokeHaloed } from './stroke'

/** Below this size on the screen a structure carries no letters: they would hide more than they tell. */
const SMALLEST_LETTERED_PX = 80

/** Larger side of the readers' outlines on the screen. */
function structureSizePx(sheet: Sheet, readers: readonly ReaderOutline[]): number {
  const box = boxOfRings(readers.flatMap((reader) => reader.rings))
  if (box === null) return 0
  return Math.max((box.right - box.left) * sheet.map.columnPx, (box.bottom - box.top) * sheet.map.rowPx)
}

/** About half of the plate of a word. */
const wordHalfWidthPx = (word: string): number => 6 + 3.4 * word.length

const MEDIAN_LETTER = 'M'

/**
 * Of the readers, outside their outlines. Over a map, where all lines are white, the median is named too. What is drawn
 * fine on a photograph carries none: vessels seen whole have no outside.
 */
function placesOf(sheet: Sheet, scene: Scene): readonly LetterPlace[] {
  const readers = shownReaders(scene.readers).filter(({ rings }) => !isFine(scene, rings, sheet.map.columnPx))
  if (structureSizePx(sheet, readers) < SMALLEST_LETTERED_PX) return []
  const box = visibleBox(sheet.map, sheet.size)
  const requests = readers.map((reader) => ({
    letter: reader.letter,
    outline: visibleVertices(reader.rings, sheet.map, box),
  }))
  const median = scene.overlay === null ? null : medianOutline(scene.overlay)
  if (!scene.look.isWhole && scene.mode === 'map' && scene.layers.median && median !== null) {
    requests.push({ letter: MEDIAN_LETTER, outline: visibleVertices(median.rings, sheet.map, box) })
  }
  return placeLetters(requests, sheet.size)
}

/** Where letters stand: words of tools do not lie over them. */
export const letterObstacles = (sheet: Sheet, scene: Scene): readonly Obstacle[] =>
  placesOf(sheet, scene).map(({ centre, letter }) => ({
    centre,
    halfWidthPx: letter.length > 1 ? wordHalfWidthPx(letter) : LETTER_RADIUS_PX,
    halfHeightPx: LETTER_RADIUS_PX,
  }))

/** The letters of the readers, on leaders. */
export function paintLetters(sheet: Sheet, scene: Scene): void {
  const readers = shownReaders(scene.readers)
  for (const place of placesOf(sheet, scene)) {
    const reader = readers.find((each) => each.letter === place.letter)
    const own = reader === undefined ? MODEL_STYLE.medianColour : lineOf(reader).colour
    paintLetter(sheet.context, place, hasMap(scene) ? MARK_STYLE.white : own)
  }
}

function paintLetter(context: CanvasRenderingContext2D, place: LetterPlace, colour: string): void {
  const { anchor, centre } = place
  strokeHaloed(context, colour, 1.25, () => {
    context.moveTo(anchor.x, anchor.y)
    context.lineTo(centre.x, centre.y)
  })
  // A word needs a plate; a letter or a number stands in a circle.
  if (place.letter.length > 1) {
    paintPlate(context, place.letter, { x: centre.x - wordHalfWidthPx(place.letter), y: centre.y })
    return
  }
  context.save()
  context.beginPath()
  context.arc(centre.x, centre.y, LETTER_RADIUS_PX, 0, 2 * Math.PI)
  context.fillStyle = HALO.colour
  context.fill()
  context.lineWidth = 1.5
  context.strokeStyle = colour
  context.stroke()
  paintText(context, place.letter, centre, { colour, font: LETTER_FONT })
  context.restore()
}
