/** What readings come in onto and go out from: an opened series or a photograph. */
import { kindOf } from '../subject/subject-kinds'
import {
  accept,
  type ImageSummary,
  type Orientation,
  type PatientPoint,
  type PixelSpacing,
  refuse,
  type Result,
  type SeriesDetail,
} from '../../contract'
import { uidInFiles } from '../dicom/made-up-uid'
import { planeNormal } from '../geometry/orientation'
import { countedStack, sliceNumber, type SliceNumbering } from '../geometry/slice-number'
import { dot, subtract } from '../geometry/vector'

/** One slice of the target, in its order of display. */
export interface TargetSlice {
  readonly sopInstanceUid: string
  /** 0-based frame of the instance. */
  readonly frame: number
  readonly positionMm: PatientPoint | null
}

/** An opened series, its slices ascending along the normal. */
export interface SeriesTarget {
  readonly kind: 'series'
  /** As the files have it, also for a part of a series; empty where they have none. */
  readonly seriesUid: string
  readonly studyUid: string
  /** Null where the files name none. */
  readonly frameOfReferenceUid: string | null
  readonly widthPx: number
  readonly heightPx: number
  readonly spacingMm: PixelSpacing | null
  /** Even step between slices along the normal; null for one slice or uneven steps. */
  readonly sliceStepMm: number | null
  readonly orientation: Orientation | null
  /** How its slices are counted where words or names of files give their numbers. */
  readonly numbering: SliceNumbering
  readonly slices: readonly TargetSlice[]
}

/** A photograph counts as one slice of index 0. */
export interface PhotographTarget {
  readonly kind: 'image'
  /** File name, as readings name it. */
  readonly name: string
  readonly widthPx: number
  readonly heightPx: number
}

export type ImageTarget = SeriesTarget | PhotographTarget

/** The target of an opened series; the frame of reference stands in the files, not in the library's detail. */
export function seriesTarget(detail: SeriesDetail, frameOfReferenceUid: string | null): SeriesTarget {
  const { summary, slices, orientation } = detail
  const { spacingMm } = summary
  return {
    kind: 'series',
    seriesUid: uidInFiles(summary.seriesUid) ?? '',
    studyUid: uidInFiles(summary.studyUid) ?? '',
    frameOfReferenceUid: frameOfReferenceUid === '' ? null : frameOfReferenceUid,
    widthPx: summary.columns,
    heightPx: summary.rows,
    spacingMm: spacingMm === null ? null : { row: spacingMm.row, column: spacingMm.column },
    sliceStepMm: spacingMm?.slice ?? null,
    orientation,
    numbering: countedStack(detail).numbering,
    slices: slices.map(({ sopInstanceUid, frame, positionMm }) => ({ sopInstanceUid, frame, positionMm })),
  }
}

export const photographTarget = (image: ImageSummary): PhotographTarget => ({
  kind: 'image',
  name: image.name,
  widthPx: image.width,
  heightPx: image.height,
})

/** The number of a slice of the target as people count. */
export const numberOfSlice = (target: SeriesTarget, index: number): number =>
  sliceNumber({ numbering: target.numbering, count: target.slices.length }, index)

/** How far a position may be off its slice, or a frame's corner off the slice's: digits are rounded by writers. */
export const POSITION_TOLERANCE_MM = 0.05

/** Slice by instance and frame. A single-frame instance is found whatever frame is asked for (null: not named). */
export function sliceByReference(
  target: SeriesTarget,
): (sopInstanceUid: string, frame: number | null) => number | null {
  const byKey = new Map<string, number>()
  const frames = new Map<string, number[]>()
  target.slices.forEach((slice, index) => {
    byKey.set(`${slice.sopInstanceUid}#${slice.frame}`, index)
    frames.set(slice.sopInstanceUid, [...(frames.get(slice.sopInstanceUid) ?? []), index])
  })
  return (sopInstanceUid, frame) => {
    if (frame !== null) {
      const exact = byKey.get(`${sopInstanceUid}#${frame}`)
      if (exact !== undefined) return exact
    }
    const all = frames.get(sopInstanceUid) ?? []
    return all.length === 1 && (frame === null || frame === 0) ? (all[0] ?? null) : null
  }
}

/** Distance of a point from the plane of each slice; null where the series has no places. */
function planeDistances(target: SeriesTarget, point: PatientPoint): readonly number[] | null {
  const { orientation } = target
  if (orientation === null) return null
  const normal = planeNormal(orientation)
  return target.slices.map(({ positionMm }) =>
    positionMm === null ? Infinity : Math.abs(dot(subtract(point, positionMm), normal)),
  )
}

export interface NearestSlice {
  readonly index: number
  readonly distanceMm: number
}

/** The slice whose plane lies nearest to a point; null where the series has no places or no slices. */
export function nearestSlice(target: SeriesTarget, point: PatientPoint): NearestSlice | null {
  const distances = planeDistances(target, point)
  if (distances === null) return null
  let index = -1
  let distanceMm = Infinity
  distances.forEach((distance, at) => {
    if (distance < distanceMm) [index, distanceMm] = [at, distance]
  })
  return index < 0 ? null : { index, distanceMm }
}

/** For a series of one slice: nearer than this to its plane counts as on it. */
const LONE_SLICE_HALF_STEP_MM = 0.5

/** Half the smallest distance between neighbouring slices: a point nearer than this belongs to one slice alone. */
export function halfStepMm(target: SeriesTarget): number {
  if (target.sliceStepMm !== null) return target.sliceStepMm / 2
  const [first] = target.slices
  const distances = first?.positionMm == null ? null : planeDistances(target, first.positionMm)
  const along = (distances ?? []).filter(Number.isFinite).sort((a, b) => a - b)
  const gaps = along.slice(1).map((value, at) => value - (along[at] ?? 0))
  const smallest = Math.min(...gaps.filter((gap) => gap > POSITION_TOLERANCE_MM))
  return Number.isFinite(smallest) ? smallest / 2 : LONE_SLICE_HALF_STEP_MM
}

/** Refuses a series whose files lack the UIDs that an object which refers to it would have to name. */
export function requireUids(target: SeriesTarget): Result<null> {
  const isWhole = target.slices.every(({ sopInstanceUid }) => uidInFiles(sopInstanceUid) === sopInstanceUid)
  if (isWhole && target.seriesUid !== '' && target.studyUid !== '') return accept(null)
  return refuse(
    'annotation-unsupported',
    'The files of the series lack study, series or instance UIDs, which this format must refer to.',
    { next: 'Use NIfTI or the masks as PNG.' },
  )
}

/** Refuses another matrix than the target's. `what` names the thing that was read. */
export function requireSize(
  target: ImageTarget,
  widthPx: number,
  heightPx: number,
  what: string,
): Result<null> {
  if (widthPx === target.widthPx && heightPx === target.heightPx) return accept(null)
  const image = kindOf(target).one.replace(/^an? /, 'the ')
  return refuse(
    'annotation-mismatch',
    `${what} has ${widthPx} × ${heightPx} pixels, ${image} ${target.widthPx} × ${target.heightPx}.`,
    { next: 'Open the image that it was drawn on, in its original matrix.' },
  )
}

/** Refuses another frame of reference than the series'; where either names none, nothing can be said against it. */
export function requireFrameOfReference(target: SeriesTarget, uid: string, what: string): Result<null> {
  const own = target.frameOfReferenceUid
  if (own === null || uid === '' || own === uid) return accept(null)
  return refuse(
    'annotation-mismatch',
    `${what} lies in the frame of reference ${uid}, the series in ${own}: their coordinates have nothing to do with each other.`,
    { next: 'Open the series that it was drawn on, or register the two and export it anew.' },
  )
}

/** For what only makes sense in the patient's space. */
export const requireSeries = (target: ImageTarget, what: string): Result<SeriesTarget> =>
  target.kind === 'series'
    ? accept(target)
    : refuse('annotation-mismatch', `${what} belongs to a DICOM series, not to ${kindOf(target).one}.`, {
        next: 'Open the series that it was drawn on.',
      })

/** Its slices; null for a photograph. */
export const slicesOfTarget = (target: ImageTarget): readonly TargetSlice[] | null =>
  target.kind === 'series' ? target.slices : null

/** How messages call the target. */
export const wordsOfTarget = (target: ImageTarget): string =>
  target.kind === 'series' ? 'a slice of the series' : `the photograph ${target.name}`
