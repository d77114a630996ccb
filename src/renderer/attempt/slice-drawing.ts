import { computed, shallowRef, watch, type ComputedRef } from 'vue'
import type { DocumentEdit, PixelSpacing } from '../../contract'
import { sliceMask, type AnnotationDocument } from '../../core/annotation/document'
import { followEdges, rangeAtStart, sweepDisc, type ValueRange } from '../../core/contour/brush'
import type { PlacedMask } from '../../core/contour/box-mask'
import { keepInOnePiece } from '../../core/contour/pieces'
import { fillPolygon, outlineOf } from '../../core/contour/rasterise'
import {
  boxOfPixels,
  EMPTY_BOX,
  stampInto,
  uniteBoxes,
  wholeBox,
  type PixelBox,
  type ValueSlice,
} from '../../core/contour/slice-mask'
import type { Mask } from '../../core/image/mask'
import type { DrawingHands, ImagePoint, OwnDrawing, StrokeHands } from '../viewer/viewport-types'
import { brushDisc, brushWords, type DrawSettings } from './draw-settings'
import { paintEdit } from './edits'
import { Tint } from './tint'

/** What is drawn on: the slice in view, the structure chosen, and who takes finished gestures. */
export interface DrawingPlace {
  readonly document: () => AnnotationDocument | null
  readonly structureId: () => string
  readonly label: () => string
  readonly sliceIndex: () => number
  readonly sliceWords: () => string
  /** Values of the slice in view, for brushes that look at them; null while it is on its way. */
  readonly values: () => ValueSlice | null
  readonly spacingMm: () => PixelSpacing | null
  readonly isOpen: () => boolean
  readonly add: (edit: DocumentEdit) => boolean
}

/** A mask with more outline than this is traced when the stroke ends, not while it goes on. */
const TRACED_WHILE_DRAWING_PX = 300_000
/** Least half width of the values a brush keeps to: HU of a series, 0 to 255 of a photograph. */
const LEAST_TOLERANCE = 12

/** The mask in view: the document's, or the one under the brush. Each change is a new record. */
interface ShownMask {
  readonly mask: Mask
  readonly rings: readonly Float32Array[]
}

/** Strokes on one slice: brush, eraser, polygon and lasso. Each ends as one edit; Escape leaves nothing of it. */
export class SliceDrawing implements DrawingHands {
  readonly own: ComputedRef<OwnDrawing | null>
  private readonly cursor = shallowRef<ImagePoint | null>(null)
  /** Corners of a polygon that is being laid. */
  private readonly corners = shallowRef<readonly ImagePoint[]>([])
  private readonly shown = shallowRef<ShownMask | null>(null)
  private tint: Tint | null = null

  constructor(
    private readonly place: DrawingPlace,
    private readonly settings: DrawSettings,
  ) {
    this.own = computed(() => this.drawing())
    watch([place.document, place.structureId, place.sliceIndex], this.restore, { immediate: true })
    watch([place.sliceIndex, place.structureId, () => settings.tool], () => {
      this.corners.value = []
    })
  }

  readonly begin = (at: ImagePoint, opposite: boolean): StrokeHands | null => {
    const before = this.place.isOpen() ? this.current() : null
    if (before === null) return null
    if (this.settings.tool === 'polygon') return this.polygonStroke(at)
    return this.brushStroke(at, (this.settings.tool === 'erase') !== opposite, before)
  }

  readonly hover = (at: ImagePoint | null): void => {
    this.cursor.value = at
  }

  /** Closes the polygon that is being laid. */
  closePolygon(): void {
    const points = this.corners.value
    const before = this.current()
    this.corners.value = []
    if (before === null || points.length < 3) return
    const ring = points.flatMap(({ column, row }) => [column, row])
    const after: Mask = { ...before, pixels: before.pixels.slice() }
    const box = stampInto(after, fillPolygon([ring], before), 1)
    this.show(after, box, false)
    this.finish('Polygon', after, box)
  }

  /** Drops what is being laid; false where nothing was. */
  drop(): boolean {
    const had = this.corners.value.length > 0
    this.corners.value = []
    return had
  }

  private show(mask: Mask, box: PixelBox, isStroke: boolean): void {
    const { canvas } = this.tint ?? { canvas: null }
    if (canvas?.width !== mask.widthPx || canvas.height !== mask.heightPx)
      this.tint = new Tint(mask.widthPx, mask.heightPx)
    this.tint?.write(mask, box)
    const held = boxOfPixels(mask)
    const isLarge = held.widthPx * held.heightPx > TRACED_WHILE_DRAWING_PX
    const rings = isStroke && isLarge ? (this.shown.value?.rings ?? []) : outlineOf(mask, held)
    this.shown.value = { mask, rings }
  }

  private current(): Mask | null {
    const document = this.place.document()
    return document === null ? null : sliceMask(document, this.place.structureId(), this.place.sliceIndex())
  }

  /** Shows what the document holds. */
  private readonly restore = (): void => {
    const mask = this.current()
    if (mask === null) this.shown.value = null
    else this.show(mask, wholeBox(mask), false)
  }

  private finish(title: string, after: Mask, box: PixelBox): void {
    const document = this.place.document()
    if (document === null) return
    const edit = paintEdit(document, {
      title: `${title}, ${this.place.sliceWords()}`,
      tool: this.settings.tool,
      structureId: this.place.structureId(),
      label: this.place.label(),
      changes: [{ sliceIndex: this.place.sliceIndex(), after, box }],
    })
    if (edit === null || !this.place.add(edit)) this.restore()
  }

  private brushStroke(start: ImagePoint, erases: boolean, before: Mask): StrokeHands {
    const disc = brushDisc(this.settings, this.place.spacingMm())
    const working: Mask = { ...before, pixels: before.pixels.slice() }
    const values = this.settings.followEdges && !erases ? this.place.values() : null
    const range = values === null ? null : rangeAtStart(values, disc, start, LEAST_TOLERANCE)
    let last = start
    let changed: PixelBox = EMPTY_BOX
    const move = (at: ImagePoint): void => {
      const placed = dab(values, range, [last, at], disc, before)
      const box = stampInto(working, placed, erases ? 0 : 1)
      last = at
      this.cursor.value = at
      if (box.widthPx === 0) return
      changed = uniteBoxes(changed, box)
      this.show(working, box, true)
    }
    move(start)
    return {
      move,
      end: (at) => {
        move(at)
        const { onePiece } = this.settings
        const kept = onePiece ? keepInOnePiece(before, working) : { mask: working, box: EMPTY_BOX }
        const words = brushWords(this.settings, this.place.spacingMm())
        this.finish(`${erases ? 'Erase' : 'Brush'} ${words}`, kept.mask, uniteBoxes(changed, kept.box))
      },
      cancel: this.restore,
    }
  }

  /** Pressed and dragged: a lasso. Clicked: one more corner; a click on the first corner closes the polygon. */
  private polygonStroke(start: ImagePoint): StrokeHands {
    const laid = this.corners.value
    return {
      move: (at) => {
        this.cursor.value = at
        this.corners.value = [...(this.corners.value.length === 0 ? [start] : this.corners.value), at]
      },
      end: (at, isClick) => {
        if (!isClick) {
          this.closePolygon()
          return
        }
        const [first] = laid
        const isOnFirst = first !== undefined && laid.length > 2 && near(first, at)
        this.corners.value = isOnFirst ? laid : [...laid, at]
        if (isOnFirst) this.closePolygon()
      },
      cancel: () => {
        this.corners.value = laid
      },
    }
  }

  private drawing(): OwnDrawing | null {
    const { shown, corners, cursor, place, settings } = this
    const isBrush = settings.tool !== 'polygon'
    const disc = isBrush ? brushDisc(settings, place.spacingMm()) : { columns: 0, rows: 0 }
    const at = place.isOpen() ? cursor.value : null
    return {
      tint: shown.value === null ? null : (this.tint?.canvas ?? null),
      rings: shown.value?.rings ?? [],
      line: corners.value.length === 0 ? null : lineOf(corners.value, cursor.value),
      cursor: at === null ? null : { at, disc },
    }
  }
}

const NEAR_PX = 2
const near = (a: ImagePoint, b: ImagePoint): boolean =>
  Math.hypot(a.column - b.column, a.row - b.row) <= NEAR_PX

const lineOf = (corners: readonly ImagePoint[], at: ImagePoint | null): readonly ImagePoint[] =>
  at === null ? corners : [...corners, at]

function dab(
  values: ValueSlice | null,
  range: ValueRange | null,
  line: readonly ImagePoint[],
  disc: ReturnType<typeof brushDisc>,
  size: Mask,
): PlacedMask {
  return values !== null && range !== null
    ? followEdges(values, disc, line, range)
    : sweepDisc(disc, line, size)
}
