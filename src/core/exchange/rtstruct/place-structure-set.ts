/**
 * Structure sets laid on an opened series. The contours of a region are combined plane by plane (combine-outlines.ts);
 * a slice shows the plane that lies nearest to it, so that contours drawn closer together than the slices do not mix.
 * The centre of a pixel is its whole index, not a half beyond it.
 */
import { accept, refuse, type Result, type Warning } from '../../../contract'
import { cropToBox } from '../../contour/box-mask'
import { planeNormal } from '../../geometry/orientation'
import { dot, subtract } from '../../geometry/vector'
import { combineOutlines } from '../combine-outlines'
import type { ExchangeReading, ExchangeSlice, ExchangeStructure } from '../exchange-reading'
import { type PlacedReadings, withoutUnmarked } from '../placed-readings'
import {
  halfStepMm,
  type ImageTarget,
  nearestSlice,
  POSITION_TOLERANCE_MM,
  requireFrameOfReference,
  requireSeries,
  type SeriesTarget,
  sliceByReference,
} from '../image-target'
import type { Contour, Region, StructureSet } from './read-structure-set'

const XOR = 'CLOSEDPLANAR_XOR'
const CLOSED = new Set(['CLOSED_PLANAR', XOR])
/** Contours whose planes differ by less than this share of the distance between slices lie on one plane. */
const SAME_PLANE_FRACTION = 0.1

/** What was noticed on the way, told in warnings at the end. */
interface Noticed {
  byPosition: number
  offSlices: number
  closed: number
  nested: number
  united: number
  unusable: number
  empty: number
  /** Planes that lie on a slice beside another one that lies nearer to it. */
  otherPlanes: number
  readonly leftOut: Map<string, number>
}

/** Distances of the points from a slice's plane along the normal, signed; null where the slice has no place. */
function offsMm(target: SeriesTarget, index: number, { pointsMm }: Contour): Float64Array | null {
  const position = target.slices[index]?.positionMm ?? null
  if (position === null || target.orientation === null) return null
  const normal = planeNormal(target.orientation)
  const origin = dot(position, normal)
  const offs = new Float64Array(Math.floor(pointsMm.length / 3))
  for (let at = 0; at < offs.length; at += 1) {
    const [x, y, z] = [pointsMm[3 * at] ?? 0, pointsMm[3 * at + 1] ?? 0, pointsMm[3 * at + 2] ?? 0]
    offs[at] = x * normal[0] + y * normal[1] + z * normal[2] - origin
  }
  return offs
}

/** Largest distance of the points from a slice's plane. */
const farthestMm = (target: SeriesTarget, index: number, contour: Contour): number =>
  offsMm(target, index, contour)?.reduce((most, off) => Math.max(most, Math.abs(off)), 0) ?? Infinity

function meanOffMm(target: SeriesTarget, index: number, contour: Contour): number {
  const offs = offsMm(target, index, contour)
  return offs === null || offs.length === 0 ? 0 : offs.reduce((sum, off) => sum + off, 0) / offs.length
}

/** The slice that a contour lies on: the one it names, else the nearest plane; null when it lies in no slice's plane. */
function sliceOf(
  target: SeriesTarget,
  contour: Contour,
  find: ReturnType<typeof sliceByReference>,
  noticed: Noticed,
): number | null {
  const half = halfStepMm(target)
  const named = contour.sopInstanceUid === '' ? null : find(contour.sopInstanceUid, contour.frame)
  if (named !== null) return farthestMm(target, named, contour) < half ? named : null
  const [x, y, z] = contour.pointsMm
  const near = nearestSlice(target, [x ?? 0, y ?? 0, z ?? 0])
  if (near === null || farthestMm(target, near.index, contour) >= half) return null
  noticed.byPosition += 1
  return near.index
}

/** Patient millimetres to pixel-centre coordinates of a slice. */
function toPixels(target: SeriesTarget, index: number, { pointsMm }: Contour): Float64Array | null {
  const { orientation, spacingMm } = target
  const position = target.slices[index]?.positionMm ?? null
  if (orientation === null || spacingMm === null || position === null) return null
  const points = new Float64Array((pointsMm.length / 3) * 2)
  for (let at = 0; at < points.length / 2; at += 1) {
    const [x, y, z] = [pointsMm[3 * at] ?? 0, pointsMm[3 * at + 1] ?? 0, pointsMm[3 * at + 2] ?? 0]
    const offset = subtract([x, y, z], position)
    points[2 * at] = dot(offset, orientation.row) / spacingMm.column
    points[2 * at + 1] = dot(offset, orientation.column) / spacingMm.row
  }
  return points
}

/** A closed contour on its slice. */
interface Laid {
  readonly points: Float64Array
  readonly isXor: boolean
  /** Of its plane from the slice's, signed. */
  readonly offMm: number
}

/** The contours of the plane that lies nearest to the slice; of two that lie equally near, those of both, by plane. */
function nearestPlanes(laid: readonly Laid[], toleranceMm: number): readonly (readonly Laid[])[] {
  const planes: Laid[][] = []
  for (const contour of [...laid].sort((a, b) => a.offMm - b.offMm)) {
    const last = planes.at(-1)
    const first = last?.[0]
    if (last === undefined || first === undefined || contour.offMm - first.offMm > toleranceMm)
      planes.push([contour])
    else last.push(contour)
  }
  const distance = (plane: readonly Laid[]): number => Math.min(...plane.map(({ offMm }) => Math.abs(offMm)))
  const least = Math.min(...planes.map(distance))
  return planes.filter((plane) => distance(plane) - least <= POSITION_TOLERANCE_MM)
}

/** Closed contours by the slice that each lies on; what encloses nothing or lies on no slice is noted. */
function laidContours(
  region: Region,
  target: SeriesTarget,
  find: ReturnType<typeof sliceByReference>,
  noticed: Noticed,
): ReadonlyMap<number, readonly Laid[]> {
  const slices = new Map<number, Laid[]>()
  for (const contour of region.contours) {
    if (!CLOSED.has(contour.geometricType)) {
      const type = contour.geometricType || 'of no named type'
      noticed.leftOut.set(type, (noticed.leftOut.get(type) ?? 0) + 1)
      continue
    }
    noticed.closed += 1
    const index = sliceOf(target, contour, find, noticed)
    const points = index === null ? null : toPixels(target, index, contour)
    if (index === null || points === null) {
      noticed.offSlices += 1
      continue
    }
    const laid = {
      points,
      isXor: contour.geometricType === XOR,
      offMm: meanOffMm(target, index, contour),
    }
    slices.set(index, [...(slices.get(index) ?? []), laid])
  }
  return slices
}

function maskRegion(
  region: Region,
  target: SeriesTarget,
  find: ReturnType<typeof sliceByReference>,
  noticed: Noticed,
): readonly ExchangeSlice[] {
  const { widthPx, heightPx } = target
  const tolerance = Math.max(POSITION_TOLERANCE_MM, 2 * halfStepMm(target) * SAME_PLANE_FRACTION)
  const slices = [...laidContours(region, target, find, noticed)].sort(([a], [b]) => a - b)
  return slices.flatMap(([sliceIndex, laid]): ExchangeSlice[] => {
    const planes = nearestPlanes(laid, tolerance)
    noticed.otherPlanes += laid.length - planes.flat().length
    const pixels = new Uint8Array(widthPx * heightPx)
    for (const plane of planes) {
      const combined = combineOutlines(plane, { widthPx, heightPx })
      noticed.nested += combined.nested
      noticed.united += combined.united
      noticed.unusable += combined.unusable
      noticed.empty += combined.empty
      combined.pixels.forEach((pixel, at) => {
        if (pixel === 1) pixels[at] = 1
      })
    }
    const mask = cropToBox({ originColumn: 0, originRow: 0, mask: { widthPx, heightPx, pixels } })
    return mask.mask.pixels.length === 0 ? [] : [{ sliceIndex, mask, fraction: null }]
  })
}

function structureOf(region: Region, slices: readonly ExchangeSlice[]): ExchangeStructure {
  const told = {
    description: region.description,
    generation: region.generation,
    interpretedType: region.interpretedType,
  }
  return {
    ordinal: region.number,
    label: region.name,
    category: null,
    type: null,
    colour: region.colour,
    facts: Object.fromEntries(Object.entries(told).filter(([, value]) => value !== '')),
    slices,
  }
}

function warningsOf(set: StructureSet, noticed: Noticed): readonly Warning[] {
  const warnings = [...set.warnings]
  const warn = (code: string, text: string): void => {
    warnings.push({ code, text })
  }
  for (const [type, count] of noticed.leftOut) {
    warn('contours-left-out', `${count} contours of type ${type} enclose nothing and were left out.`)
  }
  if (noticed.byPosition > 0) {
    warn(
      'placed-by-position',
      `${noticed.byPosition} contours name no slice of the series; they were placed on the nearest one.`,
    )
  }
  if (noticed.offSlices > 0) {
    warn('slices-missing', `${noticed.offSlices} contours lie in the plane of no slice and were left out.`)
  }
  if (noticed.otherPlanes > 0) {
    warn(
      'planes-between-slices',
      `${noticed.otherPlanes} contours lie between slices; each slice shows the contours of the plane nearest to it.`,
    )
  }
  if (noticed.nested > 0) {
    warn(
      'contours-combined',
      `${noticed.nested} contours lie within others of their region: they are holes in them.`,
    )
  }
  if (noticed.united > 0) {
    warn(
      'contours-united',
      `${noticed.united} contours repeat or cross others of their region: they are united.`,
    )
  }
  if (noticed.unusable > 0) {
    warn(
      'contours-unusable',
      `${noticed.unusable} contours enclose nothing that could be filled and were left out.`,
    )
  }
  if (noticed.empty > 0) {
    warn(
      'contours-empty',
      `${noticed.empty} contours enclose no pixel of the image (its centre lies in none) and show nothing.`,
    )
  }
  return warnings
}

/**
 * The structure set with the regions that lie in the series' frame of reference; the others are left out with a
 * warning. Refused where none does.
 */
function inFrameOfReference(set: StructureSet, target: SeriesTarget): Result<StructureSet> {
  const checked = set.regions.map((region) => ({
    region,
    same: requireFrameOfReference(target, region.frameOfReferenceUid, `"${region.name}"`),
  }))
  const regions = checked.flatMap(({ region, same }) => (same.ok ? [region] : []))
  const [foreign] = checked.flatMap(({ same }) => (same.ok ? [] : [same.refusal]))
  if (foreign === undefined) return accept(set)
  if (regions.length === 0) return { ok: false, refusal: foreign }
  const left = checked.length - regions.length
  const text = `${left} region${left === 1 ? ' was' : 's were'} left out: ${foreign.reason}`
  return accept({ ...set, regions, warnings: [...set.warnings, { code: 'regions-elsewhere', text }] })
}

/** Refuses a structure set whose references do not lead to this series. */
function requireReferences(set: StructureSet, target: SeriesTarget): Result<null> {
  const isKnown = set.regions.some(
    ({ frameOfReferenceUid }) => frameOfReferenceUid === target.frameOfReferenceUid,
  )
  const uids = new Set(target.slices.map(({ sopInstanceUid }) => sopInstanceUid))
  const named = set.regions.flatMap(({ contours }) => contours.map(({ sopInstanceUid }) => sopInstanceUid))
  const isReferenced =
    named.some((uid) => uids.has(uid)) || set.referencedSeriesUids.includes(target.seriesUid)
  const hasContours = named.length > 0
  if (isKnown || isReferenced || !hasContours) return accept(null)
  const series = set.referencedSeriesUids[0] ?? '(not named)'
  return refuse('annotation-mismatch', `The structure set was drawn on series ${series}, not on this one.`, {
    next: 'Open the series that it was drawn on.',
  })
}

/** Regions by who drew them, in the order of the file. */
function byInterpreter(
  set: StructureSet,
  structures: readonly ExchangeStructure[],
): readonly ExchangeReading[] {
  const facts = { label: set.label, sopInstanceUid: set.sopInstanceUid }
  const readers = new Map<string, ExchangeStructure[]>()
  set.regions.forEach(({ number, interpreter }) => {
    const structure = structures.find(({ ordinal }) => ordinal === number)
    const reader = interpreter || set.operator
    if (structure === undefined) return
    readers.set(reader, [...(readers.get(reader) ?? []), structure])
  })
  return [...readers].map(([reader, own]) => ({ reader, facts, structures: own }))
}

/** Names of the regions with closed contours, by reader. */
function outlinedBy(set: StructureSet): ReadonlyMap<string, readonly string[]> {
  const outlined = new Map<string, string[]>()
  for (const { interpreter, name, contours } of set.regions) {
    const reader = interpreter || set.operator
    if (contours.some(({ geometricType }) => CLOSED.has(geometricType)))
      outlined.set(reader, [...(outlined.get(reader) ?? []), name])
  }
  return outlined
}

/** True for a region of points or open lines alone, and of contours that cannot be read: it says something, but no area. */
const hasNoArea = ({ contours, unreadable }: Region): boolean =>
  contours.length + unreadable > 0 && contours.every(({ geometricType }) => !CLOSED.has(geometricType))

/**
 * A structure set as readings on a series, one for each interpreter that it names; regions without contours come as
 * structures without slices, regions of points, open lines or unreadable contours alone are left out with a warning. Refused by name:
 * another frame of reference, another series, a series without places, and contours of which none encloses a pixel.
 */
export function placeStructureSet(whole: StructureSet, image: ImageTarget): Result<PlacedReadings> {
  const series = requireSeries(image, 'The structure set')
  if (!series.ok) return series
  const target = series.value
  if (target.orientation === null || target.spacingMm === null) {
    return refuse('annotation-mismatch', 'The series does not say where its slices lie in the patient.', {
      next: 'Bring the reading in as masks.',
    })
  }
  const inFrame = inFrameOfReference(whole, target)
  if (!inFrame.ok) return inFrame
  const set = inFrame.value
  const references = requireReferences(set, target)
  if (!references.ok) return references
  const find = sliceByReference(target)
  const noticed: Noticed = {
    ...{
      byPosition: 0,
      offSlices: 0,
      closed: 0,
      nested: 0,
      united: 0,
      unusable: 0,
      empty: 0,
      otherPlanes: 0,
    },
    leftOut: new Map(),
  }
  const structures: ExchangeStructure[] = []
  for (const region of set.regions) {
    const slices = maskRegion(region, target, find, noticed)
    if (!hasNoArea(region)) structures.push(structureOf(region, slices))
  }
  if (noticed.closed > 0 && noticed.offSlices === noticed.closed) {
    return refuse('annotation-mismatch', 'No contour of the structure set lies on a slice of the series.', {
      next: 'Open the series that it was drawn on.',
    })
  }
  const placed = { readings: byInterpreter(set, structures), warnings: warningsOf(set, noticed) }
  return withoutUnmarked(placed, outlinedBy(set))
}
