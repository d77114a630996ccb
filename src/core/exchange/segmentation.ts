/**
 * DICOM Segmentation, BINARY, one segment (PS3.3 A.51, C.8.20): a mask on the grid of its source series.
 *
 * Frames have the rows and columns of the source and copy its position, orientation and spacing as they are written
 * there, so that a reader who ignores geometry is right too. Pixels run on bit by bit over all frames, the first in
 * the lowest bit (PS3.5 8.1.1), without padding between rows or frames. Empty frames are left out.
 */
import { accept, refuse, type Result } from '../../contract'
import { readSegmentationFrames } from './read-segmentation'
import { type DataSet, writeDicom } from './write-dicom'

const SEGMENTATION_STORAGE = '1.2.840.10008.5.1.4.1.1.66.4'

/** One slice of the source, as bytes of its elements. */
export interface SourceSlice {
  readonly sopClassUid: string
  readonly sopInstanceUid: string
  /** Elements of the slice that frames copy: position, orientation, spacing, thickness. */
  readonly elements: SourceElements
}

/** Elements of the source as they stand in its file. */
export type SourceElements = ReadonlyMap<keyof DataSet, Uint8Array>

export interface SegmentationFrame {
  readonly slice: SourceSlice
  /** Rows x columns of the source, 0 or 1, row by row. */
  readonly pixels: Uint8Array
}

export interface Segmentation {
  readonly sopInstanceUid: string
  readonly seriesUid: string
  readonly dimensionUid: string
  readonly trackingUid: string
  readonly seriesNumber: number
  readonly instanceNumber: number
  readonly seriesDescription: string
  readonly sourceSeriesUid: string
  readonly rows: number
  readonly columns: number
  /** Patient, study and frame of reference, from any slice of the source. */
  readonly shared: SourceElements
  readonly label: string
  readonly description: string
  readonly trackingId: string
  readonly algorithmName: string
  readonly softwareVersion: string
  /** In ascending order along the normal; at least one, none of them empty. */
  readonly frames: readonly SegmentationFrame[]
}

interface Code {
  readonly value: string
  readonly scheme: string
  readonly meaning: string
}

/** PS3.16: CID 7150 category, CID 6280-like type, CID 7203 derivation, CID 7202 purpose. */
const MORPHOLOGIC_ABNORMALITY: Code = {
  value: '49755003',
  scheme: 'SCT',
  meaning: 'Morphologically Abnormal Structure',
}
const NODULE: Code = { value: '27925004', scheme: 'SCT', meaning: 'Nodule' }
const SEGMENTATION: Code = { value: '113076', scheme: 'DCM', meaning: 'Segmentation' }
const SOURCE_IMAGE: Code = {
  value: '121322',
  scheme: 'DCM',
  meaning: 'Source image for image processing operation',
}
const LUNG: Code = { value: '39607008', scheme: 'SCT', meaning: 'Lung' }

const coded = ({ value, scheme, meaning }: Code): readonly DataSet[] => [
  { CodeValue: value, CodingSchemeDesignator: scheme, CodeMeaning: meaning },
]

/** Tags that dimension indices point to. */
const TAG_SEGMENT_IDENTIFICATION = 0x0062000a
const TAG_REFERENCED_SEGMENT_NUMBER = 0x0062000b
const TAG_PLANE_POSITION = 0x00209113
const TAG_IMAGE_POSITION = 0x00200032

const PATIENT_AND_STUDY = [
  'SpecificCharacterSet',
  'PatientName',
  'PatientID',
  'PatientBirthDate',
  'PatientSex',
  'StudyInstanceUID',
  'StudyDate',
  'StudyTime',
  'StudyID',
  'StudyDescription',
  'AccessionNumber',
  'ReferringPhysicianName',
  'FrameOfReferenceUID',
  'PositionReferenceIndicator',
] as const satisfies readonly (keyof DataSet)[]

/** Elements that every study has, empty where the source has none (type 2). */
const EMPTY_IF_ABSENT: DataSet = {
  PatientName: '',
  PatientID: '',
  PatientBirthDate: '',
  PatientSex: '',
  StudyDate: '',
  StudyTime: '',
  StudyID: '',
  AccessionNumber: '',
  ReferringPhysicianName: '',
  PositionReferenceIndicator: '',
}

/** Elements that frames copy from their slices. */
export const SHARED_KEYWORDS: readonly (keyof DataSet)[] = [...PATIENT_AND_STUDY, 'SeriesDate', 'SeriesTime']
export const SLICE_KEYWORDS = [
  'ImagePositionPatient',
  'ImageOrientationPatient',
  'PixelSpacing',
  'SliceThickness',
] as const satisfies readonly (keyof DataSet)[]

function copied(elements: SourceElements, keywords: readonly (keyof DataSet)[]): DataSet {
  return Object.fromEntries(
    keywords.flatMap((keyword) => {
      const bytes = elements.get(keyword)
      return bytes === undefined ? [] : [[keyword, bytes]]
    }),
  )
}

function segmentItem(segmentation: Segmentation): DataSet {
  return {
    SegmentNumber: 1,
    SegmentLabel: segmentation.label,
    SegmentDescription: segmentation.description,
    SegmentAlgorithmType: 'SEMIAUTOMATIC',
    SegmentAlgorithmName: segmentation.algorithmName,
    SegmentedPropertyCategoryCodeSequence: coded(MORPHOLOGIC_ABNORMALITY),
    SegmentedPropertyTypeCodeSequence: coded(NODULE),
    AnatomicRegionSequence: coded(LUNG),
    TrackingID: segmentation.trackingId,
    TrackingUID: segmentation.trackingUid,
  }
}

function frameItem({ slice }: SegmentationFrame, index: number): DataSet {
  return {
    DerivationImageSequence: [
      {
        DerivationCodeSequence: coded(SEGMENTATION),
        SourceImageSequence: [
          {
            ReferencedSOPClassUID: slice.sopClassUid,
            ReferencedSOPInstanceUID: slice.sopInstanceUid,
            PurposeOfReferenceCodeSequence: coded(SOURCE_IMAGE),
          },
        ],
      },
    ],
    FrameContentSequence: [{ DimensionIndexValues: [1, index + 1] }],
    PlanePositionSequence: [copied(slice.elements, ['ImagePositionPatient'])],
    SegmentIdentificationSequence: [{ ReferencedSegmentNumber: 1 }],
  }
}

function functionalGroups(segmentation: Segmentation): DataSet {
  const first = segmentation.frames[0]?.slice.elements ?? new Map<keyof DataSet, Uint8Array>()
  return {
    SharedFunctionalGroupsSequence: [
      {
        PixelMeasuresSequence: [copied(first, ['SliceThickness', 'PixelSpacing'])],
        PlaneOrientationSequence: [copied(first, ['ImageOrientationPatient'])],
      },
    ],
    PerFrameFunctionalGroupsSequence: segmentation.frames.map(frameItem),
    DimensionOrganizationSequence: [{ DimensionOrganizationUID: segmentation.dimensionUid }],
    DimensionIndexSequence: [
      {
        DimensionOrganizationUID: segmentation.dimensionUid,
        DimensionIndexPointer: TAG_REFERENCED_SEGMENT_NUMBER,
        FunctionalGroupPointer: TAG_SEGMENT_IDENTIFICATION,
        DimensionDescriptionLabel: 'Segment Number',
      },
      {
        DimensionOrganizationUID: segmentation.dimensionUid,
        DimensionIndexPointer: TAG_IMAGE_POSITION,
        FunctionalGroupPointer: TAG_PLANE_POSITION,
        DimensionDescriptionLabel: 'Image Position (Patient)',
      },
    ],
  }
}

function referencedSeries({ frames, sourceSeriesUid }: Segmentation): DataSet {
  return {
    ReferencedSeriesSequence: [
      {
        SeriesInstanceUID: sourceSeriesUid,
        ReferencedInstanceSequence: frames.map(({ slice }) => ({
          ReferencedSOPClassUID: slice.sopClassUid,
          ReferencedSOPInstanceUID: slice.sopInstanceUid,
        })),
      },
    ],
  }
}

/** Bits of all frames one after another, the first pixel in the lowest bit. */
function packFrames(frames: readonly SegmentationFrame[], framePixels: number): Uint8Array {
  const packed = new Uint8Array(Math.ceil((frames.length * framePixels) / 8))
  frames.forEach(({ pixels }, frame) => {
    pixels.forEach((pixel, at) => {
      const bit = frame * framePixels + at
      if (pixel === 1) packed[bit >> 3] = (packed[bit >> 3] ?? 0) | (1 << (bit & 7))
    })
  })
  return packed
}

/** When the same run is exported again, the same bytes come out: the dates are those of the source. */
const FALLBACK_DATE = '19000101'
const FALLBACK_TIME = '000000'

function dataSetOf(
  segmentation: Segmentation,
): DataSet & Readonly<Record<'SOPClassUID' | 'SOPInstanceUID', string>> {
  const { shared, frames, rows, columns } = segmentation
  const date = shared.get('SeriesDate') ?? shared.get('StudyDate') ?? FALLBACK_DATE
  const time = shared.get('SeriesTime') ?? shared.get('StudyTime') ?? FALLBACK_TIME
  return {
    ...EMPTY_IF_ABSENT,
    ...copied(shared, PATIENT_AND_STUDY),
    ...functionalGroups(segmentation),
    ...referencedSeries(segmentation),
    SOPClassUID: SEGMENTATION_STORAGE,
    SOPInstanceUID: segmentation.sopInstanceUid,
    Modality: 'SEG',
    SeriesInstanceUID: segmentation.seriesUid,
    SeriesNumber: segmentation.seriesNumber,
    SeriesDescription: segmentation.seriesDescription,
    SeriesDate: date,
    SeriesTime: time,
    Manufacturer: 'Margin',
    ManufacturerModelName: 'Margin',
    DeviceSerialNumber: '0',
    SoftwareVersions: segmentation.softwareVersion,
    InstanceNumber: segmentation.instanceNumber,
    ImageType: ['DERIVED', 'PRIMARY'],
    ContentDate: date,
    ContentTime: time,
    ContentLabel: 'SAMPLES',
    ContentDescription: segmentation.label,
    ContentCreatorName: 'Margin^Software',
    BurnedInAnnotation: 'NO',
    LossyImageCompression: '00',
    SegmentationType: 'BINARY',
    SegmentSequence: [segmentItem(segmentation)],
    SamplesPerPixel: 1,
    PhotometricInterpretation: 'MONOCHROME2',
    NumberOfFrames: frames.length,
    Rows: rows,
    Columns: columns,
    BitsAllocated: 1,
    BitsStored: 1,
    HighBit: 0,
    PixelRepresentation: 0,
    PixelData: packFrames(frames, rows * columns),
  }
}

/**
 * Writes a segmentation, reads it back and compares it pixel by pixel. Refused: no frames, a slice without its place,
 * and `internal` when what is read is not what was written.
 */
export function writeSegmentation(segmentation: Segmentation): Result<Uint8Array> {
  const { frames, rows, columns, shared } = segmentation
  if (frames.length === 0)
    return refuse('annotation-unsupported', 'There is no pixel to write: every slice is empty.')
  const placeless = frames.some(({ slice }) =>
    SLICE_KEYWORDS.slice(0, 3).some((keyword) => !slice.elements.has(keyword)),
  )
  if (placeless || !shared.has('FrameOfReferenceUID')) {
    return refuse('annotation-unsupported', 'The source does not say where its slices lie in the patient.', {
      next: 'Use the masks as PNG.',
    })
  }
  const bytes = writeDicom(dataSetOf(segmentation))
  const read = readSegmentationFrames(bytes)
  if (!read.ok) return read
  const same =
    read.value.rows === rows &&
    read.value.columns === columns &&
    read.value.frames.length === frames.length &&
    frames.every(({ slice, pixels }, index) => {
      const frame = read.value.frames[index]
      return (
        frame?.sopInstanceUid === slice.sopInstanceUid &&
        pixels.every((pixel, at) => pixel === frame.pixels[at])
      )
    })
  return same ? accept(bytes) : refuse('internal', 'The segmentation did not read back as it was written.')
}
