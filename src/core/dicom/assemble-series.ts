/** From instances to series: grouping, order along the normal, spacing, and what is odd about them. */
import type {
  Orientation,
  SeriesSpacing,
  SeriesDetail,
  SeriesSummary,
  Slice,
  Warning,
  WindowSetting,
} from '../../contract'
import { FRAMES_DIFFER } from '../geometry/apart'
import { planeNormal, sameOrientation } from '../geometry/orientation'
import { type CountedStack, countedStack, sliceNumbering, type NumberedSlice } from '../geometry/slice-number'
import { stackSlices } from '../geometry/stack'
import type { Stack } from '../geometry/stack'
import { dot } from '../geometry/vector'
import { windowForCt } from '../image/window'
import type { FramePlace, Instance } from './instance'
import { partUid, patientUid, sharedUid } from './made-up-uid'
import { byPatient } from './patients-apart'
import { seriesDoubts } from './series-doubts'

/** One frame of one instance: what becomes a slice. */
interface Plane {
  readonly instance: Instance
  readonly frame: number
  readonly place: FramePlace
}

/** A series in its order of display; `planes[k]` says which file and frame slice k is. */
export interface Series {
  readonly detail: SeriesDetail
  readonly planes: readonly { readonly instance: Instance; readonly frame: number }[]
}

function groupBy<T>(values: readonly T[], key: (value: T) => string): readonly (readonly T[])[] {
  const groups = new Map<string, T[]>()
  for (const value of values) {
    const group = groups.get(key(value))
    if (group === undefined) groups.set(key(value), [value])
    else group.push(value)
  }
  return [...groups.values()]
}

interface Deduplicated {
  readonly instances: readonly Instance[]
  readonly warnings: readonly Warning[]
}

/** Two files with one SOP Instance UID: the first by path stands, the others are named and never mixed in. */
function deduplicate(instances: readonly Instance[]): Deduplicated {
  const groups = groupBy(instances, (instance) => instance.sopInstanceUid)
  const kept = groups.flatMap((group) => group.slice(0, 1))
  const left = groups.flatMap((group) => group.slice(1)).map((instance) => instance.path)
  if (left.length === 0) return { instances: kept, warnings: [] }
  const named = left.slice(0, 3).join(', ') + (left.length > 3 ? ` and ${left.length - 3} more` : '')
  const text = `${left.length} file${left.length === 1 ? ' repeats' : 's repeat'} the SOP Instance UID of another one and ${left.length === 1 ? 'is' : 'are'} left out: ${named}.`
  return { instances: kept, warnings: [{ code: 'instance-repeated', text }] }
}

const planesOf = (instance: Instance): readonly Plane[] =>
  instance.frames.map((place, frame) => ({ instance, frame, place }))

/** Frames of unlike size, pixels or plane cannot be scrolled as one stack; nor can both eyes, nor a picture and a negative. */
function shapeKey(instance: Instance): string {
  const { rows, columns, samplesPerPixel, colour } = instance.layout
  const eye = instance.modality.startsWith('OP') ? instance.bodyPart : ''
  const isInverse = instance.photometric === 'MONOCHROME1'
  return [rows, columns, samplesPerPixel, colour, isInverse, instance.modality, eye].join('|')
}

/** Direction cosines of one stack may differ by so much: writers round each slice's to two decimals. */
const ROUNDED_COSINES = 0.0101
/** Parts at the same places: more than this share of the smaller one's places are places of the larger one too. */
const SHARED_PLACES_FRACTION = 0.5

/** Splits planes by orientation; planes without one stay together. */
function byOrientation(planes: readonly Plane[]): readonly (readonly Plane[])[] {
  const stacks: { readonly orientation: Orientation | null; readonly planes: Plane[] }[] = []
  for (const plane of planes) {
    const { orientation } = plane.place
    const found = stacks.find((stack) =>
      stack.orientation === null || orientation === null
        ? stack.orientation === orientation
        : sameOrientation(stack.orientation, orientation, ROUNDED_COSINES),
    )
    if (found === undefined) stacks.push({ orientation, planes: [plane] })
    else found.planes.push(plane)
  }
  return stacks.map((stack) => stack.planes)
}

function stackOf(planes: readonly Plane[]): Stack | null {
  const orientation = planes[0]?.place.orientation ?? null
  const positions = planes.map((plane) => plane.place.positionMm)
  if (orientation === null || positions.some((position) => position === null)) return null
  const numbered = (plane: Plane | undefined): NumberedSlice | undefined =>
    plane && { instanceNumber: plane.instance.instanceNumber, frame: plane.frame }
  return stackSlices(
    orientation,
    positions.filter((position) => position !== null),
    (order) =>
      sliceNumbering({
        modality: planes[0]?.instance.modality ?? '',
        orientation,
        first: numbered(planes[order[0] ?? 0]),
        last: numbered(planes[order.at(-1) ?? 0]),
      }),
  )
}

const keysOf = (plane: Plane): readonly string[] =>
  plane.instance.stackKeys.map((own, at) => plane.place.stackKeys?.[at] || own)

/** Places of planes along the normal of the first one, in steps of a hundredth of a millimetre. */
function placesOf(planes: readonly Plane[]): ReadonlySet<number> {
  const orientation = planes[0]?.place.orientation ?? null
  if (orientation === null) return new Set()
  const normal = planeNormal(orientation)
  return new Set(
    planes.flatMap(({ place: { positionMm } }) =>
      positionMm === null ? [] : [Math.round(dot(positionMm, normal) / PLACE_MM)],
    ),
  )
}
const PLACE_MM = 0.01

/** True where every part covers largely the same places as the largest: repetitions, not continuations. */
function coverTheSame(parts: readonly (readonly Plane[])[]): boolean {
  const places = parts.map(placesOf).sort((a, b) => b.size - a.size)
  const [largest, ...others] = places
  return others.every(
    (own) => [...own].filter((place) => largest?.has(place)).length > SHARED_PLACES_FRACTION * own.size,
  )
}

/**
 * Stacks at the same places in one series (time points, echoes, kernels): split by the first attribute that leaves no
 * two slices of a stack at the same place, else by the first that parts repetitions, and so on in each part. Unsplit
 * where parts follow each other and merely meet: a place that is held twice is named, not torn apart.
 */
function byStackKey(planes: readonly Plane[]): readonly (readonly Plane[])[] {
  const whole = stackOf(planes)
  if (whole === null || !whole.duplicates) return [planes]
  const keys = planes[0] === undefined ? [] : keysOf(planes[0])
  const splits = keys
    .map((_key, at) => groupBy(planes, (plane) => keysOf(plane)[at] ?? ''))
    .filter((parts) => parts.length > 1 && parts.every((part) => part.length > 1) && coverTheSame(parts))
  const clean = splits.find((parts) => parts.every((part) => stackOf(part)?.duplicates === false))
  if (clean !== undefined) return clean
  return splits[0]?.flatMap(byStackKey) ?? [planes]
}

interface Ordered {
  readonly planes: readonly Plane[]
  readonly stack: Stack | null
  readonly warnings: readonly Warning[]
}

const byNumber = (a: Plane, b: Plane): number =>
  (a.instance.instanceNumber ?? Infinity) - (b.instance.instanceNumber ?? Infinity) ||
  a.instance.path.localeCompare(b.instance.path, 'en') ||
  a.frame - b.frame

/** Along the normal where every position is known and differs, else by Instance Number; never by file name alone. */
function order(planes: readonly Plane[]): Ordered {
  const numbered = [...planes].sort((a, b) =>
    a.instance === b.instance ? a.frame - b.frame : byNumber(a, b) || 0,
  )
  const stack = stackOf(numbered)
  if (stack === null) {
    // Frames of one object that has no places at all are told by that object; where one of them is missing, here.
    const isOdd =
      planes.length > 1 &&
      (new Set(planes.map((plane) => plane.instance)).size > 1 ||
        planes.some(({ place: { positionMm } }) => positionMm !== null))
    const text =
      'Positions are missing or unusable: slices stand in the order of their Instance Numbers, no volume.'
    return { planes: numbered, stack, warnings: isOdd ? [{ code: 'order-by-number', text }] : [] }
  }
  const sorted = stack.order.flatMap((index) => numbered.slice(index, index + 1))
  return { planes: sorted, stack, warnings: stack.warnings }
}

/** One spacing for the whole stack, or null with a reason where its planes disagree. */
function spacingOf(
  ordered: Ordered,
  isApart: boolean,
): {
  readonly spacingMm: SeriesSpacing | null
  readonly warnings: readonly Warning[]
} {
  const first = ordered.planes[0]?.place.spacingMm ?? null
  if (first === null) return { spacingMm: null, warnings: [] }
  const differs = ordered.planes.some(
    ({ place: { spacingMm } }) =>
      spacingMm === null ||
      Math.abs(spacingMm.row - first.row) > 1e-4 * first.row ||
      Math.abs(spacingMm.column - first.column) > 1e-4 * first.column,
  )
  if (differs)
    return {
      spacingMm: null,
      warnings: [{ code: 'spacing-differs', text: 'Slices differ in pixel spacing: sizes in pixels only.' }],
    }
  return { spacingMm: { ...first, slice: isApart ? null : (ordered.stack?.stepMm ?? null) }, warnings: [] }
}

function uniqueWarnings(lists: readonly (readonly Warning[])[]): readonly Warning[] {
  const seen = new Map<string, Warning>()
  for (const warning of lists.flat()) if (!seen.has(warning.code)) seen.set(warning.code, warning)
  return [...seen.values()]
}

/** Windows of the header, then one by modality and body part; [] where the values themselves must decide. */
function windowsOf(first: Instance): readonly WindowSetting[] {
  if (first.windows.length > 0 || first.layout.colour !== 'grey') return first.windows
  return first.modality === 'CT' ? [windowForCt(`${first.bodyPart} ${first.description}`)] : []
}

function slicesOf(ordered: Ordered): readonly Slice[] {
  return ordered.planes.map(({ instance, frame, place }, index) => ({
    index,
    sopInstanceUid: instance.sopInstanceUid,
    instanceNumber: instance.instanceNumber,
    frame,
    positionMm: place.positionMm,
    alongNormalMm: ordered.stack?.alongNormalMm[index] ?? null,
    rescale: place.rescale,
  }))
}

/** How people count the slices. */
const countedPlanes = (ordered: Ordered, { modality }: Instance): CountedStack =>
  countedStack({
    summary: { modality },
    orientation: ordered.planes[0]?.place.orientation ?? null,
    slices: ordered.planes.map(({ instance: { instanceNumber }, frame }, index) => ({
      ...{ instanceNumber, frame },
      alongNormalMm: ordered.stack?.alongNormalMm[index] ?? null,
    })),
  })

interface Part {
  readonly planes: readonly Plane[]
  readonly uid: string
  readonly warnings: readonly Warning[]
  readonly suffix: string
}

function makeSeries(part: Part): Series | null {
  const ordered = order(part.planes)
  const first = ordered.planes[0]?.instance
  if (first === undefined) return null
  const doubts = seriesDoubts(ordered.planes, countedPlanes(ordered, first))
  const isApart = doubts.some(({ code }) => code === FRAMES_DIFFER)
  const spacing = spacingOf(ordered, isApart)
  const warnings = uniqueWarnings([
    part.warnings,
    ordered.warnings,
    spacing.warnings,
    doubts,
    ...new Set(ordered.planes.map(({ instance }) => instance.warnings)),
  ])
  const summary: SeriesSummary = {
    seriesUid: part.uid,
    studyUid: first.studyUid,
    patientId: first.patientId,
    ...(first.patientMark === undefined ? {} : { patientMark: first.patientMark }),
    modality: first.modality,
    description: first.description + part.suffix,
    seriesNumber: first.seriesNumber,
    studyDate: first.studyDate,
    bodyPart: first.bodyPart,
    slices: ordered.planes.length,
    rows: first.layout.rows,
    columns: first.layout.columns,
    spacingMm: spacing.spacingMm,
    warnings: [...warnings],
  }
  const detail: SeriesDetail = {
    summary,
    slices: [...slicesOf(ordered)],
    orientation: ordered.planes[0]?.place.orientation ?? null,
    photometric: first.photometric,
    windows: [...windowsOf(first)],
    ...commonFrame(ordered.planes),
    kernel: first.kernel,
    kilovoltagePeak: first.kilovoltagePeak,
    seriesDate: first.seriesDate,
    sliceThicknessMm: first.sliceThicknessMm,
    lossy: first.lossy,
  }
  return { detail, planes: ordered.planes }
}

/** The frame of reference of all planes; nothing where they do not share one. */
function commonFrame(planes: readonly Plane[]): Pick<SeriesDetail, 'frameOfReferenceUid'> {
  const [frame, ...others] = new Set(planes.map(({ instance }) => instance.frameOfReferenceUid))
  return frame === undefined || others.length > 0 ? {} : { frameOfReferenceUid: frame }
}

/** Stacks of different frames of reference, where they are stacks; a frame a file, as some writers have it, parts nothing. */
function byFrame(planes: readonly Plane[]): readonly (readonly Plane[])[] {
  if (planes[0]?.place.orientation == null) return [planes]
  const parts = groupBy(planes, ({ instance }) => instance.frameOfReferenceUid ?? '')
  const stated = parts.filter(([first]) => first?.instance.frameOfReferenceUid !== undefined)
  return stated.length > 1 && parts.every((part) => part.length > 1) ? parts : [planes]
}

/** The stacks of one series UID, those of each patient by themselves: no patient's images stand among another's. */
function assembleOne(instances: readonly Instance[]): readonly Series[] {
  const patients = byPatient(instances, ({ patientId, patientIdentity = [patientId] }) => patientIdentity)
  if (patients.length < 2) return patientStacks(instances, instances[0]?.seriesUid ?? '', [])
  const text = `The files of this series name ${patients.length} different patients; the images of each are a series of their own. Make sure whose images these are.`
  return patients.flatMap(({ mark, files }) =>
    patientStacks(files, patientUid(files[0]?.seriesUid ?? '', mark), [{ code: 'patients-differ', text }]),
  )
}

/** The stacks of one patient: the largest keeps the UID, the others are named after it. */
function patientStacks(
  instances: readonly Instance[],
  seriesUid: string,
  doubts: readonly Warning[],
): readonly Series[] {
  const { instances: kept, warnings: repeats } = deduplicate(instances)
  const warnings = [...repeats, ...doubts]
  const shapes = groupBy(kept, shapeKey)
  const stacks = shapes
    .flatMap((shape) => byOrientation(shape.flatMap(planesOf)))
    .flatMap(byFrame)
    .flatMap(byStackKey)
  const sorted = [...stacks].sort((a, b) => b.length - a.length)
  return sorted.flatMap((planes, index) => {
    const isSplit = sorted.length > 1
    const text = `The series holds ${sorted.length} stacks that differ in plane, size, polarity, frame of reference, time or reconstruction; each is shown by itself.`
    const made = makeSeries({
      planes,
      uid: index === 0 ? seriesUid : partUid(seriesUid, index + 1),
      warnings: isSplit ? [{ code: 'series-split', text }, ...warnings] : warnings,
      suffix: isSplit ? ` (part ${index + 1} of ${sorted.length})` : '',
    })
    return made === null ? [] : [made]
  })
}

/**
 * Series of different studies that share a UID (which the standard forbids) are kept apart: each is named after its
 * study, and none keeps the plain UID, so that nothing that knows one of them by it takes another one for it.
 */
function uniquelyNamed(all: readonly Series[]): readonly Series[] {
  const count = new Map<string, number>()
  for (const { detail } of all)
    count.set(detail.summary.seriesUid, (count.get(detail.summary.seriesUid) ?? 0) + 1)
  return all.map((series) => {
    const { summary } = series.detail
    if (count.get(summary.seriesUid) === 1) return series
    const warnings = [SHARED, ...summary.warnings]
    const seriesUid = sharedUid(summary.seriesUid, summary.studyUid)
    return { ...series, detail: { ...series.detail, summary: { ...summary, seriesUid, warnings } } }
  })
}
const SHARED: Warning = {
  code: 'series-uid-shared',
  text: 'Another open study has a series of the same UID, which must not be. Both are kept apart by their studies; make sure whose images these are.',
}

/**
 * Assembles series, whatever order the instances come in. Sorted by study, series number and UID, so that the same
 * files always give the same list.
 */
export function assembleSeries(instances: readonly Instance[]): readonly Series[] {
  const byPath = [...instances].sort((a, b) => (a.path < b.path ? -1 : 1))
  const groups = groupBy(byPath, (instance) => `${instance.studyUid}|${instance.seriesUid}`)
  const series = uniquelyNamed(groups.flatMap(assembleOne))
  const key = ({ detail: { summary } }: Series): readonly (string | number)[] => [
    summary.patientId,
    summary.studyDate,
    summary.studyUid,
    summary.seriesNumber ?? Infinity,
    summary.seriesUid,
  ]
  return [...series].sort((a, b) => {
    const [left, right] = [key(a), key(b)]
    const differs = left.findIndex((value, index) => value !== right[index])
    return differs < 0 ? 0 : (left[differs] ?? 0) < (right[differs] ?? 0) ? -1 : 1
  })
}
