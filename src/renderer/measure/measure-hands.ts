import { shallowRef, type ShallowRef } from 'vue'
import { type Measurement, type MeasurementShape, POINTS_OF } from '../../contract'
import type { ImagePoint } from '../../core/geometry/image-point'
import type { DrawingHands, StrokeHands } from '../viewer/viewport-types'

/** What is being laid: points that stand, and the one that follows the pointer last. */
export interface Draft {
  readonly shape: MeasurementShape
  readonly points: readonly ImagePoint[]
}

/** What the hands ask and tell. */
export interface HandsTarget {
  readonly shape: () => MeasurementShape
  /** Measurements of the slice in view. */
  readonly here: () => readonly Measurement[]
  /** A press within this many pixels of the image takes a point. */
  readonly reachPx: () => number
  readonly lay: (shape: MeasurementShape, points: readonly ImagePoint[]) => void
  readonly move: (measurement: Measurement, points: readonly ImagePoint[]) => void
}

export interface MeasureHands extends DrawingHands {
  readonly draft: ShallowRef<Draft | null>
  /** A measurement whose point is being moved: it is not shown where it was. */
  readonly taken: ShallowRef<string | null>
  /** Forgets what has been begun; false: nothing was. */
  readonly drop: () => boolean
}

const apart = (a: ImagePoint, b: ImagePoint): number => Math.hypot(a.column - b.column, a.row - b.row)

/**
 * A ruler, rectangle or ellipse is one drag. Two diameters are two drags, the second across the first; an angle is a
 * drag along its first arm and a press for the end of the second; a polygon has a corner at each press and ends at its
 * first corner. A press on a point of what stands moves it.
 */
export function createMeasureHands(target: HandsTarget): MeasureHands {
  const draft = shallowRef<Draft | null>(null)
  const taken = shallowRef<string | null>(null)
  const strokes = layingStrokes(target, draft)
  /** Counts what was dropped: a stroke that was begun before (on another slice, say) lays nothing any more. */
  let dropped = 0
  const untilDropped = (stroke: StrokeHands): StrokeHands => {
    const begun = dropped
    return {
      move: (at) => {
        if (begun === dropped) stroke.move(at)
      },
      end: (at, isClick) => {
        if (begun === dropped) stroke.end(at, isClick)
      },
      cancel: () => {
        if (begun === dropped) stroke.cancel()
      },
    }
  }
  function strokeAt(at: ImagePoint): StrokeHands {
    const before = draft.value?.shape === target.shape() ? draft.value.points : []
    const hit = before.length === 0 ? pointAt(target.here(), at, target.reachPx()) : null
    if (hit !== null) return moving(hit, { draft, taken, move: target.move })
    if (target.shape() === 'polygon') return strokes.point(before)
    if (target.shape() === 'angle' && before.length === 2) return strokes.point(before)
    return strokes.drag(at, before)
  }
  return {
    ...{ draft, taken },
    begin: (at) => untilDropped(strokeAt(at)),
    hover: () => undefined,
    drop: () => {
      const was = draft.value !== null
      dropped += 1
      draft.value = null
      taken.value = null
      return was
    },
  }
}

/** Strokes that lay points after those that stand. */
function layingStrokes(
  target: Pick<HandsTarget, 'shape' | 'reachPx' | 'lay'>,
  draft: MeasureHands['draft'],
): {
  readonly drag: (from: ImagePoint, before: readonly ImagePoint[]) => StrokeHands
  readonly point: (before: readonly ImagePoint[]) => StrokeHands
} {
  const show = (points: readonly ImagePoint[]): void => {
    draft.value = points.length === 0 ? null : { shape: target.shape(), points }
  }
  function keep(points: readonly ImagePoint[]): void {
    const [, most] = POINTS_OF[target.shape()]
    const closes = target.shape() === 'polygon' && isClosed(points, target.reachPx())
    show(points)
    if (!closes && points.length < most) return
    draft.value = null
    target.lay(target.shape(), closes ? points.slice(0, -1) : points)
  }
  return {
    /** From end to end; a click leaves nothing. */
    drag: (from, before) => ({
      move: (at) => {
        show([...before, from, at])
      },
      end: (at, isClick) => {
        if (isClick) show(before)
        else keep([...before, from, at])
      },
      cancel: () => {
        show(before)
      },
    }),
    /** One more point, wherever it is let go. */
    point: (before) => ({
      move: (at) => {
        show([...before, at])
      },
      end: (at) => {
        keep([...before, at])
      },
      cancel: () => {
        show(before)
      },
    }),
  }
}

/** A polygon whose last corner came back to its first. */
function isClosed(points: readonly ImagePoint[], reachPx: number): boolean {
  const [first, last] = [points[0], points.at(-1)]
  return points.length > 3 && first !== undefined && last !== undefined && apart(first, last) <= reachPx
}

interface Hit {
  readonly measurement: Measurement
  readonly index: number
}

function pointAt(here: readonly Measurement[], at: ImagePoint, reachPx: number): Hit | null {
  const all = here.flatMap((measurement) =>
    measurement.points.map((point, index) => ({ measurement, index, px: apart(point, at) })),
  )
  const [nearest] = all.filter(({ px }) => px <= reachPx).sort((a, b) => a.px - b.px)
  return nearest ?? null
}

/** A point of a measurement that stands is moved; a click leaves it where it is. */
function moving(
  { measurement, index }: Hit,
  { draft, taken, move }: Pick<MeasureHands, 'draft' | 'taken'> & Pick<HandsTarget, 'move'>,
): StrokeHands {
  const moved = (at: ImagePoint): readonly ImagePoint[] => measurement.points.with(index, at)
  const end = (): void => {
    draft.value = null
    taken.value = null
  }
  return {
    move: (at) => {
      taken.value = measurement.measurementId
      draft.value = { shape: measurement.shape, points: moved(at) }
    },
    end: (at, isClick) => {
      end()
      if (!isClick) move(measurement, moved(at))
    },
    cancel: end,
  }
}
