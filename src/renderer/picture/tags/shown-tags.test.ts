import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { TagRow } from '../../../contract'
import { formWords, keywordWords } from '../../../core/words/tag-words'
import { shownTags, toggled } from './shown-tags'

const row = (depth: number, kind: TagRow['kind'], tag: string, keyword = '', value = ''): TagRow => ({
  ...{ depth, kind, tag, keyword, value, vr: 'LO', form: 'whole', sizeBytes: 4 },
  isPrivate: Number.parseInt(tag.slice(0, 4), 16) % 2 === 1,
})

const ROWS: readonly TagRow[] = [
  row(0, 'element', '00080060', 'Modality', 'CT'),
  row(0, 'sequence', '00082218', 'AnatomicRegionSequence', '1 item'),
  row(1, 'item', '00082218', '', '1'),
  row(2, 'element', '00080104', 'CodeMeaning', 'Lung'),
  row(0, 'element', '00090010', '', 'MAKER'),
  row(0, 'element', '00100010', 'PatientName', 'One^Patient'),
]
const at = (typed: string, open: ReadonlySet<number> = new Set()): readonly number[] =>
  shownTags(ROWS, typed, open).map((one) => one.at)

it('folds what is nested, and opens a sequence of one item to its elements', () => {
  expect(at('')).toEqual([0, 1, 4, 5])
  const open = toggled(ROWS, new Set(), 1)
  expect(at('', open)).toEqual([0, 1, 2, 3, 4, 5])
  expect(at('', toggled(ROWS, open, 1))).toEqual([0, 1, 4, 5])
})

it('finds by number, name and value however they are written, with what the found stands in', () => {
  expect(at('(0010,0010)')).toEqual([5])
  expect(at('0010 0010')).toEqual([5])
  expect(at('patient name')).toEqual([5])
  expect(at('lung')).toEqual([1, 2, 3])
  expect(at('private')).toEqual([4])
  expect(at('nothing such')).toEqual([])
})

it('whatever is typed, shows a row only with all that it stands in', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('', 'a', '1', 'lung', '0008', 'seq'),
      fc.uniqueArray(fc.nat(5)),
      (typed, open) => {
        const seen = new Set(at(typed, new Set(open)))
        if (seen.has(3)) expect(seen.has(2)).toBe(true)
        if (seen.has(2)) expect(seen.has(1)).toBe(true)
      },
    ),
  )
})

it('writes keywords as words and says what a value is that is not shown', () => {
  expect(keywordWords('ReferencedSOPInstanceUID')).toBe('Referenced SOP Instance UID')
  expect(keywordWords('KVP')).toBe('KVP')
  expect(formWords({ form: 'binary', sizeBytes: 524288 })).toBe('binary, 524,288 bytes')
  expect(formWords({ form: 'pixels', sizeBytes: null })).toBe('the picture, length not stated')
})
