/** A CT slice as a CT Image Storage instance (PS3.3 A.3). */
import { type DataSet, decimalString, writeDicom } from './write-dicom'

const CT_IMAGE_STORAGE = '1.2.840.10008.5.1.4.1.1.2'
const NOON = '120000'

/** What all slices of a series have in common. */
export interface CtSeries {
  readonly patientName: string
  readonly patientId: string
  readonly patientComments: string
  readonly studyUid: string
  readonly seriesUid: string
  readonly frameOfReferenceUid: string
  readonly studyDescription: string
  readonly seriesDescription: string
  readonly bodyPart: string
  readonly manufacturer: string
  readonly model: string
  readonly kernel: string
  /** YYYYMMDD. */
  readonly date: string
  readonly rows: number
  readonly columns: number
  readonly pixelSpacingMm: { readonly row: number; readonly column: number }
  readonly sliceThicknessMm: number
  readonly rescaleIntercept: number
  /** In HU, of pixels outside the reconstructed circle. */
  readonly paddingHu: number
  readonly window: { readonly centreHu: number; readonly widthHu: number }
}

export interface CtSlice {
  readonly sopInstanceUid: string
  readonly instanceNumber: number
  readonly positionMm: readonly [number, number, number]
  /** Hounsfield units, whole numbers, row by row. */
  readonly valuesHu: Int16Array
}

/** Patient, study, series and equipment: the same for every slice. */
function seriesElements(series: CtSeries): DataSet {
  return {
    SpecificCharacterSet: 'ISO_IR 192',
    StudyDate: series.date,
    SeriesDate: series.date,
    AcquisitionDate: series.date,
    ContentDate: series.date,
    StudyTime: NOON,
    SeriesTime: NOON,
    AcquisitionTime: NOON,
    ContentTime: NOON,
    AccessionNumber: '',
    Modality: 'CT',
    Manufacturer: series.manufacturer,
    ManufacturerModelName: series.model,
    ReferringPhysicianName: '',
    StudyDescription: series.studyDescription,
    SeriesDescription: series.seriesDescription,
    PatientName: series.patientName,
    PatientID: series.patientId,
    PatientBirthDate: '',
    PatientSex: 'O',
    PatientComments: series.patientComments,
    BodyPartExamined: series.bodyPart,
    PatientPosition: 'HFS',
    StudyInstanceUID: series.studyUid,
    SeriesInstanceUID: series.seriesUid,
    StudyID: '1',
    SeriesNumber: '1',
    AcquisitionNumber: '1',
    FrameOfReferenceUID: series.frameOfReferenceUid,
    PositionReferenceIndicator: '',
  }
}

/** One axial slice (row to the patient's left, column to the back), signed 16 bit, uncompressed. */
export function writeCtImage(series: CtSeries, slice: CtSlice): Uint8Array {
  const { row, column } = series.pixelSpacingMm
  const stored = slice.valuesHu.map((value) => value - series.rescaleIntercept)
  return writeDicom({
    ...seriesElements(series),
    ImageType: ['ORIGINAL', 'PRIMARY', 'AXIAL'],
    SOPClassUID: CT_IMAGE_STORAGE,
    SOPInstanceUID: slice.sopInstanceUid,
    SliceThickness: decimalString(series.sliceThicknessMm),
    KVP: '120',
    GantryDetectorTilt: '0',
    ConvolutionKernel: series.kernel,
    InstanceNumber: slice.instanceNumber,
    ImagePositionPatient: slice.positionMm.map(decimalString),
    ImageOrientationPatient: ['1', '0', '0', '0', '1', '0'],
    SamplesPerPixel: 1,
    PhotometricInterpretation: 'MONOCHROME2',
    Rows: series.rows,
    Columns: series.columns,
    PixelSpacing: [decimalString(row), decimalString(column)],
    BitsAllocated: 16,
    BitsStored: 16,
    HighBit: 15,
    PixelRepresentation: 1,
    PixelPaddingValue: series.paddingHu - series.rescaleIntercept,
    BurnedInAnnotation: 'NO',
    WindowCenter: decimalString(series.window.centreHu),
    WindowWidth: decimalString(series.window.widthHu),
    RescaleIntercept: decimalString(series.rescaleIntercept),
    RescaleSlope: '1',
    RescaleType: 'HU',
    PixelData: littleEndian(stored),
  })
}

function littleEndian(values: Int16Array): Uint8Array {
  const bytes = new Uint8Array(values.length * 2)
  const view = new DataView(bytes.buffer)
  values.forEach((value, index) => {
    view.setInt16(index * 2, value, true)
  })
  return bytes
}
