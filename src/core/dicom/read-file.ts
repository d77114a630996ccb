/** A DICOM file (PS3.10): preamble, file meta group, data set; each of them possibly missing, wrong or cut. */
import type { Inflate } from '../files/inflate'
import { refuse } from '../../contract'
import type { Refusal, Result, Warning } from '../../contract'
import { inflatedLimitBytes } from './limits'
import { isVr, readElements, UNDEFINED_LENGTH } from './read-elements'
import type { DataSet, Element, Encoding, FilePart, Reading } from './read-elements'
import { TAG } from './elements'
import { ascii } from './text'
import { EXPLICIT_BIG, EXPLICIT_LITTLE, IMPLICIT_LITTLE, transferSyntax } from './transfer-syntax'
import type { TransferSyntax } from './transfer-syntax'
import { code, longWord } from './values'

export interface DicomFile {
  readonly syntax: TransferSyntax
  readonly meta: DataSet
  readonly dataSet: DataSet
  /** Bytes of the whole file, or of the inflated data set: what offsets of elements are counted in. */
  readonly totalBytes: number
  readonly warnings: readonly Warning[]
}

export type FileReading =
  { readonly kind: 'complete'; readonly file: DicomFile } | Exclude<Reading, { readonly kind: 'complete' }>

const PREAMBLE_BYTES = 128
const UID = /^[0-9.]{1,64}$/

const refused = (refusal: Refusal): FileReading => ({ kind: 'refused', refusal })
const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** True when the bytes carry the letters DICM behind a preamble. */
export const hasPreamble = (bytes: Uint8Array): boolean =>
  bytes.length >= PREAMBLE_BYTES + 4 && ascii(bytes.subarray(PREAMBLE_BYTES, PREAMBLE_BYTES + 4)) === 'DICM'

/**
 * How the element at `offset` is written: the group must be one that data sets begin with, and the value must lie
 * inside the file. Null when no way of reading makes sense.
 */
export function sniffEncoding(part: FilePart, offset: number): Encoding | null {
  if (offset + 8 > part.bytes.length) return null
  const view = viewOf(part.bytes)
  const isFirstGroup = (group: number): boolean => group > 0 && group <= 0x0020 && group % 2 === 0
  const vr = ascii(part.bytes.subarray(offset + 4, offset + 6))
  const little = isFirstGroup(view.getUint16(offset, true))
  const big = isFirstGroup(view.getUint16(offset, false))
  if (isVr(vr) && (little || big)) return { explicit: true, littleEndian: little }
  const length = view.getUint32(offset + 4, true)
  const fits = length === UNDEFINED_LENGTH || offset + 8 + length <= part.totalBytes
  return little && fits ? { explicit: false, littleEndian: true } : null
}

interface MetaReading {
  readonly meta: DataSet
  readonly warnings: readonly Warning[]
  /** Where the data set starts: behind the last element of group 0002, whatever the group's length says. */
  readonly end: number
}

/** Reads group 0002, explicit little endian (PS3.10 7.1); a group written implicitly is read so. */
function readMeta(part: FilePart, start: number): MetaReading | Exclude<Reading, { kind: 'complete' }> {
  const view = viewOf(part.bytes)
  const elements = new Map<number, Element>()
  let at = start
  while (at + 8 <= part.bytes.length && view.getUint16(at, true) === 2) {
    const tag = 0x20000 + view.getUint16(at + 2, true)
    const vr = ascii(part.bytes.subarray(at + 4, at + 6))
    const isLong = vr === 'OB' || vr === 'UN' || vr === 'UT' || vr === 'OW'
    const size = isLong ? 12 : 8
    if (at + size > part.bytes.length) break
    const implicitLength = view.getUint32(at + 4, true)
    const length = isLong
      ? view.getUint32(at + 8, true)
      : isVr(vr)
        ? view.getUint16(at + 6, true)
        : implicitLength
    const end = at + size + length
    if (end > part.totalBytes) {
      const refusal: Refusal = {
        code: 'truncated',
        reason: 'The file ends inside the file meta group.',
        next: 'Copy the file again.',
      }
      return { kind: 'refused', refusal }
    }
    if (end > part.bytes.length) return { kind: 'more', bytes: end }
    elements.set(tag, { tag, vr, offset: at + size, length, items: [] })
    at = end
  }
  if (at + 8 > part.bytes.length && part.bytes.length < part.totalBytes)
    return { kind: 'more', bytes: at + 8 }
  const meta: DataSet = { bytes: part.bytes, littleEndian: true, start, elements }
  return { meta, warnings: lengthWarnings(meta, at), end: at }
}

/** (0002,0000) counts the bytes behind it up to the end of the group. */
function lengthWarnings(meta: DataSet, end: number): readonly Warning[] {
  const element = meta.elements.get(TAG.FileMetaInformationGroupLength)
  const said = longWord(meta, TAG.FileMetaInformationGroupLength)
  if (element === undefined || said === null || element.offset + element.length + said === end) return []
  return [
    {
      code: 'meta-length-wrong',
      text: 'The length of the file meta group is wrong; the group was read to its last element.',
    },
  ]
}

interface Chosen {
  readonly syntax: TransferSyntax
  readonly encoding: Encoding
  readonly warnings: readonly Warning[]
}

const uidOfEncoding = (encoding: Encoding): string =>
  encoding.explicit ? (encoding.littleEndian ? EXPLICIT_LITTLE : EXPLICIT_BIG) : IMPLICIT_LITTLE

/** Puts together what the meta group declares and what the first element looks like. */
function chooseSyntax(declared: string, part: FilePart, offset: number): Result<Chosen> {
  const seen = sniffEncoding(part, offset)
  if (declared === '') {
    if (seen === null)
      return refuse('structure-damaged', 'No transfer syntax is named and the data set cannot be recognised.')
    const syntax = transferSyntax(uidOfEncoding(seen))
    if (syntax === undefined) return refuse('internal', 'A sniffed transfer syntax is not in the table.')
    const text = `No transfer syntax is named; the data look like ${syntax.name}.`
    return {
      ok: true,
      value: { syntax, encoding: seen, warnings: [{ code: 'transfer-syntax-missing', text }] },
    }
  }
  const syntax = transferSyntax(declared)
  if (syntax === undefined) {
    const named = UID.test(declared) ? declared : `"${declared.slice(0, 40)}"`
    const reason = UID.test(declared)
      ? `Transfer syntax ${named} is not known.`
      : `Transfer syntax ${named} is not a UID.`
    return refuse('transfer-syntax-unknown', reason, {
      where: '(0002,0010)',
      next: 'Export the file again in a standard transfer syntax.',
    })
  }
  const told: Encoding = { explicit: syntax.explicit, littleEndian: syntax.littleEndian }
  if (
    syntax.deflated ||
    seen === null ||
    (seen.explicit === told.explicit && seen.littleEndian === told.littleEndian)
  ) {
    return { ok: true, value: { syntax, encoding: told, warnings: [] } }
  }
  const actual = transferSyntax(uidOfEncoding(seen))
  const warning = {
    code: 'transfer-syntax-wrong',
    text: `The file says ${syntax.name}, but its data are ${actual?.name ?? 'written otherwise'}; they were read as they are.`,
  }
  const meant = syntax.pixels === 'native' && actual !== undefined ? actual : syntax
  return { ok: true, value: { syntax: meant, encoding: seen, warnings: [warning] } }
}

/** Elements that at least one must be there of, for a file without preamble to count as DICOM. */
const TELLTALES = [
  TAG.SOPClassUID,
  TAG.Modality,
  TAG.StudyInstanceUID,
  TAG.PatientID,
  TAG.PatientName,
  TAG.Rows,
  TAG.SOPInstanceUID,
]

function readDataSet(
  part: FilePart,
  offset: number,
  chosen: Chosen,
  meta: DataSet,
  isMarked: boolean,
  inflate: Inflate,
): FileReading {
  let source = part
  let start = offset
  if (chosen.syntax.deflated) {
    if (part.bytes.length < part.totalBytes) return { kind: 'more', bytes: part.totalBytes }
    const deflated = part.bytes.subarray(offset)
    const inflated = inflate(deflated, inflatedLimitBytes(deflated.length))
    if (!inflated.ok) return refused(inflated.refusal)
    source = { bytes: inflated.value, totalBytes: inflated.value.length }
    start = 0
  }
  const reading = readElements(source, start, chosen.encoding)
  if (reading.kind !== 'complete') return reading
  const { dataSet } = reading
  const isKnown = isMarked ? dataSet.elements.size > 0 : TELLTALES.some((tag) => dataSet.elements.has(tag))
  if (!isKnown) return refused({ code: 'not-dicom', reason: 'No element of a DICOM data set was found.' })
  const warnings = [...chosen.warnings, ...reading.warnings]
  return {
    kind: 'complete',
    file: { syntax: chosen.syntax, meta, dataSet, totalBytes: source.totalBytes, warnings },
  }
}

/**
 * Reads a file up to its pixel data. With or without preamble and file meta group; answers `more` when the part at
 * hand does not reach that far.
 */
export function readDicomFile(part: FilePart, inflate: Inflate): FileReading {
  if (part.totalBytes === 0) return refused({ code: 'file-empty', reason: 'The file is empty (0 bytes).' })
  const marked = hasPreamble(part.bytes)
  const start = marked ? PREAMBLE_BYTES + 4 : 0
  if (marked && part.totalBytes <= start)
    return refused({ code: 'truncated', reason: 'The file ends behind the letters DICM: no data set.' })
  const meta = readMeta(part, start)
  if ('kind' in meta) return meta
  const hasMeta = meta.meta.elements.size > 0
  if (!marked && !hasMeta) {
    const seen = sniffEncoding(part, 0)
    if (seen === null || viewOf(part.bytes).getUint16(0, seen.littleEndian) !== 8) {
      return refused({
        code: 'not-dicom',
        reason: 'Not a DICOM file: neither the letters DICM nor a data set at its beginning.',
      })
    }
  }
  if (meta.end >= part.totalBytes) {
    return refused({ code: 'truncated', reason: 'The file ends behind the file meta group: no data set.' })
  }
  const isMarked = marked || hasMeta
  if (meta.end + 8 > part.totalBytes)
    return refused({ code: 'truncated', reason: 'The file ends inside its first element.' })
  const chosen = chooseSyntax(code(meta.meta, TAG.TransferSyntaxUID), part, meta.end)
  if (!chosen.ok) return refused(chosen.refusal)
  const { value } = chosen
  const noted = { ...value, warnings: [...meta.warnings, ...value.warnings] }
  return readDataSet(part, meta.end, noted, meta.meta, isMarked, inflate)
}
