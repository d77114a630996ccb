/**
 * DICOM Segmentation, BINARY or FRACTIONAL (PS3.3 A.51, C.8.20): segments on the grid of their source series.
 *
 * Frames have the rows and columns of the source and copy its position, orientation and spacing as they are written
 * there, so that a reader who ignores geometry is right too. Pixels run on bit by bit over all frames, the first in
 * the lowest bit (PS3.5 8.1.1), without padding between rows or frames; shares take a byte a pixel. Empty frames are
 * left out.
 */
import type { PlacedMask } from '../../contour/box-mask'
import {
  coded,
  copied,
  derivedFrom,
  EMPTY_IF_ABSENT,
  PATIENT_AND_STUDY,
  referencedSeries,
  sourceDate,
  type SourceElements,
  type SourceSlice,
  sourceTime,
} from '../derived-object'
import { rgbToLab } from '../display-colour'
import { type Code, type Rgb, wholeMask } from '../exchange-reading'
import type { DataSet } from '../../dicom/write/write-dicom'
import { TAG } from '../../dicom/elements'

export const SEGMENTATION_STORAGE = '1.2.840.10008.5.1.4.1.1.66.4'

export interface WrittenSegment {
  readonly label: string
  readonly description: string
  readonly algorithmType: 'MANUAL' | 'SEMIAUTOMATIC' | 'AUTOMATIC'
  /** Asked for unless the segment was drawn by hand. */
  readonly algorithmName: string | null
  readonly category: Code
  readonly type: Code
  readonly region: Code | null
  readonly colour: Rgb | null
  readonly trackingId: string
  readonly trackingUid: string
}

export interface WrittenFrame {
  /** Number of the segment, 1-based. */
  readonly segment: number
  /** Place of the slice among the slices of the object, 1-based, ascending along the normal. */
  readonly place: number
  readonly slice: SourceSlice
  /** 0 or 1; of shares 0 to `fullValue`. */
  readonly mask: PlacedMask
}

export interface SegmentedObject {
  readonly sopInstanceUid: string
  readonly seriesUid: string
  readonly dimensionUid: string
  readonly seriesNumber: number
  readonly instanceNumber: number
  readonly seriesDescription: string
  readonly sourceSeriesUid: string
  readonly rows: number
  readonly columns: number
  readonly shared: SourceElements
  readonly creator: string
  readonly contentLabel: string
  readonly contentDescription: string
  readonly softwareVersion: string
  readonly segments: readonly WrittenSegment[]
  readonly frames: readonly WrittenFrame[]
  /** Shares of samples instead of masks: the stored value of a share of 1, 1 to 255. */
  readonly fullValue?: number
}

/** PS3.16: CID 7203 derivation, CID 7202 purpose. */
const SEGMENTATION: Code = { value: '113076', scheme: 'DCM', meaning: 'Segmentation' }

function segmentItem(segment: WrittenSegment, number: number): DataSet {
  return {
    SegmentNumber: number,
    SegmentLabel: segment.label,
    SegmentDescription: segment.description,
    SegmentAlgorithmType: segment.algorithmType,
    ...(segment.algorithmName === null ? {} : { SegmentAlgorithmName: segment.algorithmName }),
    ...(segment.colour === null ? {} : { RecommendedDisplayCIELabValue: rgbToLab(segment.colour) }),
    SegmentedPropertyCategoryCodeSequence: coded(segment.category),
    SegmentedPropertyTypeCodeSequence: coded(segment.type),
    ...(segment.region === null ? {} : { AnatomicRegionSequence: coded(segment.region) }),
    TrackingID: segment.trackingId,
    TrackingUID: segment.trackingUid,
  }
}

function frameItem({ slice, segment, place }: WrittenFrame): DataSet {
  return {
    DerivationImageSequence: derivedFrom(slice, SEGMENTATION),
    FrameContentSequence: [{ DimensionIndexValues: [segment, place] }],
    PlanePositionSequence: [copied(slice.elements, ['ImagePositionPatient'])],
    SegmentIdentificationSequence: [{ ReferencedSegmentNumber: segment }],
  }
}

function functionalGroups(object: SegmentedObject): DataSet {
  const first = object.frames[0]?.slice.elements ?? new Map<keyof DataSet, Uint8Array>()
  return {
    SharedFunctionalGroupsSequence: [
      {
        PixelMeasuresSequence: [copied(first, ['SliceThickness', 'PixelSpacing'])],
        PlaneOrientationSequence: [copied(first, ['ImageOrientationPatient'])],
      },
    ],
    PerFrameFunctionalGroupsSequence: object.frames.map(frameItem),
    DimensionOrganizationSequence: [{ DimensionOrganizationUID: object.dimensionUid }],
    DimensionIndexSequence: [
      {
        DimensionOrganizationUID: object.dimensionUid,
        DimensionIndexPointer: TAG.ReferencedSegmentNumber,
        FunctionalGroupPointer: TAG.SegmentIdentificationSequence,
        DimensionDescriptionLabel: 'Segment Number',
      },
      {
        DimensionOrganizationUID: object.dimensionUid,
        DimensionIndexPointer: TAG.ImagePositionPatient,
        FunctionalGroupPointer: TAG.PlanePositionSequence,
        DimensionDescriptionLabel: 'Image Position (Patient)',
      },
    ],
  }
}

/** Bytes of all frames one after another. */
function laidFrames({ frames, rows, columns }: SegmentedObject): Uint8Array {
  const laid = new Uint8Array(frames.length * rows * columns)
  frames.forEach(({ mask }, frame) => {
    const whole = wholeMask({ mask }, columns, rows)
    laid.set(whole, frame * rows * columns)
  })
  return laid
}

/** Bits of all frames one after another, the first pixel in the lowest bit. */
function packFrames({ frames, rows, columns }: SegmentedObject): Uint8Array {
  const framePixels = rows * columns
  const packed = new Uint8Array(Math.ceil((frames.length * framePixels) / 8))
  frames.forEach(({ mask: { originColumn, originRow, mask } }, frame) => {
    for (let row = Math.max(0, -originRow); row < mask.heightPx && originRow + row < rows; row += 1) {
      const start = frame * framePixels + (originRow + row) * columns + originColumn
      for (let column = Math.max(0, -originColumn); column < mask.widthPx; column += 1) {
        if (originColumn + column >= columns) break
        if (mask.pixels[row * mask.widthPx + column] !== 1) continue
        // Objects of more than 2^31 pixels are real: no shift of 32 bits.
        const at = Math.floor((start + column) / 8)
        packed[at] = (packed[at] ?? 0) | (1 << ((start + column) % 8))
      }
    }
  })
  return packed
}

/** How the pixels are stored: a bit each, or shares of `fullValue`. */
const storedPixels = (object: SegmentedObject): DataSet =>
  object.fullValue === undefined
    ? {
        SegmentationType: 'BINARY',
        BitsAllocated: 1,
        BitsStored: 1,
        HighBit: 0,
        PixelData: packFrames(object),
      }
    : {
        SegmentationType: 'FRACTIONAL',
        SegmentationFractionalType: 'PROBABILITY',
        MaximumFractionalValue: object.fullValue,
        BitsAllocated: 8,
        BitsStored: 8,
        HighBit: 7,
        PixelData: laidFrames(object),
      }

/** The data set of an object with at least one frame. */
export function segmentedDataSet(
  object: SegmentedObject,
): DataSet & Readonly<Record<'SOPClassUID' | 'SOPInstanceUID', string>> {
  const { shared, frames, rows, columns } = object
  const [date, time] = [sourceDate(shared), sourceTime(shared)]
  return {
    ...EMPTY_IF_ABSENT,
    ...copied(shared, PATIENT_AND_STUDY),
    ...functionalGroups(object),
    ...referencedSeries(
      frames.map(({ slice }) => slice),
      object.sourceSeriesUid,
    ),
    ...storedPixels(object),
    SOPClassUID: SEGMENTATION_STORAGE,
    SOPInstanceUID: object.sopInstanceUid,
    Modality: 'SEG',
    SeriesInstanceUID: object.seriesUid,
    SeriesNumber: object.seriesNumber,
    SeriesDescription: object.seriesDescription,
    SeriesDate: date,
    SeriesTime: time,
    Manufacturer: 'Margin',
    ManufacturerModelName: 'Margin',
    DeviceSerialNumber: '0',
    SoftwareVersions: object.softwareVersion,
    InstanceNumber: object.instanceNumber,
    ImageType: ['DERIVED', 'PRIMARY'],
    ContentDate: date,
    ContentTime: time,
    ContentLabel: object.contentLabel,
    ContentDescription: object.contentDescription,
    ContentCreatorName: object.creator,
    BurnedInAnnotation: 'NO',
    LossyImageCompression: '00',
    SegmentSequence: object.segments.map((segment, index) => segmentItem(segment, index + 1)),
    SamplesPerPixel: 1,
    PhotometricInterpretation: 'MONOCHROME2',
    NumberOfFrames: frames.length,
    Rows: rows,
    Columns: columns,
    PixelRepresentation: 0,
  }
}
