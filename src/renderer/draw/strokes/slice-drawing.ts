import { computed, shallowRef, watch, type ComputedRef } from 'vue'
import type { DocumentEdit, PixelSpacing } from '../../../contract'
import { sliceMask, type AnnotationDocument } from '../../../core/annotation/document'
import {
  followEdges,
  limitToValues,
  rangeAtStart,
  sweepDisc,
  type ValueRange,
} from '../../../core/contour/brush'
import type { PlacedMask } from '../../../core/contour/box-mask'
import { floodFill, holeAt } from '../../../core/contour/flood-fill'
import { keepInOnePiece } from '../../../core/contour/pieces'
import { fillPolygon, outlineOf } from '../../../core/contour/rasterise'
import {
  boxOfPixels,
  discOfPx,
  EMPTY_BOX,
  stampInto,
  uniteBoxes,
  wholeBox,
  type PixelBox,
  type ValueSlice,
} from '../../../core/contour/slice-mask'
import type { Mask } from '../../../core/image/mask'
import type { DrawingHands, OwnDrawing, StrokeHands } from '../../viewer/viewport-types'
import type { ImagePoint } from '../../../core/geometry/image-point'
import { brushDisc, brushWords, type DrawSettings } from './draw-settings'
import { paintEdit } from './edits'
import { LaidLine } from './laid-line'
import { Tint } from './tint'
import type { FinishedStroke } from './touched-structure'

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
  /** Told after a stroke was taken, with the document that it was drawn on. */
  readonly finished: (stroke: FinishedStroke, on: AnnotationDocument) => void
}

/** A mask with more around its outline than this is traced when the stroke ends, not while it goes on. */
const TRACED_WHILE_DRAWING_PX = 60_000
/** Least half width of the values a brush keeps to: HU of a series, 0 to 255 of a photograph. */
const LEAST_TOLERANCE = 12
/** A region is filled no further than this from the click, so that a leak stays small. */
const FILL_REACH_PX = 64
const FILL_LOOK = discOfPx(3)

/** The mask in view: the document's, or the one under the brush. Each change is a new record. */
interface ShownMask {
  readonly mask: Mask
  readonly rings: readonly Float32Array[]
  /** The smallest box around what is drawn. */
  readonly held: PixelBox
}

/** Where a gesture began: it ends there too, whatever comes into view meanwhile. */
interface GesturePlace {
  readonly structureId: string
  readonly label: string
  readonly sliceIndex: number
  readonly sliceWords: string
  readonly before: Mask
}

/** Strokes on one slice: brush, eraser, polygon, lasso, edge line and fill. Each ends as one edit; Escape leaves nothing of it. */
export class SliceDrawing implements DrawingHands {
  readonly own: ComputedRef<OwnDrawing | null>
  private readonly cursor = shallowRef<ImagePoint | null>(null)
  private readonly line = new LaidLine()
  private readonly shown = shallowRef<ShownMask | null>(null)
  private readonly stroking = shallowRef(false)
  private tint: Tint | null = null

  constructor(
    private readonly place: DrawingPlace,
    private readonly settings: DrawSettings,
  ) {
    this.own = computed(() => this.drawing())
    watch([place.document, place.structureId, place.sliceIndex], this.restore, { immediate: true })
    watch([place.sliceIndex, place.structureId, () => settings.tool], () => {
      this.line.clear()
    })
  }

  /** A button is held: slices stay, and nothing is undone until it is released. */
  get isStroking(): boolean {
    return this.stroking.value
  }

  /** A line is on the screen that is not closed: it is no part of the reading yet. */
  get isLaying(): boolean {
    return this.line.isLaid
  }

  readonly begin = (at: ImagePoint, opposite: boolean): StrokeHands | null => {
    const from = this.place.isOpen() ? this.gesturePlace() : null
    if (from === null) return null
    const { tool } = this.settings
    this.stroking.value = true
    if (tool === 'polygon' || tool === 'wire') return this.lineStroke(at, from)
    if (tool === 'fill') return this.fillStroke(opposite, from)
    return this.brushStroke(at, (tool === 'erase') !== opposite, from)
  }

  readonly hover = (at: ImagePoint | null): void => {
    this.cursor.value = at
    if (!this.stroking.value) this.line.lookAhead(at)
  }

  /** Closes the line that is being laid. */
  closeLine(from: GesturePlace | null = this.gesturePlace()): void {
    const ring = this.line.close()
    if (from === null || ring === null) return
    const after: Mask = { ...from.before, pixels: from.before.pixels.slice() }
    const box = stampInto(after, fillPolygon([ring], from.before), 1)
    this.finish(this.settings.tool === 'wire' ? 'Edge line' : 'Polygon', from, after, box)
  }

  /** Drops what is being laid; false where nothing was. */
  drop(): boolean {
    const had = this.line.isLaid
    this.line.clear()
    return had
  }

  private gesturePlace(): GesturePlace | null {
    const document = this.place.document()
    if (document === null) return null
    const structureId = this.place.structureId()
    const sliceIndex = this.place.sliceIndex()
    return {
      structureId,
      sliceIndex,
      label: this.place.label(),
      sliceWords: this.place.sliceWords(),
      before: sliceMask(document, structureId, sliceIndex),
    }
  }

  private show(mask: Mask, box: PixelBox, isStroke: boolean): void {
    const { canvas } = this.tint ?? { canvas: null }
    if (canvas?.width !== mask.widthPx || canvas.height !== mask.heightPx)
      this.tint = new Tint(mask.widthPx, mask.heightPx)
    this.tint?.write(mask, box)
    const held = boxOfPixels(mask)
    const isLarge = held.widthPx * held.heightPx > TRACED_WHILE_DRAWING_PX
    const rings = isStroke && isLarge ? (this.shown.value?.rings ?? []) : outlineOf(mask, held)
    this.shown.value = { mask, rings, held }
  }

  /** Shows what the document holds. */
  private readonly restore = (): void => {
    if (this.stroking.value) return
    const mask = this.gesturePlace()?.before
    if (mask === undefined) this.shown.value = null
    else this.show(mask, wholeBox(mask), false)
  }

  private readonly cancel = (): void => {
    this.stroking.value = false
    this.restore()
  }

  private finish(title: string, from: GesturePlace, after: Mask, box: PixelBox): void {
    const document = this.place.document()
    this.stroking.value = false
    const { structureId, label, sliceIndex, before } = from
    if (document !== null) {
      const now = sliceMask(document, structureId, sliceIndex)
      const stroke: FinishedStroke = {
        ...{ title: `${title}, ${from.sliceWords}`, tool: this.settings.tool, structureId, sliceIndex, box },
        ...{ before: now, after: withChanges(now, before, after) },
      }
      const edit = paintEdit(document, { ...stroke, label, changes: [stroke] })
      if (edit !== null && this.place.add(edit)) {
        this.place.finished(stroke, document)
        return
      }
    }
    this.restore()
  }

  private brushStroke(start: ImagePoint, erases: boolean, from: GesturePlace): StrokeHands {
    const { before } = from
    const disc = brushDisc(this.settings, this.place.spacingMm())
    const dab = this.dabs(disc, start, before, erases)
    const working: Mask = { ...before, pixels: before.pixels.slice() }
    let last = start
    let changed: PixelBox = EMPTY_BOX
    const move = (at: ImagePoint): void => {
      const box = stampInto(working, dab([last, at]), erases ? 0 : 1)
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
        this.finish(`${erases ? 'Erase' : 'Brush'} ${words}`, from, kept.mask, uniteBoxes(changed, kept.box))
      },
      cancel: this.cancel,
    }
  }

  /** What a piece of the stroke covers, by the settings: all of the disc, what is like its start, or what is in the limits. */
  private dabs(
    disc: ReturnType<typeof brushDisc>,
    start: ImagePoint,
    size: Mask,
    erases: boolean,
  ): (line: readonly ImagePoint[]) => PlacedMask {
    const { followEdges: follows, limited, limits } = this.settings
    const values = erases ? null : this.place.values()
    const range = values !== null && follows ? rangeAtStart(values, disc, start, LEAST_TOLERANCE) : null
    return (line) => {
      if (values === null) return sweepDisc(disc, line, size)
      const swept = range === null ? sweepDisc(disc, line, size) : followEdges(values, disc, line, range)
      return limited ? limitToValues(swept, values, limits) : swept
    }
  }

  /** Clicked: a corner; a click on the first corner closes the line. Dragged: a lasso. */
  private lineStroke(start: ImagePoint, from: GesturePlace): StrokeHands {
    const values = this.settings.tool === 'wire' ? this.place.values() : null
    let isLasso = false
    return {
      move: (at) => {
        this.cursor.value = at
        if (values !== null || Math.hypot(at.column - start.column, at.row - start.row) < 0.5) return
        if (!isLasso && !this.line.isLaid) this.line.addPoint(start)
        isLasso = true
        this.line.addPoint(at)
      },
      end: (at, isClick) => {
        this.stroking.value = false
        const closes = (isLasso && !isClick) || this.line.addCorner(at, values)
        if (closes) this.closeLine(from)
      },
      cancel: () => {
        this.line.clear()
        this.cancel()
      },
    }
  }

  /** Clicked in a closed outline: the hole. Else the even region around the click, or that in the limits. */
  private fillStroke(cuts: boolean, from: GesturePlace): StrokeHands {
    return {
      move: (at) => {
        this.cursor.value = at
      },
      end: (at) => {
        const after: Mask = { ...from.before, pixels: from.before.pixels.slice() }
        const region = (cuts ? null : holeAt(from.before, at)) ?? this.regionAt(at)
        const box = region === null ? EMPTY_BOX : stampInto(after, region, cuts ? 0 : 1)
        this.finish('Fill', from, after, box)
      },
      cancel: this.cancel,
    }
  }

  private regionAt(at: ImagePoint): PlacedMask | null {
    const { limited, limits } = this.settings
    const values = this.place.values()
    if (values === null) return null
    const range: ValueRange | null = limited ? limits : rangeAtStart(values, FILL_LOOK, at, LEAST_TOLERANCE)
    const side = 2 * FILL_REACH_PX + 1
    const column = Math.round(at.column) - FILL_REACH_PX
    const row = Math.round(at.row) - FILL_REACH_PX
    return range === null
      ? null
      : floodFill(values, at, range, { column, row, widthPx: side, heightPx: side })
  }

  private drawing(): OwnDrawing | null {
    const { shown, cursor, place, settings } = this
    const isBrush = settings.tool === 'brush' || settings.tool === 'erase'
    const disc = isBrush ? brushDisc(settings, place.spacingMm()) : { columns: 0, rows: 0 }
    const at = place.isOpen() ? cursor.value : null
    return {
      tint: shown.value === null ? null : (this.tint?.canvas ?? null),
      tintBox: shown.value?.held ?? EMPTY_BOX,
      rings: shown.value?.rings ?? [],
      line: this.line.shown.value,
      cursor: at === null ? null : { at, disc },
    }
  }
}

/** What a stroke changed, put onto what stands now: another window may have drawn on this slice meanwhile. */
function withChanges(now: Mask, before: Mask, after: Mask): Mask {
  const pixels = now.pixels.slice()
  after.pixels.forEach((pixel, at) => {
    if (pixel !== before.pixels[at]) pixels[at] = pixel
  })
  return { ...now, pixels }
}
