/** RT Structure Sets (PS3.3 A.19, C.8.8.5 to C.8.8.8): regions as contours in patient millimetres. */
import { accept, refuse, type Result, type Warning } from '../../../contract'
import type { DataSet } from '../../dicom/read-elements'
import { readDicomFile } from '../../dicom/read-file'
import type { Inflate } from '../../files/inflate'
import { ascii, type TextReader } from '../../dicom/text'
import { code, codes, integer, items, readerOf, text, valueBytes } from '../../dicom/values'
import { TAG } from '../../dicom/elements'
import type { Rgb } from '../exchange-reading'

const STRUCTURE_SET_STORAGE = '1.2.840.10008.5.1.4.1.1.481.3'
/** All points of one file: a whole body in fine contours has about a million. */
const MAX_POINTS = 20_000_000

export interface Contour {
  /** In capitals: CLOSED_PLANAR, CLOSEDPLANAR_XOR, OPEN_PLANAR, OPEN_NONPLANAR, POINT. */
  readonly geometricType: string
  /** Slice that it was drawn on; empty where the file names none. */
  readonly sopInstanceUid: string
  /** 0-based; null where the file names none. */
  readonly frame: number | null
  /** x0, y0, z0, x1, … in LPS millimetres. */
  readonly pointsMm: Float64Array
}

export interface Region {
  readonly number: number
  readonly name: string
  readonly description: string
  readonly frameOfReferenceUid: string
  readonly generation: string
  readonly interpretedType: string
  /** Who drew it; empty where the file does not say. */
  readonly interpreter: string
  readonly colour: Rgb | null
  readonly contours: readonly Contour[]
  /** Contours that are left out: their points are no numbers in threes, or fewer than the file says. */
  readonly unreadable: number
}

export interface StructureSet {
  readonly sopInstanceUid: string
  readonly label: string
  readonly operator: string
  readonly referencedSeriesUids: readonly string[]
  readonly regions: readonly Region[]
  readonly warnings: readonly Warning[]
}

const damaged = (reason: string): Result<never> =>
  refuse('annotation-damaged', reason, { next: 'Export the structure set again.' })

/** Numbers of Contour Data, of any length; null when one of them is none. */
function decimalsOf(set: DataSet): Float64Array | null {
  const bytes = valueBytes(set, TAG.ContourData)
  if (bytes === null) return new Float64Array(0)
  const parts = ascii(bytes).split('\\')
  const values = new Float64Array(parts.length)
  for (const [at, part] of parts.entries()) {
    const trimmed = part.replace(/\0/g, '').trim()
    const value = trimmed === '' ? Number.NaN : Number(trimmed)
    if (!Number.isFinite(value)) return null
    values[at] = value
  }
  return values
}

function contourOf(set: DataSet): Contour | null {
  const pointsMm = decimalsOf(set)
  if (pointsMm === null || pointsMm.length % 3 !== 0) return null
  // A contour that was cut off encloses something else than what was drawn.
  const count = integer(set, TAG.NumberOfContourPoints)
  if (count !== null && pointsMm.length / 3 < count) return null
  const [image] = items(set, TAG.ContourImageSequence)
  const number = image === undefined ? null : integer(image, TAG.ReferencedFrameNumber)
  return {
    geometricType: code(set, TAG.ContourGeometricType).toUpperCase(),
    sopInstanceUid: image === undefined ? '' : code(image, TAG.ReferencedSOPInstanceUID),
    frame: number === null ? null : number - 1,
    pointsMm,
  }
}

function colourOf(set: DataSet | undefined): Rgb | null {
  const values = (set === undefined ? [] : codes(set, TAG.ROIDisplayColor)).map(Number)
  const [red, green, blue] = values
  if (red === undefined || green === undefined || blue === undefined) return null
  const isByte = (value: number): boolean => Number.isInteger(value) && value >= 0 && value <= 255
  return [red, green, blue].every(isByte) ? [red, green, blue] : null
}

interface Parts {
  readonly contours: ReadonlyMap<number, readonly DataSet[]>
  readonly observations: ReadonlyMap<number, readonly DataSet[]>
}

/** Items by the region that they belong to: writers give a region one item, or several, which all count. */
function byRegion(sets: readonly DataSet[]): ReadonlyMap<number, readonly DataSet[]> {
  const found = new Map<number, DataSet[]>()
  for (const set of sets) {
    const number = integer(set, TAG.ReferencedROINumber) ?? -1
    found.set(number, [...(found.get(number) ?? []), set])
  }
  return found
}

function regionOf(set: DataSet, parts: Parts, reader: TextReader): Region {
  const number = integer(set, TAG.ROINumber) ?? -1
  const name = text(set, TAG.ROIName, reader)
  const drawn = parts.contours.get(number) ?? []
  const observed = parts.observations.get(number)?.[0]
  const read = drawn.flatMap((one) => items(one, TAG.ContourSequence)).map(contourOf)
  const contours = read.filter((contour) => contour !== null)
  return {
    number,
    name,
    description: text(set, TAG.ROIDescription, reader),
    frameOfReferenceUid: code(set, TAG.ReferencedFrameOfReferenceUID),
    generation: code(set, TAG.ROIGenerationAlgorithm),
    interpretedType: observed === undefined ? '' : code(observed, TAG.RTROIInterpretedType),
    interpreter: observed === undefined ? '' : text(observed, TAG.ROIInterpreter, reader),
    colour: colourOf(drawn[0]),
    contours,
    unreadable: read.length - contours.length,
  }
}

/** Series that the contours were drawn on, from the tree of references. */
function referencedSeries(set: DataSet): readonly string[] {
  return items(set, TAG.ReferencedFrameOfReferenceSequence)
    .flatMap((frame) => items(frame, TAG.RTReferencedStudySequence))
    .flatMap((study) => items(study, TAG.RTReferencedSeriesSequence))
    .map((series) => code(series, TAG.SeriesInstanceUID))
}

function unreadableWarnings(regions: readonly Region[]): readonly Warning[] {
  return regions
    .filter(({ unreadable }) => unreadable > 0)
    .map(({ name, contours, unreadable }) => ({
      code: 'contours-unreadable',
      text: `${unreadable} of the contours of "${name}" had points that are no numbers in threes, or fewer than the file says, and ${unreadable === 1 ? 'was' : 'were'} left out.${contours.length === 0 ? ' Nothing of it can be read: the region was left out.' : ''}`,
    }))
}

/** What an item of a region holds beside its contours (PS3.3 C.8.8.6): colours, and what it was drawn on. */
const BESIDE_CONTOURS: ReadonlySet<number> = new Set([
  ...[TAG.ReferencedROINumber, TAG.ROIDisplayColor],
  ...[0x3006004a, 0x3006004b, 0x0062000c, 0x0062000d],
])
const isPrivate = (tag: number): boolean => ((tag >>> 16) & 1) === 1

/** An item that holds no contour, and something that is none of what it may hold: its contours under another tag, say. */
function hidesContours(set: DataSet): boolean {
  if (items(set, TAG.ContourSequence).length > 0) return false
  return [...set.elements.values()].some(
    ({ tag, length }) => length > 0 && !BESIDE_CONTOURS.has(tag) && !isPrivate(tag),
  )
}

/** A region without contours is one in which nothing was drawn; where they may be there and are not found, it is said. */
function missingWarnings({ contours }: Parts, regions: readonly Region[]): readonly Warning[] {
  if (contours.size === 0) {
    const text =
      'The structure set describes regions and holds no list of their contours: nothing of them is shown.'
    return [{ code: 'contours-missing', text }]
  }
  const hidden = regions.filter(({ number }) => contours.get(number)?.some(hidesContours) === true)
  if (hidden.length === 0) return []
  const named = hidden.map(({ name }) => `"${name}"`).join(', ')
  const text = `Contours of ${named} cannot be found where the file should hold them: it is damaged there, and nothing of them is shown.`
  return [{ code: 'contours-missing', text }]
}

/** Contours of numbers that no region has: whose they are cannot be told, so they are counted. */
function orphanWarnings(contours: Parts['contours'], numbers: ReadonlySet<number>): readonly Warning[] {
  const orphans = [...contours].filter(([number]) => !numbers.has(number))
  const count = orphans
    .flatMap(([, sets]) => sets)
    .reduce((sum, set) => sum + items(set, TAG.ContourSequence).length, 0)
  if (count === 0) return []
  const named = orphans.map(([number]) => (number < 0 ? 'without a number' : String(number))).join(', ')
  const text = `${count} ${count === 1 ? 'contour belongs' : 'contours belong'} to no region that is described (ROI ${named}) and ${count === 1 ? 'was' : 'were'} left out.`
  return [{ code: 'contours-without-region', text }]
}

interface Described {
  readonly sets: readonly DataSet[]
  readonly warnings: readonly Warning[]
}

/**
 * Regions with numbers of their own. One that is described twice in the same words is one; of two that share a number
 * it cannot be told whose the contours are: both are left out with a warning.
 */
function describedRegions(sets: readonly DataSet[], reader: TextReader): Described {
  const nameOf = (set: DataSet): string => text(set, TAG.ROIName, reader)
  const byNumber = new Map<number, DataSet[]>()
  for (const set of sets) {
    const number = integer(set, TAG.ROINumber) ?? -1
    const own = byNumber.get(number) ?? []
    if (!own.some((other) => nameOf(other) === nameOf(set))) byNumber.set(number, [...own, set])
  }
  const shared = [...byNumber].filter(([, own]) => own.length > 1)
  return {
    sets: [...byNumber.values()].flatMap((own) => (own.length === 1 ? own : [])),
    warnings: shared.map(([number, own]) => ({
      code: 'regions-left-out',
      text: `Regions ${own.map((set) => `"${nameOf(set)}"`).join(' and ')} have the same number ${number}: whose the contours are cannot be told, and they were left out.`,
    })),
  }
}

/**
 * Reads a structure set. A contour whose points are no numbers in threes or fewer than it says, one that belongs to no region, and regions
 * that share a number are left out with a warning. Refused: what is no structure set, no regions, not one region or
 * contour that can be read, and more points than `MAX_POINTS`.
 */
export function readStructureSet(bytes: Uint8Array, inflate: Inflate): Result<StructureSet> {
  const reading = readDicomFile({ bytes, totalBytes: bytes.length }, inflate)
  if (reading.kind === 'refused') return { ok: false, refusal: reading.refusal }
  if (reading.kind === 'more') return refuse('truncated', 'The structure set ends early.')
  const { dataSet, warnings } = reading.file
  const sopClass = code(dataSet, TAG.SOPClassUID)
  if (sopClass !== STRUCTURE_SET_STORAGE) {
    return refuse(
      'annotation-unsupported',
      `The file is no structure set (SOP class ${sopClass || 'missing'}).`,
    )
  }
  const reader = readerOf(dataSet)
  const all = items(dataSet, TAG.StructureSetROISequence)
  if (all.length === 0) return damaged('The structure set describes no region.')
  const described = describedRegions(all, reader)
  if (described.sets.length === 0) return damaged('All regions share their number with another one.')
  const parts: Parts = {
    contours: byRegion(items(dataSet, TAG.ROIContourSequence)),
    observations: byRegion(items(dataSet, TAG.RTROIObservationsSequence)),
  }
  const regions = described.sets.map((set) => regionOf(set, parts, reader))
  const numbers = new Set(all.map((set) => integer(set, TAG.ROINumber) ?? -1))
  const unreadable = regions.reduce((sum, one) => sum + one.unreadable, 0)
  const contours = regions.flatMap((region) => region.contours)
  if (unreadable > 0 && contours.length === 0)
    return damaged(
      'No contour of the structure set has points that are numbers in threes, as many as it says.',
    )
  if (contours.reduce((sum, { pointsMm }) => sum + pointsMm.length / 3, 0) > MAX_POINTS)
    return refuse('limit-reached', `The contours have more than ${MAX_POINTS} points.`)
  return accept({
    sopInstanceUid: code(dataSet, TAG.SOPInstanceUID),
    label: text(dataSet, TAG.StructureSetLabel, reader),
    operator: text(dataSet, TAG.OperatorsName, reader),
    referencedSeriesUids: referencedSeries(dataSet),
    regions,
    warnings: [
      ...warnings,
      ...described.warnings,
      ...unreadableWarnings(regions),
      ...orphanWarnings(parts.contours, numbers),
      ...missingWarnings(parts, regions),
    ],
  })
}
