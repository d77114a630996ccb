/** Content items of DICOM Structured Reports (PS3.3 C.17.3), and a tree of them read again. */
import { refuse, type Result, accept } from '../../../contract'
import { TAG } from '../../dicom/elements'
import type { DataSet as Read } from '../../dicom/read-elements'
import { code, codes, decimal, items, readerOf, text } from '../../dicom/values'
import type { TextReader } from '../../dicom/text'
import { readDicomFile } from '../../dicom/read-file'
import { type DataSet, decimalString } from '../../dicom/write/write-dicom'
import { coded } from '../derived-object'
import type { Code } from '../exchange-reading'
import { nothingDeflated } from '../read-back'

type Relationship = 'CONTAINS' | 'HAS CONCEPT MOD' | 'HAS OBS CONTEXT' | 'HAS PROPERTIES' | 'HAS ACQ CONTEXT'

const item = (relationship: Relationship, type: string, concept: Code, value: DataSet): DataSet => ({
  RelationshipType: relationship,
  ValueType: type,
  ConceptNameCodeSequence: coded(concept),
  ...value,
})

export const codeItem = (relationship: Relationship, concept: Code, value: Code): DataSet =>
  item(relationship, 'CODE', concept, { ConceptCodeSequence: coded(value) })

export const textItem = (relationship: Relationship, concept: Code, value: string): DataSet =>
  item(relationship, 'TEXT', concept, { TextValue: value })

export const uidItem = (relationship: Relationship, concept: Code, uid: string): DataSet =>
  item(relationship, 'UIDREF', concept, { UID: uid })

export const imageItem = (concept: Code, reference: DataSet): DataSet =>
  item('CONTAINS', 'IMAGE', concept, { ReferencedSOPSequence: [reference] })

/** A value with its unit; `children` say what it is of and how sure it is. */
export const numberItem = (
  relationship: Relationship,
  concept: Code,
  { value, unit }: { readonly value: number; readonly unit: Code },
  children: readonly DataSet[] = [],
): DataSet =>
  item(relationship, 'NUM', concept, {
    MeasuredValueSequence: [
      { NumericValue: decimalString(value), MeasurementUnitsCodeSequence: coded(unit) },
    ],
    ...(children.length === 0 ? {} : { ContentSequence: children }),
  })

/** `template`: of the DICOM Content Mapping Resource (PS3.16). */
export const container = (concept: Code, children: readonly DataSet[], template?: string): DataSet => ({
  ValueType: 'CONTAINER',
  ConceptNameCodeSequence: coded(concept),
  ContinuityOfContent: 'SEPARATE',
  ...(template === undefined
    ? {}
    : { ContentTemplateSequence: [{ MappingResource: 'DCMR', TemplateIdentifier: template }] }),
  ContentSequence: children,
})

export const contained = (relationship: Relationship, part: DataSet): DataSet => ({
  RelationshipType: relationship,
  ...part,
})

const isItems = (value: DataSet[keyof DataSet]): value is readonly DataSet[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'object')
const itemsOf = (set: DataSet, keyword: keyof DataSet): readonly DataSet[] => {
  const value = set[keyword]
  return value !== undefined && isItems(value) ? value : []
}
const plain = (set: DataSet, keyword: keyof DataSet): string => {
  const value = set[keyword]
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

/** The lines that a tree should give when it is read again. */
export function linesOfItems(set: DataSet, depth = 0): readonly string[] {
  const concept = (of: DataSet, keyword: keyof DataSet): string => {
    const [one] = itemsOf(of, keyword)
    return one === undefined ? '' : `${plain(one, 'CodeValue')} ${plain(one, 'CodingSchemeDesignator')}`
  }
  const [measured] = itemsOf(set, 'MeasuredValueSequence')
  const [reference] = itemsOf(set, 'ReferencedSOPSequence')
  const value =
    measured !== undefined
      ? `${Number(plain(measured, 'NumericValue'))} ${concept(measured, 'MeasurementUnitsCodeSequence')}`
      : reference !== undefined
        ? plain(reference, 'ReferencedSOPInstanceUID')
        : plain(set, 'TextValue') || concept(set, 'ConceptCodeSequence') || plain(set, 'UID')
  return [
    `${'  '.repeat(depth)}${concept(set, 'ConceptNameCodeSequence')}: ${value}`,
    ...itemsOf(set, 'ContentSequence').flatMap((child) => linesOfItems(child, depth + 1)),
  ]
}

/** A tree as lines, one an item, deeper ones behind: what is compared after writing. */
export function linesOfTree(bytes: Uint8Array): Result<readonly string[]> {
  const reading = readDicomFile({ bytes, totalBytes: bytes.length }, nothingDeflated)
  if (reading.kind !== 'complete') return refuse('annotation-damaged', 'The report does not read back.')
  const { dataSet } = reading.file
  return accept(linesOf(dataSet, readerOf(dataSet), 0))
}

function conceptOf(set: Read, tag: number): string {
  const [of] = items(set, tag)
  return of === undefined ? '' : `${code(of, TAG.CodeValue)} ${code(of, TAG.CodingSchemeDesignator)}`
}

function valueOf(set: Read, reader: TextReader): string {
  const [measured] = items(set, TAG.MeasuredValueSequence)
  if (measured !== undefined) {
    const unit = conceptOf(measured, TAG.MeasurementUnitsCodeSequence)
    return `${decimal(measured, TAG.NumericValue) ?? 'none'} ${unit}`
  }
  const [reference] = items(set, TAG.ReferencedSOPSequence)
  if (reference !== undefined) return code(reference, TAG.ReferencedSOPInstanceUID)
  const said = text(set, TAG.TextValue, reader)
  return said === '' ? conceptOf(set, TAG.ConceptCodeSequence) || (codes(set, TAG.UID)[0] ?? '') : said
}

function linesOf(set: Read, reader: TextReader, depth: number): readonly string[] {
  const concept = conceptOf(set, TAG.ConceptNameCodeSequence)
  return [
    `${'  '.repeat(depth)}${concept}: ${valueOf(set, reader)}`,
    ...items(set, TAG.ContentSequence).flatMap((child) => linesOf(child, reader, depth + 1)),
  ]
}
