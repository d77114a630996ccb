/** From a file that was read to what the library knows about it: an image, a document, or a refusal. */
import { refuse } from '../../contract'
import type { Result, Warning } from '../../contract'
import { isBelievableSpacing } from '../geometry/spacing'
import type { OpenPixels } from './pixels/decode-frame'
import { openPixels, requireDecoder } from './pixels/decode-frame'
import { framePlaces } from './frame-places'
import { headerWindows } from './header-windows'
import type { DicomDocument, Instance } from './instance'
import { madeUpUid, textMark, usableUid } from './made-up-uid'
import type { Noted } from './noted'
import { describePixels, pixelElement } from './pixels/image-pixels'
import type { ImagePixels } from './pixels/image-pixels'
import { patientIdentity } from './patients-apart'
import type { DataSet } from './read-elements'
import type { DicomFile } from './read-file'
import { fileStackKeys } from './stack-keys'
import { eyeWords, statedEye } from './stated-eye'
import { TAG } from './elements'
import type { TextReader } from './text'
import { code, codes, decimal, decimals, integer, items, readerOf, text, words } from './values'

export type DicomObject =
  | { readonly kind: 'image'; readonly instance: Instance; readonly pixels: OpenPixels }
  | { readonly kind: 'document'; readonly document: DicomDocument }
  | { readonly kind: 'directory' }

const DIRECTORY_CLASS = '1.2.840.10008.1.3.10'
const SEGMENTATION_CLASSES = new Set(['1.2.840.10008.5.1.4.1.1.66.4', '1.2.840.10008.5.1.4.1.1.66.7'])

/** Families of SOP classes (PS3.6 annex A) without an image of their own, longest beginning first. */
const documents: readonly (readonly [string, string])[] = [
  ['1.2.840.10008.5.1.4.1.1.481.3', 'RT structure set'],
  ['1.2.840.10008.5.1.4.1.1.481.5', 'RT plan'],
  ['1.2.840.10008.5.1.4.1.1.481', 'radiotherapy object'],
  ['1.2.840.10008.5.1.4.1.1.104', 'encapsulated document'],
  ['1.2.840.10008.5.1.4.1.1.66', 'segmentation or registration'],
  ['1.2.840.10008.5.1.4.1.1.67', 'real-world value mapping'],
  ['1.2.840.10008.5.1.4.1.1.88', 'structured report'],
  ['1.2.840.10008.5.1.4.1.1.91', 'bulk annotations'],
  ['1.2.840.10008.5.1.4.1.1.11', 'presentation state'],
  ['1.2.840.10008.5.1.4.1.1.9', 'waveform'],
]

function documentNote(sopClassUid: string): string {
  const found = documents.find(
    ([beginning]) => sopClassUid === beginning || sopClassUid.startsWith(`${beginning}.`),
  )
  const what = found?.[1] ?? 'object without an image'
  return `DICOM ${what}: listed, its content is not shown.`
}

/** SEG whose frames and per-frame groups do not match: it cannot be told which frame belongs to which segment. */
function checkSegmentation(set: DataSet): Result<null> {
  const frames = integer(set, TAG.NumberOfFrames) ?? 1
  const groups = items(set, TAG.PerFrameFunctionalGroupsSequence).length
  // None at all is how tiles of a whole slide are told by their order alone (TILED_FULL).
  if (groups === 0 || groups >= frames) return { ok: true, value: null }
  return refuse('structure-damaged', `Segmentation of ${frames} frames with ${groups} per-frame groups.`, {
    where: '(5200,9230)',
  })
}

const seriesUidOf = (set: DataSet): string | null => usableUid(code(set, TAG.SeriesInstanceUID))

interface Identity {
  readonly sopInstanceUid: string
  readonly seriesUid: string
  readonly studyUid: string
  readonly warnings: readonly Warning[]
}

/** UIDs of the file; a file without series or study UID stands alone, under made-up ones. */
function identify(file: DicomFile, key: string): Identity {
  const instance =
    usableUid(code(file.dataSet, TAG.SOPInstanceUID)) ??
    usableUid(code(file.meta, TAG.MediaStorageSOPInstanceUID))
  const series = seriesUidOf(file.dataSet)
  const study = usableUid(code(file.dataSet, TAG.StudyInstanceUID))
  const isWhole = instance !== null && series !== null && study !== null
  return {
    sopInstanceUid: instance ?? madeUpUid('instance', key),
    seriesUid: series ?? madeUpUid('series', key),
    studyUid: study ?? madeUpUid('study', series ?? key),
    warnings: isWhole
      ? []
      : [
          {
            code: 'uid-made-up',
            text: 'The file lacks a usable instance, series or study UID; a made-up one (margin.…) stands in.',
          },
        ],
  }
}

/** Text beyond this many characters is cut where it is listed. */
const LISTED_CHARACTERS = 200

/** A file as the user knows it, and by a key that no other file has. */
export interface Named {
  readonly path: string
  readonly key: string
}

function makeInstance(file: DicomFile, named: Named, described: ImagePixels, pixels: OpenPixels): Instance {
  const set = file.dataSet
  const reader = readerOf(set)
  const listed = (tag: number): string => text(set, tag, reader).slice(0, LISTED_CHARACTERS)
  const modality = code(set, TAG.Modality)
  const identity = identify(file, named.key)
  const places = framePlaces(set, pixels.frames, modality)
  const voi = headerWindows(set, reader)
  const eye = eyeIn(set, modality)
  const description = listed(TAG.SeriesDescription) || listed(TAG.StudyDescription)
  const thickness = decimal(set, TAG.SliceThickness)
  const warnings = [
    ...file.warnings,
    ...described.warnings,
    ...pixels.warnings,
    ...identity.warnings,
    ...places.warnings,
    ...voi.warnings,
    ...eye.warnings,
    ...aspectWarnings(set),
    ...characterSetWarnings(reader),
  ]
  return {
    path: named.path,
    sopInstanceUid: identity.sopInstanceUid,
    sopClassUid: code(set, TAG.SOPClassUID),
    seriesUid: identity.seriesUid,
    studyUid: identity.studyUid,
    transferSyntaxUid: file.syntax.uid,
    patientId: listed(TAG.PatientID),
    ...patientMark([TAG.IssuerOfPatientID, TAG.PatientBirthDate, TAG.PatientSex].map(listed)),
    patientIdentity: patientIdentity(set, reader),
    modality: listed(TAG.Modality),
    description: [description, eye.value].filter((part) => part !== '').join(', '),
    seriesNumber: integer(set, TAG.SeriesNumber),
    instanceNumber: integer(set, TAG.InstanceNumber),
    studyDate: listed(TAG.StudyDate),
    seriesDate: listed(TAG.SeriesDate) || listed(TAG.StudyDate),
    bodyPart: eye.value === '' ? listed(TAG.BodyPartExamined) : eye.value,
    ...frameOf(set),
    kernel: listed(TAG.ConvolutionKernel),
    kilovoltagePeak: listed(TAG.KVP),
    sliceThicknessMm: isBelievableSpacing(thickness) ? thickness : null,
    stackKeys: fileStackKeys(set),
    layout: { ...described.layout, frames: pixels.frames },
    photometric: described.photometric,
    paddingStored: words(set, TAG.PixelPaddingValue, described.layout.signed)[0] ?? null,
    windows: voi.windows,
    lossy: code(set, TAG.LossyImageCompression) === '01' || file.syntax.lossy,
    frames: places.value,
    warnings,
  }
}

const patientMark = (told: readonly string[]): Pick<Instance, 'patientMark'> =>
  told.every((text) => text === '') ? {} : { patientMark: textMark(told.join('|').toUpperCase()) }

function frameOf(set: DataSet): Pick<Instance, 'frameOfReferenceUid'> {
  const uid = usableUid(code(set, TAG.FrameOfReferenceUID))
  return uid === null ? {} : { frameOfReferenceUid: uid }
}

/** Which eye an ophthalmic picture is of, in words; empty for every other kind of picture. */
function eyeIn(set: DataSet, modality: string): Noted<string> {
  if (!modality.startsWith('OP')) return { value: '', warnings: [] }
  const { value, warnings } = statedEye(set)
  return { value: value === null ? 'eye not stated' : eyeWords(value), warnings }
}

function characterSetWarnings(reader: TextReader): readonly Warning[] {
  if (reader.unsupported === null) return []
  const text = `Character set ${reader.unsupported} is not wholly supported; some text may be wrong.`
  return [{ code: 'character-set', text }]
}

/** Pixels that are not square, with nothing said about their size. */
function aspectWarnings(set: DataSet): readonly Warning[] {
  const [vertical, horizontal] = decimals(set, TAG.PixelAspectRatio)
  if (vertical == null || horizontal == null || vertical === horizontal || set.elements.has(TAG.PixelSpacing))
    return []
  return [
    {
      code: 'pixels-not-square',
      text: `Pixels are ${vertical} : ${horizontal} (height : width); they are drawn square.`,
    },
  ]
}

/**
 * Tells what a file is. `whole` says whether its bytes are all at hand: compressed pixels can only be judged then,
 * which `needsWholeFile` announces.
 */
export function describeObject(file: DicomFile, named: Named): Result<DicomObject> {
  const set = file.dataSet
  const sopClassUid = code(set, TAG.SOPClassUID) || code(file.meta, TAG.MediaStorageSOPClassUID)
  if (sopClassUid === DIRECTORY_CLASS || set.elements.has(TAG.DirectoryRecordSequence))
    return { ok: true, value: { kind: 'directory' } }
  const asDocument = (): Result<DicomObject> => ({
    ok: true,
    value: {
      kind: 'document',
      document: {
        path: named.path,
        sopClassUid,
        seriesUid: seriesUidOf(set),
        note: documentNote(sopClassUid),
      },
    },
  })
  if (SEGMENTATION_CLASSES.has(sopClassUid)) {
    const matched = checkSegmentation(set)
    return matched.ok ? asDocument() : matched
  }
  if (pixelElement(set) === undefined && codes(set, TAG.Rows).length === 0) {
    return file.meta.elements.size === 0 && sopClassUid === ''
      ? refuse('pixels-absent', 'There is no pixel data and nothing says what the object is.')
      : asDocument()
  }
  const supported = requireDecoder(file)
  if (!supported.ok && pixelElement(set) !== undefined) return supported
  const described = describePixels(set, file.syntax)
  if (!described.ok) return described
  const pixels = openPixels(file, described.value.layout)
  if (!pixels.ok) return pixels
  return {
    ok: true,
    value: {
      kind: 'image',
      instance: makeInstance(file, named, described.value, pixels.value),
      pixels: pixels.value,
    },
  }
}

/** True when the pixels are in fragments that can be decoded: they are judged from the whole file. */
export const needsWholeFile = (file: DicomFile): boolean =>
  file.syntax.pixels !== null &&
  file.syntax.pixels !== 'native' &&
  file.dataSet.bytes.length < file.totalBytes
