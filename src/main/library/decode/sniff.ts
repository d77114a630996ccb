import { hasPreamble } from '../../../core/dicom/read-file'
import { isNifti } from '../../../core/exchange/nifti/nifti-header'
import { ascii } from '../../../core/dicom/text'
import { XML_LOOK_BYTES } from './limits'

export type FileKind = 'dicom' | 'picture' | 'archive' | 'lidc-xml' | 'nifti'

const startsWith = (bytes: Uint8Array, ...start: readonly number[]): boolean =>
  start.every((byte, index) => bytes[index] === byte)

/** What a file is by its first bytes, never by its name. What is nothing else is tried as DICOM. */
export function sniffKind(bytes: Uint8Array): FileKind {
  if (hasPreamble(bytes)) return 'dicom'
  const isPicture =
    startsWith(bytes, 0x89, 0x50, 0x4e, 0x47) ||
    startsWith(bytes, 0xff, 0xd8, 0xff) ||
    startsWith(bytes, 0x47, 0x49, 0x46, 0x38) ||
    startsWith(bytes, 0x49, 0x49, 0x2a, 0x00) ||
    startsWith(bytes, 0x4d, 0x4d, 0x00, 0x2a) ||
    startsWith(bytes, 0x49, 0x49, 0x2b, 0x00) ||
    startsWith(bytes, 0x4d, 0x4d, 0x00, 0x2b) ||
    isUnopened(bytes)
  if (isPicture) return 'picture'
  if (startsWith(bytes, 0x50, 0x4b, 0x03, 0x04) || startsWith(bytes, 0x50, 0x4b, 0x05, 0x06)) return 'archive'
  if (isNifti(bytes)) return 'nifti'
  return isLidcXml(bytes) ? 'lidc-xml' : 'dicom'
}

/** WebP and BMP: pictures that are not opened, and are refused as such, by name, beside the others of their folder. */
const isUnopened = (bytes: Uint8Array): boolean =>
  (startsWith(bytes, 0x52, 0x49, 0x46, 0x46) && ascii(bytes.subarray(8, 12)) === 'WEBP') ||
  // Its length and two reserved words of zero follow: two letters alone begin many a text.
  (startsWith(bytes, 0x42, 0x4d) && bytes.length > 10 && bytes.subarray(6, 10).every((byte) => byte === 0))

/** The root element of the annotation files of LIDC-IDRI, looked for in the first kilobyte. */
function isLidcXml(bytes: Uint8Array): boolean {
  const text = ascii(bytes.subarray(0, 1024))
    .replaceAll('\0', '')
    .replace(/^(ï»¿|ÿþ|þÿ)/, '')
  return text.trimStart().startsWith('<') && /<(\w+:)?(Lidc|Idri)ReadMessage/i.test(text)
}

/** The series that an annotation file says it belongs to, in any of the spellings that occur; null when it says nothing. */
export function lidcSeriesUid(bytes: Uint8Array): string | null {
  const text = ascii(bytes.subarray(0, XML_LOOK_BYTES)).replaceAll('\0', '')
  return /<(?:\w+:)?SeriesInstanceUID\s*>\s*([0-9.]+)\s*</i.exec(text)?.[1] ?? null
}
