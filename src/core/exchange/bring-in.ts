/** Files of any format that readings come in: told apart by what they hold, each laid on the opened image. */
import { accept, type Refusal, refuse, type Result, type Warning } from '../../contract'
import { hasPreamble, readDicomFile } from '../dicom/read-file'
import type { Inflate } from '../files/inflate'
import { TAG } from '../dicom/elements'
import { code } from '../dicom/values'
import { readCocoReadings } from './coco/coco-readings'
import type { BroughtIn, ExchangeFormat, ExchangeReading } from './exchange-reading'
import type { PlacedReadings } from './placed-readings'
import type { ImageTarget } from './image-target'
import { readLidcReadings } from './lidc/lidc-exchange'
import { type PictureDecoder, readMaskPictures } from './pictures/mask-pictures'
import type { NamedFile } from '../files/named-file'
import { readNiftiReading } from './nifti/nifti-readings'
import { placeSegmentation } from './seg/place-segmentation'
import { placeStructureSet } from './rtstruct/place-structure-set'
import { isPng } from '../files/png-file'
import { readSegmentation } from './seg/read-segmentation'
import { readStructureSet } from './rtstruct/read-structure-set'

const STRUCTURE_SET_STORAGE = '1.2.840.10008.5.1.4.1.1.481.3'
const SEGMENTATIONS = new Set(['1.2.840.10008.5.1.4.1.1.66.4', '1.2.840.10008.5.1.4.1.1.66.7'])

/** First byte that is no space and no byte order mark. */
function firstLetter(bytes: Uint8Array): string {
  const start = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0
  const at = bytes.findIndex((byte, index) => index >= start && byte > 0x20)
  return at < 0 ? '' : String.fromCharCode(bytes[at] ?? 0)
}

const isNifti = (bytes: Uint8Array): boolean =>
  (bytes[0] === 0x5c && bytes[1] === 0x01) ||
  (bytes[2] === 0x01 && bytes[3] === 0x5c) ||
  (bytes[0] === 0x1f && bytes[1] === 0x8b)

/** What a picture that is no PNG is, by its first bytes; null: it is none that is known. */
function pictureOf(bytes: Uint8Array): string | null {
  const begins = (...start: readonly number[]): boolean => start.every((byte, at) => bytes[at] === byte)
  if (begins(0xff, 0xd8, 0xff)) return 'JPEG'
  if (begins(0x49, 0x49, 0x2a, 0) || begins(0x4d, 0x4d, 0, 0x2a)) return 'TIFF'
  if (begins(0x47, 0x49, 0x46, 0x38)) return 'GIF'
  return begins(0x42, 0x4d) ? 'BMP' : null
}

/** The format of a file by its contents; refused, naming the file, when it is none that readings come in. */
export function formatOf({ path, bytes }: NamedFile, inflate: Inflate): Result<ExchangeFormat> {
  if (bytes.length === 0) return refuse('file-empty', 'The file is empty (0 bytes).', { path })
  if (isPng(bytes)) return accept('png')
  const isDicom = hasPreamble(bytes)
  if (!isDicom && isNifti(bytes)) return accept('nifti')
  const letter = firstLetter(bytes)
  if (!isDicom && letter === '{') return accept('coco')
  if (!isDicom && letter === '<') return accept('lidc-xml')
  const reading = readDicomFile({ bytes, totalBytes: bytes.length }, inflate)
  if (reading.kind === 'complete') {
    const sopClass = code(reading.file.dataSet, TAG.SOPClassUID)
    if (sopClass === STRUCTURE_SET_STORAGE) return accept('rtstruct')
    if (SEGMENTATIONS.has(sopClass)) return accept('seg')
    return refuse(
      'annotation-unsupported',
      `The DICOM file holds no readings (SOP class ${sopClass || 'missing'}).`,
      {
        path,
      },
    )
  }
  const picture = pictureOf(bytes)
  if (picture !== null)
    return refuse('annotation-unsupported', `The file is a ${picture} picture; masks come in as PNG.`, {
      path,
      next:
        picture === 'JPEG'
          ? 'Save the mask as PNG where it was drawn: JPEG has changed the values along its borders.'
          : 'Save it as PNG.',
    })
  if (isDicom && reading.kind === 'refused') return { ok: false, refusal: { ...reading.refusal, path } }
  return refuse(
    'annotation-unsupported',
    'The file is none of DICOM segmentation, structure set, NIfTI, PNG, COCO, LIDC reading file.',
    { path },
  )
}

interface Laid {
  readonly readings: readonly ExchangeReading[]
  readonly warnings: readonly Warning[]
  /** SOP Instance UID of a DICOM object; empty for other files. */
  readonly uid: string
}

function lay(
  file: NamedFile,
  format: Exclude<ExchangeFormat, 'png'>,
  target: ImageTarget,
  inflate: Inflate,
): Result<Laid> {
  const plain = (laid: Result<PlacedReadings>): Result<Laid> =>
    laid.ok ? accept({ ...laid.value, uid: '' }) : laid
  if (format === 'seg') {
    const object = readSegmentation(file.bytes, inflate)
    if (!object.ok) return object
    const laid = placeSegmentation(object.value, target)
    if (!laid.ok) return laid
    const { reading, warnings } = laid.value
    return accept({ readings: [reading], warnings, uid: object.value.sopInstanceUid })
  }
  if (format === 'rtstruct') {
    const set = readStructureSet(file.bytes, inflate)
    if (!set.ok) return set
    const laid = placeStructureSet(set.value, target)
    return laid.ok ? accept({ ...laid.value, uid: set.value.sopInstanceUid }) : laid
  }
  if (format === 'nifti') {
    const laid = readNiftiReading(file.bytes, target, inflate)
    if (!laid.ok) return laid
    return accept({ readings: [laid.value.reading], warnings: laid.value.warnings, uid: '' })
  }
  if (format === 'coco') return plain(readCocoReadings(file.bytes, target))
  return plain(readLidcReadings(file.bytes, target))
}

export interface BringIn {
  /** One a file that could be read; all PNG masks together are one. */
  readonly broughtIn: readonly BroughtIn[]
  /** With the path of the file concerned. */
  readonly refused: readonly Refusal[]
}

const withPath = (refusal: Refusal, path: string): Refusal => ({ ...refusal, path: refusal.path ?? path })

/**
 * Reads files of any of the formats onto an image. What one file holds wrong does not touch the others: it is refused
 * with its path. `maskOf` tells what a PNG marks. Of two DICOM objects with one SOP Instance UID the second is refused. PNG masks are read together,
 * as one reading a reader; one of them that is refused refuses all.
 */
export function bringIn(
  files: readonly NamedFile[],
  target: ImageTarget,
  inflate: Inflate,
  maskOf: PictureDecoder,
): BringIn {
  const broughtIn: BroughtIn[] = []
  const refused: Refusal[] = []
  const pictures: NamedFile[] = []
  const uids = new Map<string, string>()
  for (const file of files) {
    const format = formatOf(file, inflate)
    if (!format.ok) {
      refused.push(withPath(format.refusal, file.path))
      continue
    }
    if (format.value === 'png') {
      pictures.push(file)
      continue
    }
    const laid = lay(file, format.value, target, inflate)
    if (!laid.ok) {
      refused.push(withPath(laid.refusal, file.path))
      continue
    }
    const { uid, readings, warnings } = laid.value
    const twin = uid === '' ? undefined : uids.get(uid)
    if (twin !== undefined) {
      const reason = `The file has the same SOP Instance UID as ${twin}, which was read already.`
      refused.push({ code: 'annotation-mismatch', reason, path: file.path, next: 'Choose one of the two.' })
      continue
    }
    if (uid !== '') uids.set(uid, file.path)
    broughtIn.push({ format: format.value, readings, warnings })
  }
  if (pictures.length > 0) {
    const laid = readMaskPictures(pictures, target, maskOf)
    if (laid.ok) broughtIn.push({ format: 'png', ...laid.value })
    else refused.push(laid.refusal)
  }
  return { broughtIn, refused }
}
