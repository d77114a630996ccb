/**
 * DICOM files in explicit or implicit VR little endian (PS3.5 7.1.2 and 7.1.3, PS3.10 7.1). Our own few lines rather than a package: the
 * same input gives the same bytes, strings of a source are copied as they are, and core stays free of Node's Buffer.
 */
import { joinBytes } from '../../files/join-bytes'
import { ELEMENTS, type Keyword } from '../elements'

/** Text, numbers or items; a list of texts is joined by backslashes. Bytes are for OB and OW. */
export type ElementValue = string | number | readonly (string | number)[] | Uint8Array | readonly DataSet[]
/** Elements by keyword, in any order: they are written in ascending order of tags. */
export type DataSet = Partial<Readonly<Record<Keyword, ElementValue>>>

const EXPLICIT_LITTLE_ENDIAN = '1.2.840.10008.1.2.1'
const IMPLICIT_LITTLE_ENDIAN = '1.2.840.10008.1.2'
/** Implicit: lengths have four bytes for every value, as long outlines need (a decimal string ends at 65,534 else). */
export type ValueRepresentation = 'explicit' | 'implicit'
/** Identifies this writer in the file meta information; made from a UUID under 2.25. */
const IMPLEMENTATION_UID = '2.25.228474983210927493017712838170311532047'
const IMPLEMENTATION_NAME = 'MARGIN'
/** VRs whose length takes four bytes, after two reserved ones. */
const LONG_VRS = new Set(['OB', 'OD', 'OF', 'OW', 'SQ', 'UN', 'UT'])
const NUMBER_BYTES: Readonly<Record<string, number>> = { US: 2, SS: 2, UL: 4, FL: 4, FD: 8, AT: 4 }

const encodeText = (text: string): Uint8Array => new TextEncoder().encode(text)

function padded(bytes: Uint8Array, pad: number): Uint8Array {
  return bytes.length % 2 === 0 ? bytes : joinBytes([bytes, Uint8Array.of(pad)])
}

function numberBytes(vr: string, values: readonly number[]): Uint8Array {
  const size = NUMBER_BYTES[vr] ?? 2
  const bytes = new Uint8Array(size * values.length)
  const view = new DataView(bytes.buffer)
  values.forEach((value, index) => {
    const at = index * size
    if (vr === 'US') view.setUint16(at, value, true)
    else if (vr === 'SS') view.setInt16(at, value, true)
    else if (vr === 'UL') view.setUint32(at, value, true)
    else if (vr === 'FL') view.setFloat32(at, value, true)
    else if (vr === 'FD') view.setFloat64(at, value, true)
    else {
      view.setUint16(at, value >>> 16, true)
      view.setUint16(at + 2, value & 0xffff, true)
    }
  })
  return bytes
}

const isItems = (value: ElementValue): value is readonly DataSet[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'object')

function item(dataSet: DataSet, written: ValueRepresentation): Uint8Array {
  const body = encodeDataSet(dataSet, written)
  const head = new DataView(new ArrayBuffer(8))
  head.setUint16(0, 0xfffe, true)
  head.setUint16(2, 0xe000, true)
  head.setUint32(4, body.length, true)
  return joinBytes([new Uint8Array(head.buffer), body])
}

function valueBytes(vr: string, value: ElementValue, written: ValueRepresentation): Uint8Array {
  if (value instanceof Uint8Array) return padded(value, 0)
  if (vr === 'SQ')
    return isItems(value) ? joinBytes(value.map((entry) => item(entry, written))) : new Uint8Array(0)
  const list = typeof value === 'string' || typeof value === 'number' ? [value] : value
  const plain = list.filter((entry) => typeof entry !== 'object')
  if (NUMBER_BYTES[vr] !== undefined) return numberBytes(vr, plain.map(Number))
  return padded(encodeText(plain.map(String).join('\\')), vr === 'UI' ? 0 : 0x20)
}

function element(keyword: Keyword, value: ElementValue, written: ValueRepresentation): Uint8Array {
  const [tag, vr] = ELEMENTS[keyword]
  const body = valueBytes(vr, value, written)
  if (written === 'implicit') {
    const head = new DataView(new ArrayBuffer(8))
    head.setUint16(0, tag >>> 16, true)
    head.setUint16(2, tag & 0xffff, true)
    head.setUint32(4, body.length, true)
    return joinBytes([new Uint8Array(head.buffer), body])
  }
  const long = LONG_VRS.has(vr)
  if (!long && body.length > 0xffff) throw new Error(`${keyword}: ${body.length} bytes do not fit ${vr}`)
  const head = new DataView(new ArrayBuffer(long ? 12 : 8))
  head.setUint16(0, tag >>> 16, true)
  head.setUint16(2, tag & 0xffff, true)
  head.setUint8(4, vr.charCodeAt(0))
  head.setUint8(5, vr.charCodeAt(1))
  if (long) head.setUint32(8, body.length, true)
  else head.setUint16(6, body.length, true)
  return joinBytes([new Uint8Array(head.buffer), body])
}

const isKeyword = (name: string): name is Keyword => name in ELEMENTS

function encodeDataSet(dataSet: DataSet, written: ValueRepresentation): Uint8Array {
  const keywords = Object.keys(dataSet).filter(isKeyword)
  keywords.sort((a, b) => ELEMENTS[a][0] - ELEMENTS[b][0])
  return joinBytes(
    keywords.flatMap((keyword) => {
      const value = dataSet[keyword]
      return value === undefined ? [] : [element(keyword, value, written)]
    }),
  )
}

/** A whole DICOM file: preamble, file meta information of `dataSet`'s SOP class and instance, data set. */
export function writeDicom(
  dataSet: DataSet & Readonly<Record<'SOPClassUID' | 'SOPInstanceUID', string>>,
  written: ValueRepresentation = 'explicit',
): Uint8Array {
  const meta = writeFileMeta({
    sopClassUid: dataSet.SOPClassUID,
    sopInstanceUid: dataSet.SOPInstanceUID,
    transferSyntaxUid: written === 'explicit' ? EXPLICIT_LITTLE_ENDIAN : IMPLICIT_LITTLE_ENDIAN,
  })
  return joinBytes([meta, encodeDataSet(dataSet, written)])
}

/** What stands before the data set of a file: preamble and file meta information (PS3.10 7.1). */
export function writeFileMeta(uids: {
  readonly sopClassUid: string
  readonly sopInstanceUid: string
  readonly transferSyntaxUid: string
}): Uint8Array {
  const fileMeta: DataSet = {
    FileMetaInformationVersion: Uint8Array.of(0, 1),
    MediaStorageSOPClassUID: uids.sopClassUid,
    MediaStorageSOPInstanceUID: uids.sopInstanceUid,
    TransferSyntaxUID: uids.transferSyntaxUid,
    ImplementationClassUID: IMPLEMENTATION_UID,
    ImplementationVersionName: IMPLEMENTATION_NAME,
  }
  const meta = encodeDataSet(fileMeta, 'explicit')
  const preamble = new Uint8Array(132)
  preamble.set(encodeText('DICM'), 128)
  const length = encodeDataSet({ FileMetaInformationGroupLength: meta.length }, 'explicit')
  return joinBytes([preamble, length, meta])
}

/** A number as a decimal string of at most 16 characters (PS3.5 6.2, DS), as exact as that allows. */
export function decimalString(value: number): string {
  const plain = String(value)
  if (plain.length <= 16) return plain
  for (let digits = 15; digits > 0; digits -= 1) {
    // What is small is shorter with an exponent, and so more exact.
    const forms = [value.toPrecision(digits), value.toExponential(digits - 1)]
    const text = forms.find(({ length }) => length <= 16)
    if (text !== undefined) return text
  }
  throw new Error(`${value} does not fit a decimal string`)
}
