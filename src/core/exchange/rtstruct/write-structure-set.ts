/**
 * A reading as one RT Structure Set (PS3.3 A.19): a region for each structure, closed contours along the sides of the
 * pixels, holes joined to their outlines as keyholes (pixel-outlines.ts), so that programs which combine contours by
 * exclusive or, by union or by winding all see the same. The contours enclose exactly the area of the pixels.
 */
import { accept, refuse, type Result } from '../../../contract'
import { add, scale } from '../../geometry/vector'
import { nothingDeflated, readBackEqual, type HeldNames } from '../read-back'
import {
  copied,
  elementText,
  EMPTY_IF_ABSENT,
  type ExportSource,
  type ExportStamp,
  PATIENT_AND_STUDY,
  personName,
  referenceTo,
  sharedFor,
  sourceDate,
  type SourceElements,
  sourceTime,
} from '../derived-object'
import { derivedUid } from '../../dicom/write/derived-uid'
import type { Counts, ExchangeReading, ExchangeSlice, ExchangeStructure } from '../exchange-reading'
import type { SeriesTarget } from '../image-target'
import { keyholeOutlines, type Outline } from '../pixel-outlines'
import { placeStructureSet } from './place-structure-set'
import { readStructureSet } from './read-structure-set'
import { type DataSet, writeDicom } from '../../dicom/write/write-dicom'

const STRUCTURE_SET_STORAGE = '1.2.840.10008.5.1.4.1.1.481.3'
const STUDY_COMPONENT = '1.2.840.10008.3.1.2.3.1'
/** LO. */
const LONGEST_LABEL = 64
/** Digits behind the point of coordinates: a hundredth of a micrometre cannot move a pixel centre across a side. */
const DECIMALS = 5

const held: HeldNames = { reader: personName, label: (label) => elementText(label, LONGEST_LABEL) }

const millimetres = (value: number): string => String(Number(value.toFixed(DECIMALS)))

function pointsMm(target: SeriesTarget, sliceIndex: number, outline: Outline): readonly string[] {
  const { orientation, spacingMm } = target
  const position = target.slices[sliceIndex]?.positionMm ?? null
  if (orientation === null || spacingMm === null || position === null) return []
  const texts: string[] = []
  for (let at = 0; at < outline.length; at += 2) {
    const across = scale(orientation.row, (outline[at] ?? 0) * spacingMm.column)
    const down = scale(orientation.column, (outline[at + 1] ?? 0) * spacingMm.row)
    texts.push(...add(position, add(across, down)).map(millimetres))
  }
  return texts
}

function contoursOf(structure: ExchangeStructure, source: ExportSource): readonly DataSet[] {
  const outlined = structure.slices.flatMap((slice: ExchangeSlice) =>
    keyholeOutlines(slice.mask).map((outline) => ({ outline, sliceIndex: slice.sliceIndex })),
  )
  return outlined.map(({ outline, sliceIndex }, at): DataSet => {
    const slice = source.slices.get(sliceIndex)
    return {
      ...(slice === undefined ? {} : { ContourImageSequence: [referenceTo(slice)] }),
      ContourGeometricType: 'CLOSED_PLANAR',
      NumberOfContourPoints: outline.length / 2,
      ContourNumber: at + 1,
      ContourData: pointsMm(source.target, sliceIndex, outline),
    }
  })
}

function regions(reading: ExchangeReading, source: ExportSource, frameOfReferenceUid: string): DataSet {
  const reader = held.reader(reading.reader)
  return {
    StructureSetROISequence: reading.structures.map((structure, at) => ({
      ROINumber: at + 1,
      ReferencedFrameOfReferenceUID: frameOfReferenceUid,
      ROIName: held.label(structure.label),
      ROIDescription: elementText(structure.facts['description'] ?? '', 1024),
      ROIGenerationAlgorithm: structure.facts['algorithmType'] ?? 'MANUAL',
    })),
    ROIContourSequence: reading.structures.map((structure, at) => {
      const contours = contoursOf(structure, source)
      return {
        ...(structure.colour === null ? {} : { ROIDisplayColor: structure.colour }),
        ...(contours.length === 0 ? {} : { ContourSequence: contours }),
        ReferencedROINumber: at + 1,
      }
    }),
    RTROIObservationsSequence: reading.structures.map((_structure, at) => ({
      ObservationNumber: at + 1,
      ReferencedROINumber: at + 1,
      RTROIInterpretedType: '',
      ROIInterpreter: reader,
    })),
  }
}

function references(source: ExportSource, frameOfReferenceUid: string): DataSet {
  const { target, slices } = source
  const ordered = [...slices].sort(([a], [b]) => a - b).map(([, slice]) => referenceTo(slice))
  return {
    ReferencedFrameOfReferenceSequence: [
      {
        FrameOfReferenceUID: frameOfReferenceUid,
        RTReferencedStudySequence: [
          {
            ReferencedSOPClassUID: STUDY_COMPONENT,
            ReferencedSOPInstanceUID: target.studyUid,
            RTReferencedSeriesSequence: [
              { SeriesInstanceUID: target.seriesUid, ContourImageSequence: ordered },
            ],
          },
        ],
      },
    ],
  }
}

function dataSetOf(
  reading: ExchangeReading,
  source: ExportSource,
  stamp: ExportStamp,
  shared: SourceElements,
  frameOfReferenceUid: string,
): DataSet & Readonly<Record<'SOPClassUID' | 'SOPInstanceUID', string>> {
  const seed = ['rtstruct', stamp.key, source.target.seriesUid, reading.reader].join(' ')
  const [date, time] = [sourceDate(shared), sourceTime(shared)]
  return {
    ...EMPTY_IF_ABSENT,
    ...copied(shared, PATIENT_AND_STUDY),
    ...references(source, frameOfReferenceUid),
    ...regions(reading, source, frameOfReferenceUid),
    SOPClassUID: STRUCTURE_SET_STORAGE,
    SOPInstanceUID: derivedUid(seed),
    Modality: 'RTSTRUCT',
    SeriesInstanceUID: derivedUid(`${seed} series`),
    SeriesNumber: stamp.seriesNumber,
    SeriesDescription: elementText(`Margin reading: ${reading.reader || 'not named'}`, 64),
    SeriesDate: date,
    SeriesTime: time,
    Manufacturer: 'Margin',
    ManufacturerModelName: 'Margin',
    SoftwareVersions: stamp.softwareVersion,
    OperatorsName: held.reader(reading.reader),
    InstanceNumber: 1,
    StructureSetLabel: 'READING',
    StructureSetName: elementText(`Reading: ${reading.reader || 'not named'}`, 64),
    StructureSetDate: date,
    StructureSetTime: time,
  }
}

/** Bytes of a structure set read back, filled and compared with the reading that it was written from. */
export function verifyStructureSet(
  bytes: Uint8Array,
  reading: ExchangeReading,
  { target }: ExportSource,
): Result<Counts> {
  const read = readStructureSet(bytes, nothingDeflated)
  if (!read.ok) return read
  const placed = placeStructureSet(read.value, target)
  if (!placed.ok) return placed
  return readBackEqual([reading], placed.value.readings, held)
}

/**
 * Writes a reading as one structure set (implicit VR, since long contours outgrow the lengths of explicit VR) and
 * verifies it. Refused: no structures, a series without places or frame of reference, and `internal` when what is
 * read back differs.
 */
export function writeStructureSet(
  reading: ExchangeReading,
  source: ExportSource,
  stamp: ExportStamp,
): Result<Uint8Array> {
  const { target } = source
  if (reading.structures.length === 0) {
    return refuse(
      'annotation-unsupported',
      `The reading of ${reading.reader || 'the reader'} has no structure.`,
    )
  }
  const hasPlaces = target.slices.every(({ positionMm }) => positionMm !== null)
  if (target.orientation === null || target.spacingMm === null || !hasPlaces) {
    return refuse('annotation-unsupported', 'The source does not say where its slices lie in the patient.', {
      next: 'Use the masks as PNG.',
    })
  }
  const { frameOfReferenceUid } = target
  if (frameOfReferenceUid === null) {
    return refuse('annotation-unsupported', 'The source names no frame of reference, which contours need.', {
      next: 'Use the masks as NIfTI or PNG.',
    })
  }
  const texts = reading.structures.flatMap(({ label, facts }) => [label, facts['description'] ?? ''])
  const shared = sharedFor(source.shared, [reading.reader, ...texts])
  if (!shared.ok) return shared
  const bytes = writeDicom(dataSetOf(reading, source, stamp, shared.value, frameOfReferenceUid), 'implicit')
  const verified = verifyStructureSet(bytes, reading, source)
  return verified.ok ? accept(bytes) : verified
}
