/** Our walk over elements against another program's: dicom-parser finds the same elements at the same bytes. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseDicom } from 'dicom-parser'
import { describe, expect, test } from 'vitest'
import { ELEMENTS, TAG } from '../../../src/core/dicom/elements'
import { readDicomFile } from '../../../src/core/dicom/read-file'
import { corpusDir, readCorpus } from '../../fixtures/dicom-corpus'
import { runPython } from '../../python'
import { absent } from '../../test-data'

const reason = absent('dicom')

/**
 * Files that dicom-parser is known not to read (data/dicom/README.md): VR OV, the GE private syntax, files without
 * preamble or transfer syntax, and two at which it throws. Deflated ones have other offsets on either side.
 */
const isComparable = (entry: {
  readonly file: string
  readonly transferSyntax?: string | undefined
}): boolean =>
  entry.transferSyntax !== undefined &&
  !entry.transferSyntax.endsWith('.1.99') &&
  entry.transferSyntax !== '1.2.840.113619.5.2' &&
  !entry.file.includes('extended_offset_table') &&
  entry.file !== 'dicomdir/tree/DICOMDIR-nooffset' &&
  entry.file !== 'syntax/jpeg/SC_rgb_jpeg.dcm' &&
  !entry.file.startsWith('oddities/') &&
  !/JL.*_RGB_ILV/.test(entry.file)
const files = (reason === null ? readCorpus().files : []).filter(isComparable)

const noInflater = (): { ok: false; refusal: { code: 'internal'; reason: string } } => ({
  ok: false,
  refusal: { code: 'internal', reason: 'no deflated file is read here' },
})

/**
 * Tag, offset and length of the elements before the pixel data. Sequences without their length: implicit VR does not
 * say that an element is one, and one that nobody asks for is stepped over whole.
 */
const line = (tag: string, offset: number, length: number, isSequence: boolean): string =>
  isSequence ? `${tag} ${offset} sequence` : `${tag} ${offset} ${length}`

function theirs(bytes: Uint8Array): readonly string[] {
  const elements = Object.values(parseDicom(bytes, { untilTag: 'x7fe00010' }).elements)
  return elements
    .filter(({ tag }) => !tag.startsWith('x0002') && tag < 'x7fe00001')
    .map(({ tag, dataOffset, length, items }) => line(tag, dataOffset, length, items !== undefined))
}

function ours(bytes: Uint8Array, sequences: ReadonlySet<string>): readonly string[] {
  const reading = readDicomFile({ bytes, totalBytes: bytes.length }, noInflater)
  if (reading.kind !== 'complete') throw new Error(JSON.stringify(reading))
  return [...reading.file.dataSet.elements.values()]
    .filter(({ tag }) => tag < 0x7fe00001)
    .map(({ tag, offset, length }) => {
      const name = `x${tag.toString(16).padStart(8, '0')}`
      return line(name, offset, length, sequences.has(name))
    })
}

describe.skipIf(reason !== null)(`elements of data/dicom ${reason ?? ''}`, () => {
  test.each(files.map(({ file }) => [file] as const))('%s', (file) => {
    const bytes = new Uint8Array(readFileSync(join(corpusDir, file)))
    const expected = theirs(bytes)
    const sequences = new Set(
      expected.filter((each) => each.endsWith('sequence')).map((each) => each.slice(0, 9)),
    )
    expect(ours(bytes, sequences)).toEqual(expected)
  })
})

const python = runPython()

test.skipIf(python === null)(
  'keywords, tags and value representations of the table are those that pydicom knows',
  () => {
    const ask =
      'import json, sys; from pydicom.datadict import dictionary_VR, tag_for_keyword as tag; print(json.dumps([[tag(k), dictionary_VR(tag(k))] for k in json.load(sys.stdin)]))'
    const told = JSON.parse(python?.(ask, JSON.stringify(Object.keys(ELEMENTS))) ?? '[]') as [
      number,
      string,
    ][]
    const table = Object.entries(ELEMENTS)
    expect(table.map(([, [tag]]) => tag)).toEqual(told.map(([tag]) => tag))
    const foreign = table.filter(([, [, vr]], at) => told[at]?.[1].split(' or ').includes(vr) !== true)
    expect(foreign).toEqual([])
    const tags = Object.values(TAG)
    expect(tags).toEqual([...tags].sort((first, second) => first - second))
  },
)
