/**
 * Structure sets laid on an opened series. The pixels of a region on one slice are those whose centres lie inside an
 * odd number of its closed contours there (exclusive or): a contour inside another is a hole, and a keyhole contour
 * gives the same. The centre of a pixel is its whole index, not a half beyond it.
 */
import { accept, refuse, type Result, type Warning } from '../../../contract'
import { cropToBox } from '../../contour/box-mask'
import { planeNormal } from '../../geometry/orientation'
import { dot, subtract } from '../../geometry/vector'
import type { ExchangeReading, ExchangeSlice, ExchangeStructure } from '../exchange-reading'
import { xorPolygon } from '../fill-outlines'
import {
  halfStepMm,
  type ImageTarget,
  nearestSlice,
  requireFrameOfReference,
  seriesNeeded,
  type SeriesTarget,
  sliceByReference,
} from '../image-target'
import type { Contour, Region, StructureSet } from './read-structure-set'

const CLOSED = new Set(['CLOSED_PLANAR', 'CLOSEDPLANAR_XOR'])

/** What was noticed on the way, told in warnings at the end. */
interface Noticed {
  byPosition: number
  offSlices: number
  closed: number
  overlapping: number
  readonly leftOut: Map<string, number>
}

/** Largest distance of the points from a slice's plane. */
function farthestMm(target: SeriesTarget, index: number, { pointsMm }: Contour): number {
  const position = target.slices[index]?.positionMm ?? null
  if (position === null || target.orientation === null) return Infinity
  const normal = planeNormal(target.orientation)
  const origin = dot(position, normal)
  let most = 0
  for (let at = 0; at + 2 < pointsMm.length; at += 3) {
    const along =
      (pointsMm[at] ?? 0) * normal[0] +
      (pointsMm[at + 1] ?? 0) * normal[1] +
      (pointsMm[at + 2] ?? 0) * normal[2]
    most = Math.max(most, Math.abs(along - origin))
  }
  return most
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

function maskRegion(
  region: Region,
  target: SeriesTarget,
  find: ReturnType<typeof sliceByReference>,
  noticed: Noticed,
): Result<readonly ExchangeSlice[]> {
  const { widthPx, heightPx } = target
  const slices = new Map<number, Uint8Array>()
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
    const pixels = slices.get(index) ?? new Uint8Array(widthPx * heightPx)
    const filled = xorPolygon(pixels, widthPx, heightPx, points)
    if (!filled.ok) return filled
    if (filled.value.overlaps) noticed.overlapping += 1
    slices.set(index, pixels)
  }
  const marked = [...slices].sort(([a], [b]) => a - b)
  return accept(
    marked.flatMap(([sliceIndex, pixels]): ExchangeSlice[] => {
      const mask = cropToBox({ originColumn: 0, originRow: 0, mask: { widthPx, heightPx, pixels } })
      return mask.mask.pixels.length === 0 ? [] : [{ sliceIndex, mask, fraction: null }]
    }),
  )
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
  if (noticed.overlapping > 0) {
    warn(
      'contours-combined',
      `${noticed.overlapping} contours lie in others of their region: what an even number of contours encloses is outside (a hole).`,
    )
  }
  return warnings
}

/** Refuses a structure set whose references do not lead to this series. */
function requireReferences(set: StructureSet, target: SeriesTarget): Result<null> {
  for (const { name, frameOfReferenceUid } of set.regions) {
    const same = requireFrameOfReference(target, frameOfReferenceUid, `"${name}"`)
    if (!same.ok) return same
  }
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

/** True for a region of points or open lines alone: it says something, but no area. */
const hasNoArea = ({ contours }: Region): boolean =>
  contours.length > 0 && contours.every(({ geometricType }) => !CLOSED.has(geometricType))

/**
 * A structure set as readings on a series, one for each interpreter that it names; regions without contours come as
 * structures without slices, regions of points or open lines alone are left out with a warning. Refused by name:
 * another frame of reference, another series, a series without places, and contours of which none lies on a slice.
 */
export function placeStructureSet(
  set: StructureSet,
  target: ImageTarget,
): Result<{ readonly readings: readonly ExchangeReading[]; readonly warnings: readonly Warning[] }> {
  if (target.kind !== 'series') return seriesNeeded('The structure set')
  if (target.orientation === null || target.spacingMm === null) {
    return refuse('annotation-mismatch', 'The series does not say where its slices lie in the patient.', {
      next: 'Bring the reading in as masks.',
    })
  }
  const references = requireReferences(set, target)
  if (!references.ok) return references
  const find = sliceByReference(target)
  const noticed: Noticed = { byPosition: 0, offSlices: 0, closed: 0, overlapping: 0, leftOut: new Map() }
  const structures: ExchangeStructure[] = []
  for (const region of set.regions) {
    const slices = maskRegion(region, target, find, noticed)
    if (!slices.ok) return slices
    if (!hasNoArea(region)) structures.push(structureOf(region, slices.value))
  }
  if (noticed.closed > 0 && noticed.offSlices === noticed.closed) {
    return refuse('annotation-mismatch', 'No contour of the structure set lies on a slice of the series.', {
      next: 'Open the series that it was drawn on.',
    })
  }
  return accept({ readings: byInterpreter(set, structures), warnings: warningsOf(set, noticed) })
}
