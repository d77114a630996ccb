import type { Mask } from '../../core/image/mask'
import type {
  Grid,
  MeasurementShape,
  PixelDescription,
  PixelSpacing,
  Subject,
  WindowCurve,
} from '../../contract'
import type { DiscPx, PixelBox } from '../../core/contour/slice-mask'
import type { Ring, RunOverlay } from './worker/overlay-types'
import type { Camera } from './camera'
import type { Turn } from './turn'
import type { ImagePoint } from '../../core/geometry/image-point'

/** Stored values as they came from the server, row by row from the top left; `rgb8` has three bytes a pixel. */
export type StoredPixels = Int16Array | Uint16Array | Uint8Array | Float32Array

/** One slice or one photograph to show. */
export interface ViewportPicture {
  /** Changes exactly when the pixels change (series and slice index, image id). */
  readonly key: string
  /** Pictures of one subject (the slices of a series) share zoom and position; a new subject is fitted. */
  readonly subjectKey: string
  readonly subjectKind: Subject['kind']
  readonly description: PixelDescription
  readonly pixels: StoredPixels
  /** null: the file states none; lengths are then in pixels and no scale bar is drawn. */
  readonly pixelSpacingMm: PixelSpacing | null
  /** Overlay planes of the file: 1 where something is drawn, row by row. */
  readonly graphics?: Mask | null
}

/** DICOM's window centre and width in output units (HU), function LINEAR of PS3.3 C.11.2.1.2.1 unless it has a curve. */
export interface ViewportWindow {
  readonly centre: number
  readonly width: number
  readonly curve?: WindowCurve | undefined
}

export type PhotographChannel = 'colour' | 'green' | 'contrast' | 'red'
export type ToolName = 'select' | 'window' | 'pan' | 'zoom' | 'probe' | 'ruler' | 'measure' | 'cross' | 'draw'
export type ViewMode = 'contours' | 'bands' | 'map'

/** One reader's outline on this slice: closed rings x0 y0 x1 y1 … in image index coordinates. */
export interface ReaderOutline {
  readonly letter: string
  readonly label: string
  /** Place in the colour and dash table of theme/data-colours: 0 is reader A. */
  readonly colourIndex: number
  readonly rings: readonly Float32Array[]
  readonly visible: boolean
  /** Drawn in another style than that of `colourIndex`: the own reading is yellow, a derived outline grey. */
  readonly line?: { readonly colour: string; readonly widthPx: number; readonly dashPx: readonly number[] }
}

/** Where readings differ, pixel by pixel: how many of them are in the minority; 0 is clear. */
export interface StepMap {
  readonly originColumn: number
  readonly originRow: number
  readonly widthPx: number
  readonly heightPx: number
  /** Row by row. */
  readonly minority: Uint8Array
  readonly readerCount: number
}

/** A box of whole pixels to point at: its first pixel and its size. */
export interface PixelFocus {
  readonly column: number
  readonly row: number
  readonly widthPx: number
  readonly heightPx: number
}

/**
 * One of two compared models: lines of model 1 are solid, those of model 2 dashed, in both views. `other` is the run
 * of the other model on the same slice, whose median is drawn thinner over this one.
 */
export interface ComparedModel {
  readonly place: 1 | 2
  readonly other: RunOverlay | null
}

/** What the layer list switches. A layer is drawn when it is on and the mode shows it: `shownLayers`. */
export interface LayerVisibility {
  readonly samples: boolean
  readonly median: boolean
  readonly bands: boolean
  readonly variance: boolean
  readonly readers: boolean
  readonly cropEdge: boolean
  readonly fieldOfView: boolean
  /** Overlay planes of the file. */
  readonly graphics: boolean
  /** What the map tells of each pixel. */
  readonly mapOf: MapMeasure
  /** What lies below is left clear; in the unit of the measure. */
  readonly mapFrom: number
  /** Opacity of the map, a fraction. */
  readonly mapOpacity: number
  /** Where the lens over a map stands, or that it is closed. */
  readonly lens: LensPlace | 'closed'
}

/** What a map tells of each pixel, from its samples. */
export type MapMeasure = 'variance' | 'share' | 'entropy' | 'information'

/** Corners of the view that the lens over a map may stand in; the fourth holds the map's legend. */
export const LENS_PLACES = ['lower-right', 'upper-right', 'upper-left'] as const
export type LensPlace = (typeof LENS_PLACES)[number]

export type LayerName = Exclude<keyof LayerVisibility, 'mapOf' | 'mapFrom' | 'mapOpacity' | 'lens'>

/** Which layers are on when a view opens. */
export const DEFAULT_LAYERS: LayerVisibility = {
  samples: true,
  median: true,
  bands: true,
  variance: true,
  readers: true,
  cropEdge: true,
  fieldOfView: false,
  graphics: true,
  mapOf: 'variance',
  mapFrom: 0,
  mapOpacity: 0.9,
  lens: 'lower-right',
}

/** Whether the mode leaves room for a layer, over its map in an inset where there is one; the layer list greys out the others. */
export function modeShows(mode: ViewMode, layer: LayerName, hasInset: boolean): boolean {
  if (layer === 'variance') return mode === 'map'
  if (layer === 'samples') return mode === 'contours' || (mode === 'map' && hasInset)
  if (layer === 'bands') return mode !== 'map' || hasInset
  return true
}

/** Letters at the middle of the four edges, from the orientation; null where the file states none. */
export interface EdgeLetters {
  readonly left: string
  readonly right: string
  readonly top: string
  readonly bottom: string
}

/** Lines of text in the corners. The viewport adds zoom, slice number and map legend itself. */
export interface CornerTexts {
  readonly topLeft: readonly string[]
  /** So many lines of it stay where there is little room; not given: the first. */
  readonly topLeftKept?: number
  readonly topRight: readonly string[]
  readonly bottomLeft: readonly string[]
  readonly bottomRight: readonly string[]
}

/** Where the picture stands in its series, and which slices carry something (shown on the slice track). */
export interface SlicePosition {
  readonly index: number
  readonly count: number
  readonly marks: readonly SliceMark[]
  /** As people count it: from 1, an axial CT from the head. */
  readonly number: number
  /** As the file numbers it. */
  readonly instanceNumber: number | null
  /** What is said instead of numbers: a plane that was cut has a place, and no number. */
  readonly words?: string
  /** The last index lies at the top of the track, where scrolling up ends. */
  readonly isLastAtTop: boolean
  /** Letters of the directions at both ends of the track; null where the files state no places. */
  readonly ends: { readonly top: string; readonly bottom: string } | null
}

/** Slices first..last, both included, 0-based: `run` in the model's violet, `reading` in quiet grey, `own` in your yellow. */
export interface SliceMark {
  readonly first: number
  readonly last: number
  readonly kind: 'run' | 'reading' | 'own'
}

/** What lies under the cursor. Null where it cannot be known (outside the run's grid, no run). */
export interface ProbeReading {
  /** The pixel's index, integers. */
  readonly column: number
  readonly row: number
  /** Grey pictures: slope * stored + intercept, in the picture's unit. */
  readonly value: number | null
  readonly unit: string
  readonly rgb: readonly [number, number, number] | null
  readonly samples: PixelSpread | null
}

/**
 * What the samples say about one pixel: how many draw it, and the variance p (1 - p) of that share. `bits` while a map
 * of bits is shown, and what they are of.
 */
export interface PixelSpread {
  readonly inside: number
  readonly count: number
  readonly variance: number
  readonly bits?: { readonly of: 'entropy' | 'information'; readonly value: number }
}

/** A finished ruler. `lengthMm` is null where the file states no spacing. */
export interface Ruler {
  readonly pictureKey: string
  readonly from: ImagePoint
  readonly to: ImagePoint
  readonly lengthPx: number
  readonly lengthMm: number | null
}

/** Zoom in CSS pixels per image pixel (per the smaller side of a non-square pixel). */
export interface ViewChange {
  readonly zoom: number
}

/** What the rater draws on this slice. Holds no state of its own: it is made anew for each change. */
export interface OwnDrawing {
  /** One pixel a pixel of the picture, opaque where the structure is; null where it is too large to tint while drawing. */
  readonly tint: HTMLCanvasElement | null
  /** The part of `tint` that holds anything: only that is painted. */
  readonly tintBox: PixelBox
  /** Outlines in image coordinates. */
  readonly rings: readonly Ring[]
  /** A line that is being laid: the side of a polygon, a lasso, a live wire; null: none. */
  readonly line: readonly ImagePoint[] | null
  readonly cursor: { readonly at: ImagePoint; readonly disc: DiscPx } | null
}

/** One gesture of drawing between press and release. */
export interface StrokeHands {
  readonly move: (at: ImagePoint) => void
  /** `isClick`: released where it was pressed, and never elsewhere between. */
  readonly end: (at: ImagePoint, isClick: boolean) => void
  /** Escape: as if it had never begun. */
  readonly cancel: () => void
}

/** What was measured on this slice, or is being measured: its points in image coordinates, its figures in lines. */
export interface MeasuredMark {
  readonly shape: MeasurementShape
  readonly points: readonly ImagePoint[]
  readonly lines: readonly string[]
  readonly isChosen: boolean
}

/** Where a plane crosses outlines of other planes: lines x0 y0 x1 y1, one after another, in image coordinates. */
export interface CutLines {
  readonly colour: string
  readonly dashPx: readonly number[]
  readonly alpha: number
  readonly ends: Float32Array
}

/** What links several views of one body: the place that all show, and what of the others' outlines passes through here. */
export interface CrossMarks {
  readonly at: ImagePoint
  readonly cuts: readonly CutLines[]
}

/** A place of this slice that somebody clicked. */
export interface PlaceMark {
  readonly key: string
  readonly label: string
  /** In image coordinates. */
  readonly point: ImagePoint
  /** It is what the figures are of. */
  readonly isChosen: boolean
  readonly canMove: boolean
}

/** Takes the gestures of the draw tool. `opposite`: Alt or Shift was held, the brush erases. */
export interface DrawingHands {
  readonly begin: (at: ImagePoint, opposite: boolean) => StrokeHands | null
  /** The pointer stands here without a press; null: it left. */
  readonly hover: (at: ImagePoint | null) => void
}

export interface ImageViewportProps {
  readonly picture: ViewportPicture | null
  /** Null shows a photograph as stored and a grey picture over its whole range. */
  readonly window: ViewportWindow | null
  readonly inverted: boolean
  readonly channel: PhotographChannel
  /** How the picture is turned on the screen; left out: as it was acquired. */
  readonly turn?: Turn
  readonly tool: ToolName
  readonly mode: ViewMode
  readonly layers: LayerVisibility
  /** The run on this slice; null on every other slice: overlays of another slice are never shown. */
  readonly overlay: RunOverlay | null
  /** Null where one model is shown alone. */
  readonly compared: ComparedModel | null
  readonly readers: readonly ReaderOutline[]
  /** A sample to show on its own above the others, by sample index. */
  readonly highlightSample: number | null
  readonly edgeLetters: EdgeLetters | null
  readonly corners: CornerTexts
  readonly slice: SlicePosition | null
  /** X: hides everything but the picture. */
  readonly hidden: boolean
  /** Where a reading is drawn: what is drawn, and who takes the strokes. */
  readonly own?: OwnDrawing | null
  readonly drawing?: DrawingHands | null
  /** Where measurements are kept: those of this slice, and who takes what the measure tool lays. */
  readonly measured?: readonly MeasuredMark[]
  readonly measuring?: DrawingHands | null
  /** Places of this slice, where places are chosen. */
  readonly places?: readonly PlaceMark[]
  /** Where several planes are shown: the crosshair, and outlines where this plane cuts them. */
  readonly cross?: CrossMarks | null
  /** The outline at a place of the latent that somebody looks at: dashed, in the colour of what is chosen. */
  readonly explored?: readonly Ring[] | null
  /** Where readings are compared: the map of what they see differently, and the difference that is looked at. */
  readonly stepMap?: StepMap | null
  readonly focus?: PixelFocus | null
}

export interface ImageViewportEvents {
  /** A click with the select tool, or Enter at the cursor of the keyboard: centre a run here. Image index coordinates, not rounded. */
  pick: [point: ImagePoint]
  /** The mark of a place was clicked, by its key. */
  choosePlace: [key: string]
  /** It was dragged here. Image index coordinates, not rounded. */
  movePlace: [key: string, to: ImagePoint]
  /** The pointer moved over the picture; null when it left. */
  probe: [reading: ProbeReading | null]
  /** Wheel or arrow keys: slices to go on, downwards on the track. */
  scroll: [deltaSlices: number]
  /** The slice track was moved to this index. */
  slice: [index: number]
  /** A drag changed the window. */
  window: [window: ViewportWindow]
  /** The crosshair was moved here. Image index coordinates, not rounded. */
  cross: [point: ImagePoint]
  view: [view: ViewChange]
  /** The picture was moved or zoomed, by whatever. */
  camera: [camera: Camera]
}

/** What a parent may call on the mounted viewport. */
export interface ImageViewportMethods {
  /** Zoom about the middle of the view: 1.25 is a quarter larger. */
  zoomBy(factor: number): void
  /** The whole picture, as large as fits. */
  fit(): void
  /** As `fit`, and the rulers of this picture are removed. */
  reset(): void
  /** Shows the grid of a run with room around it. */
  zoomTo(grid: Grid): void
  /** Shows the same part of the picture as another view. */
  follow(camera: Camera): void
  /** Where the picture lies; null before it is shown. */
  camera(): Camera | null
  /** It is shown whole, and stays so when the window changes its size: nobody has moved it. */
  isWhole(): boolean
  /** Shows the cursor of the keyboard, or puts it away. */
  toggleCursor(): void
  /** The rulers of all pictures that were shown. */
  rulers(): readonly Ruler[]
  /** Lays these beside those that are there. */
  layRulers(rulers: readonly Ruler[]): void
}
