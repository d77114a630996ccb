import type { CanvasPoint, CanvasSize } from '../camera'

/** From the end of what is told to its words. */
const ASIDE_PX = 10
/** From the edge of the view to the middle of a line of words. */
const RIM_PX = 12
/** From one line of words to the next. */
export const PLATE_LINE_PX = 20

/** What words may not lie over: a letter on its leader, say. */
export interface Obstacle {
  readonly centre: CanvasPoint
  readonly halfWidthPx: number
  readonly halfHeightPx: number
}

export interface Ends {
  readonly left: CanvasPoint
  readonly right: CanvasPoint
}

/** Lines of words, the longest as wide as this. */
export interface Words {
  readonly widthPx: number
  readonly lines: number
}

/**
 * Left middle of the first line of words beside the right end of what they tell; where they would be cut or lie over an
 * obstacle, beside the left end, else below or above one of the ends. Always whole in the view, if it is large enough.
 */
export function besideEnds(
  { left, right }: Ends,
  words: Words,
  size: CanvasSize,
  obstacles: readonly Obstacle[] = [],
): CanvasPoint {
  const further = (words.lines - 1) * PLATE_LINE_PX
  const inView = ({ x, y }: CanvasPoint): CanvasPoint => ({
    x: Math.max(0, Math.min(size.width - words.widthPx, x)),
    y: Math.max(RIM_PX, Math.min(size.height - RIM_PX - further, y)),
  })
  const beside = [
    { x: right.x + ASIDE_PX, y: right.y },
    { x: left.x - ASIDE_PX - words.widthPx, y: left.y },
  ].filter(({ x }) => x >= 0 && x + words.widthPx <= size.width)
  const across = [right, left].flatMap((end) => {
    const below = { x: end.x, y: end.y + 2 * RIM_PX }
    const above = { x: end.x, y: end.y - 2 * RIM_PX - further }
    return below.y + further < size.height ? [below, above] : [above, below]
  })
  const places = [...beside, ...across].map(inView)
  const free = places.find((at) => obstacles.every((one) => !covers(at, words, one)))
  return free ?? places[0] ?? right
}

/** Whether words at this place lie over it. */
const covers = (at: CanvasPoint, { widthPx, lines }: Words, { centre, ...half }: Obstacle): boolean =>
  at.x < centre.x + half.halfWidthPx &&
  at.x + widthPx > centre.x - half.halfWidthPx &&
  at.y - PLATE_LINE_PX / 2 < centre.y + half.halfHeightPx &&
  at.y + (lines - 0.5) * PLATE_LINE_PX > centre.y - half.halfHeightPx
