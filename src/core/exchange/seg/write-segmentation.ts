/** A reading as one DICOM Segmentation: a segment for each structure, also for one that nothing was drawn of. */
import { accept, refuse, type Result } from '../../../contract'
import { nothingDeflated, readBackEqual, type HeldNames } from '../read-back'
import {
  elementText,
  type ExportSource,
  type ExportStamp,
  personName,
  sharedFor,
  type SourceSlice,
} from '../derived-object'
import { derivedUid } from '../../dicom/write/derived-uid'
import { numberOfSlice } from '../image-target'
import type { Code, Counts, ExchangeReading, ExchangeStructure } from '../exchange-reading'
import { placeSegmentation } from './place-segmentation'
import { readSegmentation } from './read-segmentation'
import {
  type SegmentedObject,
  segmentedDataSet,
  type WrittenFrame,
  type WrittenSegment,
} from './segment-object'
import { requirePlaces } from './segmentation'
import { writeDicom } from '../../dicom/write/write-dicom'

/** PS3.16 CID 7150 and 7151: what is said of a structure that brings no codes of its own. */
const ANATOMY: Code = { value: '91723000', scheme: 'SCT', meaning: 'Anatomical Structure' }
const TISSUE: Code = { value: '85756007', scheme: 'SCT', meaning: 'Tissue' }
/** LO. */
const LONGEST_LABEL = 64
/** ST. */
const LONGEST_DESCRIPTION = 1024
const NOTHING_DRAWN = 'Nothing drawn.'

const held: HeldNames = {
  reader: personName,
  // A segment has to have a label (type 1).
  label: (label) => elementText(label, LONGEST_LABEL) || 'unnamed',
}

const algorithmTypeOf = (structure: ExchangeStructure): WrittenSegment['algorithmType'] => {
  const told = structure.facts['algorithmType']
  return told === 'AUTOMATIC' || told === 'SEMIAUTOMATIC' ? told : 'MANUAL'
}

function segmentOf(structure: ExchangeStructure, at: number, seed: string): WrittenSegment {
  const { facts, label, slices } = structure
  const algorithmType = algorithmTypeOf(structure)
  const said = facts['description'] ?? ''
  const description = slices.length === 0 ? `${NOTHING_DRAWN} ${said}` : said
  return {
    label: held.label(label),
    description: elementText(description, LONGEST_DESCRIPTION),
    algorithmType,
    algorithmName: algorithmType === 'MANUAL' ? null : elementText(facts['algorithmName'] ?? 'Margin', 64),
    category: structure.category ?? ANATOMY,
    type: structure.type ?? TISSUE,
    region: null,
    colour: structure.colour,
    trackingId: elementText(facts['trackingId'] ?? `${label} ${at + 1}`, 1024),
    trackingUid: facts['trackingUid'] ?? derivedUid(`${seed} tracking ${at + 1}`),
  }
}

interface Laid {
  readonly frames: readonly WrittenFrame[]
  readonly missing: number | null
}

/** Frames by segment and slice; where nothing is drawn at all, one empty frame, since an object needs one. */
function layFrames(reading: ExchangeReading, slices: ReadonlyMap<number, SourceSlice>): Laid {
  const marked = reading.structures.map((structure) =>
    structure.slices.filter(({ mask }) => mask.mask.pixels.includes(1)),
  )
  const indices = [...new Set(marked.flatMap((list) => list.map(({ sliceIndex }) => sliceIndex)))].sort(
    (a, b) => a - b,
  )
  const places = new Map(indices.map((index, at) => [index, at + 1]))
  const missing = indices.find((index) => !slices.has(index)) ?? null
  const frames = marked.flatMap((list, segment) =>
    list.flatMap(({ sliceIndex, mask }): WrittenFrame[] => {
      const slice = slices.get(sliceIndex)
      return slice === undefined
        ? []
        : [{ segment: segment + 1, place: places.get(sliceIndex) ?? 1, slice, mask }]
    }),
  )
  const [lone] = slices.values()
  if (frames.length > 0 || lone === undefined) return { frames, missing }
  const nothing = { widthPx: 0, heightPx: 0, pixels: new Uint8Array(0) }
  const mask = { originColumn: 0, originRow: 0, mask: nothing }
  return { frames: [{ segment: 1, place: 1, slice: lone, mask }], missing }
}

function objectOf(
  reading: ExchangeReading,
  source: ExportSource,
  stamp: ExportStamp,
  frames: readonly WrittenFrame[],
): Omit<SegmentedObject, 'shared'> {
  const { target } = source
  const seed = ['seg', stamp.key, target.seriesUid, reading.reader].join(' ')
  const creator = held.reader(reading.reader)
  return {
    sopInstanceUid: derivedUid(seed),
    seriesUid: derivedUid(`${seed} series`),
    dimensionUid: derivedUid(`${seed} dimensions`),
    seriesNumber: stamp.seriesNumber,
    instanceNumber: 1,
    seriesDescription: elementText(`Margin reading: ${reading.reader || 'not named'}`, 64),
    sourceSeriesUid: target.seriesUid,
    rows: target.heightPx,
    columns: target.widthPx,
    creator,
    contentLabel: 'READING',
    contentDescription: elementText(reading.facts['contentDescription'] ?? 'Reading', 64),
    softwareVersion: stamp.softwareVersion,
    segments: reading.structures.map((structure, at) => segmentOf(structure, at, seed)),
    frames,
  }
}

/** Bytes of a segmentation read back and compared with the reading that it was written from. */
export function verifySegmentation(
  bytes: Uint8Array,
  reading: ExchangeReading,
  { target }: ExportSource,
): Result<Counts> {
  const read = readSegmentation(bytes, nothingDeflated)
  if (!read.ok) return read
  const placed = placeSegmentation(read.value, target)
  if (!placed.ok) return placed
  return readBackEqual([reading], [placed.value.reading], held)
}

/**
 * Writes a reading as one object and verifies it. A reading without any pixel has one empty frame; structures
 * without pixels have a segment and no frame. Refused: no structures, marked slices without a source, a source
 * that does not say where it lies, and `internal` when what is read back differs.
 */
export function writeSegmentationReading(
  reading: ExchangeReading,
  source: ExportSource,
  stamp: ExportStamp,
): Result<Uint8Array> {
  if (reading.structures.length === 0) {
    return refuse(
      'annotation-unsupported',
      `The reading of ${reading.reader || 'the reader'} has no structure.`,
    )
  }
  const { frames, missing } = layFrames(reading, source.slices)
  if (missing !== null || frames.length === 0) {
    const number = numberOfSlice(source.target, missing ?? 0)
    return refuse('not-found', `The source file of slice ${number} was not found.`, {
      next: 'Use the masks as PNG.',
    })
  }
  const placed = requirePlaces(
    frames.map(({ slice }) => slice),
    source.shared,
  )
  if (!placed.ok) return placed
  const object = objectOf(reading, source, stamp, frames)
  const texts = object.segments.flatMap(({ label, description, trackingId, algorithmName }) => [
    label,
    description,
    trackingId,
    algorithmName ?? '',
  ])
  const shared = sharedFor(source.shared, [object.creator, object.seriesDescription, ...texts])
  if (!shared.ok) return shared
  const bytes = writeDicom(segmentedDataSet({ ...object, shared: shared.value }))
  const verified = verifySegmentation(bytes, reading, source)
  return verified.ok ? accept(bytes) : verified
}
