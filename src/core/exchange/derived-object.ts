/** What every object that is made from a series has in common: elements copied to the letter from the source's files. */
import { accept, refuse, type Result } from '../../contract'
import { ascii, cleanText, textReader } from '../dicom/text'
import { ELEMENTS } from '../dicom/elements'
import type { Code } from './exchange-reading'
import type { SeriesTarget } from './image-target'
import { wellFormed } from './read-back'
import type { DataSet } from '../dicom/write/write-dicom'

/** Elements of the source as they stand in its file. */
export type SourceElements = ReadonlyMap<keyof DataSet, Uint8Array>

/** One slice of the source, as bytes of its elements. */
export interface SourceSlice {
  readonly sopClassUid: string
  readonly sopInstanceUid: string
  /** Of a slice in a multi-frame source: its frame, 1-based; absent where the source has one frame. */
  readonly frameNumber?: number
  /** Elements of the slice that frames copy: position, orientation, spacing, thickness. */
  readonly elements: SourceElements
}

/** An opened series with the headers of its files: what an object that refers to it needs. */
export interface ExportSource {
  readonly target: SeriesTarget
  /** Patient, study and frame of reference, from any slice of the source. */
  readonly shared: SourceElements
  /** By index of the slice in the target; those that readings mark at least. */
  readonly slices: ReadonlyMap<number, SourceSlice>
}

/** What a written object says of itself. */
export interface ExportStamp {
  /** UIDs are derived from it: the same key for the same content gives the same file. */
  readonly key: string
  readonly seriesNumber: number
  readonly softwareVersion: string
}

export const PATIENT_AND_STUDY = [
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
export const EMPTY_IF_ABSENT: DataSet = {
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

/** Elements of the source that objects take over. */
export const SHARED_KEYWORDS: readonly (keyof DataSet)[] = [...PATIENT_AND_STUDY, 'SeriesDate', 'SeriesTime']
export const SLICE_KEYWORDS = [
  'ImagePositionPatient',
  'ImageOrientationPatient',
  'PixelSpacing',
  'SliceThickness',
] as const satisfies readonly (keyof DataSet)[]

export function copied(elements: SourceElements, keywords: readonly (keyof DataSet)[]): DataSet {
  return Object.fromEntries(
    keywords.flatMap((keyword) => {
      const bytes = elements.get(keyword)
      return bytes === undefined ? [] : [[keyword, bytes]]
    }),
  )
}

export const coded = ({ value, scheme, meaning }: Code): readonly DataSet[] => [
  { CodeValue: value, CodingSchemeDesignator: scheme, CodeMeaning: meaning },
]

const SOURCE_IMAGE: Code = {
  value: '121322',
  scheme: 'DCM',
  meaning: 'Source image for image processing operation',
}

/** One slice of the source, as items of many kinds refer to it. */
export const referenceTo = (slice: SourceSlice): DataSet => ({
  ReferencedSOPClassUID: slice.sopClassUid,
  ReferencedSOPInstanceUID: slice.sopInstanceUid,
  ...(slice.frameNumber === undefined ? {} : { ReferencedFrameNumber: slice.frameNumber }),
})

/** What a frame was derived from, and how (PS3.3 C.7.6.16.2.6). */
export const derivedFrom = (slice: SourceSlice, how: Code): readonly DataSet[] => [
  {
    DerivationCodeSequence: coded(how),
    SourceImageSequence: [{ ...referenceTo(slice), PurposeOfReferenceCodeSequence: coded(SOURCE_IMAGE) }],
  },
]

/** The series of the source; each instance once, whatever number of frames refer to it. */
export function referencedSeries(slices: readonly SourceSlice[], seriesUid: string): DataSet {
  const once = new Map(slices.map((slice) => [slice.sopInstanceUid, slice]))
  return {
    ReferencedSeriesSequence: [
      {
        SeriesInstanceUID: seriesUid,
        ReferencedInstanceSequence: [...once.values()].map(({ sopClassUid, sopInstanceUid }) => ({
          ReferencedSOPClassUID: sopClassUid,
          ReferencedSOPInstanceUID: sopInstanceUid,
        })),
      },
    ],
  }
}

/** When the same content is exported again, the same bytes come out: the dates are those of the source. */
const FALLBACK_DATE = '19000101'
const FALLBACK_TIME = '000000'

export const sourceDate = (shared: SourceElements): Uint8Array | string =>
  shared.get('SeriesDate') ?? shared.get('StudyDate') ?? FALLBACK_DATE
export const sourceTime = (shared: SourceElements): Uint8Array | string =>
  shared.get('SeriesTime') ?? shared.get('StudyTime') ?? FALLBACK_TIME

const isAscii = (bytes: Uint8Array): boolean => bytes.every((byte) => byte < 0x80)
const TEXT_VRS = new Set<string>(['PN', 'LO', 'SH', 'ST', 'LT', 'UT'])

/**
 * The source's shared elements in a character set that also `texts` can be written in: to the letter where all texts
 * are ASCII, else in UTF-8. Refused: a source whose own character set is not read, beside texts beyond ASCII.
 */
export function sharedFor(shared: SourceElements, texts: readonly string[]): Result<SourceElements> {
  const encoder = new TextEncoder()
  if (texts.every((text) => isAscii(encoder.encode(text)))) return accept(shared)
  const sets = ascii(shared.get('SpecificCharacterSet') ?? new Uint8Array(0)).split('\\')
  const reader = textReader(sets.map((set) => set.trim()))
  const recoded = new Map(shared)
  for (const [keyword, bytes] of shared) {
    if (!TEXT_VRS.has(ELEMENTS[keyword][1]) || isAscii(bytes)) continue
    if (reader.unsupported !== null) {
      return refuse(
        'annotation-unsupported',
        `Names in the source are written in ${reader.unsupported}, which cannot stand beside names beyond ASCII.`,
        { next: 'Use names of readers and structures in plain letters.' },
      )
    }
    recoded.set(keyword, encoder.encode(reader.decode(bytes)))
  }
  recoded.set('SpecificCharacterSet', encoder.encode('ISO_IR 192'))
  return accept(recoded)
}

/**
 * Text as an element of at most `most` characters holds it: no backslashes, no controls, no spaces at the ends, and no
 * marks of the direction of writing, which are taken out here because a reader would put spaces in their place.
 */
export function elementText(text: string, most: number): string {
  const unmarked = wellFormed(text).replace(/\p{Bidi_Control}/gu, '')
  const clean = cleanText(unmarked.replaceAll('\\', '/'))
  return Array.from(clean).slice(0, most).join('').trim()
}

/** A name as a person name element holds it: `^` and `=` part its components and are no letters. */
export const personName = (name: string): string => elementText(name.replace(/[=^]/g, ' '), LONGEST_NAME)
const LONGEST_NAME = 64
