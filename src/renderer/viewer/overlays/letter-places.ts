import type { CanvasPoint, CanvasSize } from '../camera'

/** A letter to place: the outline it belongs to, as points on the canvas that are in view. */
export interface LetterRequest {
  readonly letter: string
  readonly outline: readonly CanvasPoint[]
}

/** Where a letter stands and the point of its outline that the leader ends on. */
export interface LetterPlace {
  readonly letter: string
  readonly centre: CanvasPoint
  readonly anchor: CanvasPoint
}

export const LETTER_RADIUS_PX = 9.5
/** Clear space between two letters and to the edge of the viewport. */
const GAP_PX = 5

function middleOf(points: readonly CanvasPoint[]): CanvasPoint {
  const xs = points.map((point) => point.x)
  const ys = points.map((point) => point.y)
  return {
    x: (least(xs) + greatest(xs)) / 2,
    y: (least(ys) + greatest(ys)) / 2,
  }
}

const least = (values: readonly number[]): number => values.reduce((a, b) => Math.min(a, b), Infinity)
const greatest = (values: readonly number[]): number => values.reduce((a, b) => Math.max(a, b), -Infinity)

interface Direction {
  readonly x: number
  readonly y: number
}

const directionOf = (degrees: number): Direction => ({
  x: Math.cos((degrees * Math.PI) / 180),
  y: Math.sin((degrees * Math.PI) / 180),
})

/** Directions tried on each side of the wanted one, in degrees. */
const TURN_STEP_DEGREES = 12

/** Directions from the wanted one outwards, alternating sides, all round. */
function* turnsFrom(degrees: number): Generator<Direction> {
  yield directionOf(degrees)
  for (let turn = TURN_STEP_DEGREES; turn < 180; turn += TURN_STEP_DEGREES) {
    yield directionOf(degrees + turn)
    yield directionOf(degrees - turn)
  }
}

/** The point of an outline that lies farthest along a direction, sideways distance counted against it. */
function anchorAlong(
  outline: readonly CanvasPoint[],
  middle: CanvasPoint,
  direction: Direction,
): CanvasPoint {
  let best = outline[0] ?? middle
  let bestReach = -Infinity
  for (const point of outline) {
    const along = (point.x - middle.x) * direction.x + (point.y - middle.y) * direction.y
    const aside = Math.abs((point.x - middle.x) * direction.y - (point.y - middle.y) * direction.x)
    const reach = along - 2 * aside
    if (reach > bestReach) [best, bestReach] = [point, reach]
  }
  return best
}

/** How far the outermost line reaches from the middle in a direction, within a sector about as wide as a letter. */
function reachAlong(points: readonly CanvasPoint[], middle: CanvasPoint, direction: Direction): number {
  let reach = 0
  for (const point of points) {
    const along = (point.x - middle.x) * direction.x + (point.y - middle.y) * direction.y
    const aside = Math.abs((point.x - middle.x) * direction.y - (point.y - middle.y) * direction.x)
    if (aside < 2 * LETTER_RADIUS_PX) reach = Math.max(reach, along)
  }
  return reach
}

const clear = (a: CanvasPoint, b: CanvasPoint): boolean =>
  Math.hypot(a.x - b.x, a.y - b.y) >= 2 * LETTER_RADIUS_PX + GAP_PX

/** Corners of the viewport where plates, scale bar and minimap stand: width and height in CSS pixels. */
const TAKEN_CORNERS = {
  topLeft: { width: 280, height: 58 },
  topRight: { width: 280, height: 58 },
  bottomLeft: { width: 330, height: 84 },
  bottomRight: { width: 290, height: 152 },
} as const

/** Whether a letter may stand here: inside the viewport and not under what stands in its corners. */
function inside(point: CanvasPoint, size: CanvasSize): boolean {
  const rim = LETTER_RADIUS_PX + GAP_PX
  const right = size.width - point.x
  const below = size.height - point.y
  if (Math.min(point.x, point.y, right, below) < rim) return false
  const under = (x: number, y: number, corner: { width: number; height: number }): boolean =>
    x < corner.width + rim && y < corner.height + rim
  return !(
    under(point.x, point.y, TAKEN_CORNERS.topLeft) ||
    under(right, point.y, TAKEN_CORNERS.topRight) ||
    under(point.x, below, TAKEN_CORNERS.bottomLeft) ||
    under(right, below, TAKEN_CORNERS.bottomRight)
  )
}

/** Wanted directions by number of letters start here (upper left), and go round evenly, clockwise. */
const FIRST_DIRECTION_DEGREES = 205

/**
 * Places letters outside the outlines, each on a leader to its own, none over another and none over the edge. A
 * letter for which no such place is found is left out rather than put on top of something.
 */
export function placeLetters(requests: readonly LetterRequest[], size: CanvasSize): LetterPlace[] {
  const asked = requests.filter((request) => request.outline.length > 0)
  const all = asked.flatMap((request) => request.outline)
  if (all.length === 0) return []
  const middle = middleOf(all)
  const placed: LetterPlace[] = []
  asked.forEach((request, index) => {
    const wanted = FIRST_DIRECTION_DEGREES + (index * 360) / asked.length
    const place = freePlace(request, wanted, { middle, all, size, placed })
    if (place !== null) placed.push(place)
  })
  return placed
}

interface Surroundings {
  readonly middle: CanvasPoint
  readonly all: readonly CanvasPoint[]
  readonly size: CanvasSize
  readonly placed: readonly LetterPlace[]
}

/** How far outside the outermost line a letter stands, tried in this order. */
const DISTANCES_PX = [30, 48, 70, 96]

function freePlace(request: LetterRequest, wantedDegrees: number, around: Surroundings): LetterPlace | null {
  for (const distance of DISTANCES_PX) {
    for (const direction of turnsFrom(wantedDegrees)) {
      const reach = reachAlong(around.all, around.middle, direction) + distance
      const centre = {
        x: around.middle.x + direction.x * reach,
        y: around.middle.y + direction.y * reach,
      }
      if (!inside(centre, around.size)) continue
      if (!around.placed.every((other) => clear(other.centre, centre))) continue
      return {
        letter: request.letter,
        centre,
        anchor: anchorAlong(request.outline, around.middle, direction),
      }
    }
  }
  return null
}
