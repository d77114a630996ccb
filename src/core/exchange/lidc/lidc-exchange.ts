/** LIDC reading files as readings for exchange, and readings as one LIDC file with a session for each reader. */
import { accept, type BoxMask, refuse, type Result, type Structure } from '../../../contract'
import { cropToBox, decodeBoxMask, type PlacedMask } from '../../contour/box-mask'
import { maskOfEdgeMaps } from '../../lidc/edge-mask'
import { type EdgeMap, type EdgePoint, type OutlinedNodule, parseLidcFile } from '../../lidc/lidc-file'
import { lidcReadings } from '../../lidc/lidc-readings'
import { traceEdgeMaps } from '../../lidc/trace-edge-map'
import { writeLidcFile } from '../../lidc/write-lidc-file'
import { readBackEqual, samePixels, wellFormed } from '../read-back'
import type { Counts, ExchangeReading, ExchangeSlice, ExchangeStructure } from '../exchange-reading'
import { type PlacedReadings, withoutUnmarked } from '../placed-readings'
import {
  type ImageTarget,
  requireSeries,
  type SeriesTarget,
  sliceByReference,
  numberOfSlice,
} from '../image-target'
import { splitHoles } from './lidc-holes'

/** What a drawn document, a consensus or an imported reading says of one structure. */
export interface BoxedStructure {
  readonly label: string
  readonly slices: readonly { readonly sliceIndex: number; readonly mask: BoxMask }[]
}

/** A structure as the contract carries it, for an export; empty masks fall away. */
export function structureFromBoxes(structure: BoxedStructure, ordinal: number): ExchangeStructure {
  const slices = structure.slices.flatMap(({ sliceIndex, mask }): ExchangeSlice[] => {
    const placed = cropToBox(decodeBoxMask(mask))
    return placed.mask.pixels.length === 0 ? [] : [{ sliceIndex, mask: placed, fraction: null }]
  })
  return {
    ordinal,
    label: structure.label,
    category: null,
    type: null,
    colour: null,
    facts: {},
    slices: slices.sort((a, b) => a.sliceIndex - b.sliceIndex),
  }
}

/** Readings of the contract's structures (several readers of each) by reader, in the order of their letters. */
export function readingsFromStructures(structures: readonly Structure[]): readonly ExchangeReading[] {
  const labels = new Set(structures.flatMap(({ readings }) => readings.map(({ label }) => label)))
  return [...labels].map((reader) => ({
    reader,
    facts: {},
    structures: structures.flatMap(({ label, readings }, at) => {
      const own = readings.find((reading) => reading.label === reader)
      return own === undefined ? [] : [structureFromBoxes({ label, slices: own.slices }, at + 1)]
    }),
  }))
}

/**
 * An LIDC reading file as readings on its series: a reading for each session (four at most, "Reader A" to "D"), with
 * a structure for each lesion, also where that reader outlined nothing; who outlined no pixel is left out with a
 * warning. Refused: what `parseLidcFile` and `lidcReadings` refuse.
 */
export function readLidcReadings(bytes: Uint8Array, image: ImageTarget): Result<PlacedReadings> {
  const series = requireSeries(image, 'The LIDC reading file')
  if (!series.ok) return series
  const target = series.value
  const file = parseLidcFile(bytes)
  if (!file.ok) return file
  const laid = lidcReadings(file.value, {
    seriesUid: target.seriesUid,
    rows: target.heightPx,
    columns: target.widthPx,
    slices: target.slices.map(({ sopInstanceUid, positionMm }, index) => ({
      index,
      sopInstanceUid,
      zMm: positionMm?.[2] ?? null,
    })),
    stack: null,
  })
  if (!laid.ok) return laid
  const { structures, outlined, warnings } = laid.value
  return withoutUnmarked({ readings: readingsFromStructures(structures), warnings }, outlined)
}

/** Inclusions around the mask without its holes, exclusions of the holes. */
function edgeMapsOf(mask: PlacedMask, slice: Pick<EdgeMap, 'sopInstanceUid' | 'zMm'>): readonly EdgeMap[] {
  const { whole, holes } = splitHoles(mask)
  const mapOf = (inclusion: boolean, points: readonly EdgePoint[]): EdgeMap => ({
    ...slice,
    inclusion,
    points,
  })
  return [
    ...traceEdgeMaps(whole).map((points) => mapOf(true, points)),
    ...holes.map((hole) => mapOf(false, hole)),
  ]
}

const RATING = /^[1-6]$/

function noduleOf(structure: ExchangeStructure, target: SeriesTarget): Result<OutlinedNodule> {
  const edgeMaps: EdgeMap[] = []
  for (const { sliceIndex, mask } of structure.slices) {
    const slice = target.slices[sliceIndex]
    const maps = edgeMapsOf(mask, {
      sopInstanceUid: slice?.sopInstanceUid ?? '',
      zMm: slice?.positionMm?.[2] ?? null,
    })
    if (!samePixels(maskOfEdgeMaps(maps), mask)) {
      return refuse(
        'annotation-unsupported',
        `"${structure.label}" on slice ${numberOfSlice(target, sliceIndex)} has a piece inside a hole, which LIDC outlines cannot say.`,
        { next: 'Export it as a DICOM segmentation.' },
      )
    }
    edgeMaps.push(...maps)
  }
  const ratings = Object.entries(structure.facts).filter(
    ([name, value]) => /^[a-zA-Z]+$/.test(name) && RATING.test(value),
  )
  const characteristics =
    ratings.length === 0 ? null : Object.fromEntries(ratings.map(([name, value]) => [name, Number(value)]))
  return accept({ noduleId: structure.label, characteristics, edgeMaps })
}

/** Sessions and nodules as they stand in the file, nothing grouped into lesions: what was written. */
function asWritten(bytes: Uint8Array, target: SeriesTarget): Result<readonly ExchangeReading[]> {
  const file = parseLidcFile(bytes)
  if (!file.ok) return file
  const find = sliceByReference(target)
  const readings = file.value.sessions.map(({ radiologist, nodules }) => ({
    reader: radiologist,
    facts: {},
    structures: nodules.map(({ noduleId, edgeMaps }, at): ExchangeStructure => {
      const uids = [...new Set(edgeMaps.map(({ sopInstanceUid }) => sopInstanceUid))]
      const slices = uids.flatMap((uid): ExchangeSlice[] => {
        const sliceIndex = find(uid, null)
        const mask = maskOfEdgeMaps(edgeMaps.filter(({ sopInstanceUid }) => sopInstanceUid === uid))
        return sliceIndex === null ? [] : [{ sliceIndex, mask, fraction: null }]
      })
      const nothing = { category: null, type: null, colour: null, facts: {} }
      return { ordinal: at + 1, label: noduleId, ...nothing, slices }
    }),
  }))
  return accept(readings)
}

/** Names lose spaces at their ends and controls; XML cannot hold the latter. */
const held = (name: string): string =>
  Array.from(wellFormed(name), (letter) => ((letter.codePointAt(0) ?? 0) < 0x20 ? ' ' : letter))
    .join('')
    .trim()

/** An LIDC file read back and compared; structures without outlines have no place in it and are not counted. */
export function verifyLidcFile(
  bytes: Uint8Array,
  readings: readonly ExchangeReading[],
  target: SeriesTarget,
): Result<Counts> {
  const read = asWritten(bytes, target)
  if (!read.ok) return read
  const outlined = readings.map((reading) => ({
    ...reading,
    structures: reading.structures.filter(({ slices }) => slices.length > 0),
  }))
  return readBackEqual(outlined, read.value, { reader: held, label: held })
}

/** The format calls every nodule unblinded by its element's name; of readings that may be blind no more of it is said. */
const TASK = 'Readings exported by Margin'

/**
 * Readings as one LIDC reading file: a session for each reader, a nodule for each structure that was outlined (its
 * label is the nodule's id), holes as exclusions, ratings of 1 to 6 among the facts as characteristics. Verified
 * before it is returned. Refused: frames of a multi-frame file, two structures of one name by one reader, pieces
 * inside holes.
 */
export function writeLidcReadings(
  readings: readonly ExchangeReading[],
  target: SeriesTarget,
): Result<Uint8Array> {
  const uids = new Set(target.slices.map(({ sopInstanceUid }) => sopInstanceUid))
  if (uids.size < target.slices.length) {
    return refuse(
      'annotation-unsupported',
      'LIDC files cannot tell the frames of a multi-frame file apart.',
      {
        next: 'Export the readings as DICOM segmentations.',
      },
    )
  }
  const sessions = []
  for (const { reader, structures } of readings) {
    const outlined = structures.filter(({ slices }) => slices.length > 0)
    const labels = outlined.map(({ label }) => held(label))
    const twice = labels.find((label, at) => labels.indexOf(label) < at)
    if (twice !== undefined) {
      return refuse('annotation-unsupported', `Two structures of ${reader} have the same name, "${twice}".`, {
        next: 'Give them names of their own.',
      })
    }
    const nodules: OutlinedNodule[] = []
    for (const structure of outlined) {
      const nodule = noduleOf({ ...structure, label: held(structure.label) }, target)
      if (!nodule.ok) return nodule
      nodules.push(nodule.value)
    }
    sessions.push({
      radiologist: held(reader),
      nodules,
      smallMarkCount: 0,
      smallMarks: [],
      nonNoduleCount: 0,
    })
  }
  const { seriesUid, studyUid } = target
  const bytes = new TextEncoder().encode(writeLidcFile({ seriesUid, studyUid, sessions }, TASK))
  const verified = verifyLidcFile(bytes, readings, target)
  return verified.ok ? accept(bytes) : verified
}
