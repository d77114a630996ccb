/**
 * DICOM Parametric Map (PS3.3 A.75) of the variance of samples: 32-bit floats from 0 to 0.25 on the grid of the source,
 * a frame for each slice on which samples differ. Outside of what was drawn the map is 0: nothing was asked there.
 */
import { accept, refuse, type Result } from '../../../contract'
import { derivedUid } from '../../dicom/write/derived-uid'
import { items, valueBytes } from '../../dicom/values'
import { readDicomFile } from '../../dicom/read-file'
import { TAG } from '../../dicom/elements'
import { type DataSet, writeDicom } from '../../dicom/write/write-dicom'
import { VARIANCE_MAX } from '../../image/data-colours'
import {
  coded,
  copied,
  derivedFrom,
  elementText,
  EMPTY_IF_ABSENT,
  type ExportSource,
  type ExportStamp,
  PATIENT_AND_STUDY,
  referencedSeries,
  sharedFor,
  sourceDate,
  type SourceElements,
  type SourceSlice,
  sourceTime,
} from '../derived-object'
import type { Code } from '../exchange-reading'
import { nothingDeflated } from '../read-back'
import { requirePlaces } from '../seg/segmentation'
import { countsOf, type DrawnLesion, type DrawnSlice, drawnFrom, placed, withRun } from './drawn-lesion'
import { MARGIN_CODES, marginCode, UCUM_NO_UNITS } from './codes'

const PARAMETRIC_MAP_STORAGE = '1.2.840.10008.5.1.4.1.1.30'
const QUANTITY: Code = { value: '246205007', scheme: 'SCT', meaning: 'Quantity' }
const VARIANCE = marginCode('sample-variance', 'Variance of samples at a pixel')
/** PS3.16 CID 7203: the map is calculated from samples that were drawn on the image. */
const CALCULATION: Code = { value: '112187', scheme: 'DCM', meaning: 'Unspecified method of calculation' }
const IMAGE_TYPE = ['DERIVED', 'PRIMARY', 'VOLUME', 'NONE']

interface MapFrame {
  readonly slice: SourceSlice
  /** Place among the slices drawn, from 1. */
  readonly place: number
  /** Rows x columns of the source. */
  readonly values: Float32Array
}

/** Variance of masks at each pixel, share (1 - share), on the whole matrix of the source. */
function varianceOn(drawn: DrawnSlice, widthPx: number, heightPx: number): Float32Array {
  const values = new Float32Array(widthPx * heightPx)
  const { originColumn, originRow } = placed(drawn, new Uint8Array(0))
  countsOf(drawn).forEach((count, at) => {
    const column = originColumn + (at % drawn.widthPx)
    const row = originRow + Math.floor(at / drawn.widthPx)
    if (column < 0 || row < 0 || column >= widthPx || row >= heightPx) return
    const share = count / drawn.samples.length
    values[row * widthPx + column] = share * (1 - share)
  })
  return values
}

/**
 * Writes the map, reads it back and compares every value. Refused: samples that agree everywhere, sources without
 * their places, and `internal` when what is read differs.
 */
export function varianceMap(
  lesion: DrawnLesion,
  source: ExportSource,
  stamp: ExportStamp,
): Result<Uint8Array> {
  const { widthPx, heightPx } = source.target
  const frames = lesion.slices.flatMap((drawn, at): MapFrame[] => {
    const slice = source.slices.get(drawn.sliceIndex)
    const values = varianceOn(drawn, widthPx, heightPx)
    return slice === undefined || values.every((value) => value === 0)
      ? []
      : [{ slice, place: at + 1, values }]
  })
  if (frames.length === 0)
    return refuse(
      'annotation-unsupported',
      'The samples agree on every pixel: there is no variance to write.',
    )
  const slices = frames.map(({ slice }) => slice)
  const ready = requirePlaces(slices, source.shared)
  if (!ready.ok) return ready
  const shared = sharedFor(source.shared, [lesion.label])
  if (!shared.ok) return shared
  const bytes = writeDicom(dataSetOf(lesion, source, stamp, shared.value, frames))
  return sameValues(bytes, frames)
}

function dataSetOf(
  lesion: DrawnLesion,
  { target }: ExportSource,
  stamp: ExportStamp,
  shared: SourceElements,
  frames: readonly MapFrame[],
): DataSet & Readonly<Record<'SOPClassUID' | 'SOPInstanceUID', string>> {
  const key = `variance ${stamp.key}`
  const [date, time] = [sourceDate(shared), sourceTime(shared)]
  return {
    ...EMPTY_IF_ABSENT,
    ...copied(shared, PATIENT_AND_STUDY),
    ...groupsOf(lesion, frames, derivedUid(`${key} dimensions`)),
    ...referencedSeries(
      frames.map(({ slice }) => slice),
      target.seriesUid,
    ),
    ...MARGIN_CODES,
    SOPClassUID: PARAMETRIC_MAP_STORAGE,
    SOPInstanceUID: derivedUid(key),
    Modality: 'OT',
    SeriesInstanceUID: derivedUid(`${key} series`),
    SeriesNumber: stamp.seriesNumber + 1,
    SeriesDescription: elementText(`Margin ${lesion.label}: variance of ${drawnFrom(lesion.run)}`, 64),
    SeriesDate: date,
    SeriesTime: time,
    Manufacturer: 'Margin',
    ManufacturerModelName: 'Margin',
    DeviceSerialNumber: '0',
    SoftwareVersions: stamp.softwareVersion,
    InstanceNumber: 1,
    ImageType: IMAGE_TYPE,
    PixelPresentation: 'MONOCHROME',
    ContentQualification: 'RESEARCH',
    ContentDate: date,
    ContentTime: time,
    ContentLabel: 'VARIANCE',
    ContentDescription: 'Variance of samples, 0 to 0.25',
    ContentCreatorName: 'Margin^Software',
    AcquisitionContextSequence: [],
    BurnedInAnnotation: 'NO',
    RecognizableVisualFeatures: 'NO',
    LossyImageCompression: '00',
    PresentationLUTShape: 'IDENTITY',
    SamplesPerPixel: 1,
    PhotometricInterpretation: 'MONOCHROME2',
    NumberOfFrames: frames.length,
    Rows: target.heightPx,
    Columns: target.widthPx,
    BitsAllocated: 32,
    FloatPixelData: floatsOf(frames),
  }
}

function groupsOf(lesion: DrawnLesion, frames: readonly MapFrame[], dimensionUid: string): DataSet {
  const first = frames[0]?.slice.elements ?? new Map<keyof DataSet, Uint8Array>()
  return {
    DimensionOrganizationSequence: [{ DimensionOrganizationUID: dimensionUid }],
    DimensionIndexSequence: [
      {
        DimensionOrganizationUID: dimensionUid,
        DimensionIndexPointer: TAG.ImagePositionPatient,
        FunctionalGroupPointer: TAG.PlanePositionSequence,
        DimensionDescriptionLabel: 'Image Position (Patient)',
      },
    ],
    SharedFunctionalGroupsSequence: [
      {
        PixelMeasuresSequence: [copied(first, ['SliceThickness', 'PixelSpacing'])],
        PlaneOrientationSequence: [copied(first, ['ImageOrientationPatient'])],
        FrameVOILUTSequence: [
          { WindowCenter: VARIANCE_MAX / 2, WindowWidth: VARIANCE_MAX, VOILUTFunction: 'LINEAR_EXACT' },
        ],
        PixelValueTransformationSequence: [{ RescaleIntercept: 0, RescaleSlope: 1, RescaleType: 'US' }],
        ParametricMapFrameTypeSequence: [{ FrameType: IMAGE_TYPE }],
        RealWorldValueMappingSequence: [realWorld(lesion)],
      },
    ],
    PerFrameFunctionalGroupsSequence: frames.map(({ slice, place }) => ({
      DerivationImageSequence: derivedFrom(slice, CALCULATION),
      FrameContentSequence: [{ DimensionIndexValues: [place] }],
      PlanePositionSequence: [copied(slice.elements, ['ImagePositionPatient'])],
    })),
  }
}

const realWorld = (lesion: DrawnLesion): DataSet => ({
  LUTExplanation: elementText(withRun('Variance of samples.', lesion), 64),
  LUTLabel: 'VARIANCE',
  MeasurementUnitsCodeSequence: coded(UCUM_NO_UNITS),
  DoubleFloatRealWorldValueFirstValueMapped: 0,
  DoubleFloatRealWorldValueLastValueMapped: VARIANCE_MAX,
  RealWorldValueIntercept: 0,
  RealWorldValueSlope: 1,
  QuantityDefinitionSequence: [
    {
      ValueType: 'CODE',
      ConceptNameCodeSequence: coded(QUANTITY),
      ConceptCodeSequence: coded(VARIANCE),
    },
  ],
})

/** Little endian, frame after frame. */
function floatsOf(frames: readonly MapFrame[]): Uint8Array {
  const count = frames[0]?.values.length ?? 0
  const view = new DataView(new ArrayBuffer(4 * count * frames.length))
  frames.forEach(({ values }, frame) => {
    values.forEach((value, at) => {
      view.setFloat32(4 * (frame * count + at), value, true)
    })
  })
  return new Uint8Array(view.buffer)
}

function sameValues(bytes: Uint8Array, frames: readonly MapFrame[]): Result<Uint8Array> {
  const differs = refuse('internal', 'The parametric map did not read back as it was written.')
  const reading = readDicomFile({ bytes, totalBytes: bytes.length }, nothingDeflated)
  if (reading.kind !== 'complete') return differs
  const { dataSet } = reading.file
  const stored = valueBytes(dataSet, TAG.FloatPixelData)
  const perFrame = items(dataSet, TAG.PerFrameFunctionalGroupsSequence)
  const expected = floatsOf(frames)
  if (stored?.length !== expected.length || perFrame.length !== frames.length) return differs
  return stored.every((byte, at) => byte === expected[at]) ? accept(bytes) : differs
}
