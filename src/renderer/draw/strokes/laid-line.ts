import { computed, shallowRef } from 'vue'
import { findEdges, type LiveWire, pathTo, seedLiveWire } from '../../../core/contour/live-wire'
import type { ValueSlice } from '../../../core/contour/slice-mask'
import type { ImagePoint } from '../../../core/geometry/image-point'

/** A click this near the first corner closes the line. */
const NEAR_PX = 2
/** Edges are looked for this far around the last corner. */
const WIRE_REACH_PX = 96

/** A line that is being laid, corner by corner or as a lasso; with values, each side follows the edges between its corners. */
export class LaidLine {
  private readonly points = shallowRef<readonly ImagePoint[]>([])
  private readonly ahead = shallowRef<readonly ImagePoint[]>([])
  private wire: LiveWire | null = null
  private cornerCount = 0
  /** What is drawn of it; null: nothing is being laid. */
  readonly shown = computed(() =>
    this.points.value.length === 0 ? null : [...this.points.value, ...this.ahead.value],
  )

  get isLaid(): boolean {
    return this.points.value.length > 0
  }

  /** A corner; true where it lies on the first one and the line is to be closed. */
  addCorner(at: ImagePoint, values: ValueSlice | null): boolean {
    const [first] = this.points.value
    const isOnFirst =
      first !== undefined &&
      this.cornerCount > 2 &&
      Math.hypot(first.column - at.column, first.row - at.row) <= NEAR_PX
    const side = this.sideTo(at)
    this.points.value = isOnFirst
      ? [...this.points.value, ...side.slice(0, -1)]
      : [...this.points.value, ...side]
    this.cornerCount += 1
    this.wire = values === null ? null : seeded(values, at)
    this.ahead.value = []
    return isOnFirst
  }

  /** The lasso goes on. */
  addPoint(at: ImagePoint): void {
    this.points.value = [...this.points.value, at]
    this.ahead.value = []
  }

  /** The pointer stands here: the side to it is shown. */
  lookAhead(at: ImagePoint | null): void {
    if (this.isLaid) this.ahead.value = at === null ? [] : this.sideTo(at)
  }

  /** The closed ring x0 y0 x1 y1 …, and nothing is being laid any more; null where it holds no area. */
  close(): readonly number[] | null {
    const points = this.points.value
    this.clear()
    return points.length < 3 ? null : points.flatMap(({ column, row }) => [column, row])
  }

  clear(): void {
    this.points.value = []
    this.ahead.value = []
    this.wire = null
    this.cornerCount = 0
  }

  private sideTo(at: ImagePoint): readonly ImagePoint[] {
    if (this.wire === null) return [at]
    const path = pathTo(this.wire, at)
    return Array.from({ length: path.length / 2 }, (_, index) => ({
      column: path[2 * index] ?? 0,
      row: path[2 * index + 1] ?? 0,
    }))
  }
}

function seeded(values: ValueSlice, at: ImagePoint): LiveWire | null {
  const side = 2 * WIRE_REACH_PX + 1
  const window = {
    column: Math.round(at.column) - WIRE_REACH_PX,
    row: Math.round(at.row) - WIRE_REACH_PX,
    widthPx: side,
    heightPx: side,
  }
  return seedLiveWire(findEdges(values, window), at)
}
