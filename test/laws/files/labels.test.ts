/** Whatever a structure is called, its reading goes out in every format and reads back equal by what the format holds. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ExchangeFormat, ExchangeReading } from '../../../src/core/exchange/exchange-reading'
import { exportReadings } from '../../../src/core/exchange/export-readings'
import { exportZip } from '../../../src/main/exchange/export-zip'
import { inflate, ORIENTATIONS, seriesOf, sourceOf, STAMP, structureOf } from '../../fixtures/exchange-source'

const orientation = ORIENTATIONS['axial'] ?? { row: [1, 0, 0], column: [0, 1, 0] }
const target = seriesOf({ orientation, widthPx: 14, heightPx: 12, slices: 2 })
const source = sourceOf(target)

const readingOf = (label: string): ExchangeReading => ({
  reader: 'R1',
  facts: {},
  structures: [structureOf(1, label, target, [0])],
})

const spelt = ['ريئة', 'גוש', 'e\u0301', '👩🏽‍⚕️', '😀', '\u200f', '\u200e', '\u202e', '\u2066', '\u200b']
const odd = [
  '\ud800',
  '\udc00',
  '\0',
  '\x1b',
  '\x7f',
  '\x85',
  '\ufeff',
  '\ufffe',
  '\u2028',
  '\\',
  '<&">',
  ' ',
]
const letter = fc.oneof(fc.constantFrom(...spelt), fc.constantFrom(...odd), fc.string({ unit: 'binary' }))
/** Also what committed readings of before hold, which the contract takes no more. */
const label = fc
  .array(letter, { minLength: 1, maxLength: 30 })
  .map((letters) => letters.join('').slice(0, 80))
  .filter((made) => made !== '')

const FORMATS: readonly ExchangeFormat[] = ['seg', 'rtstruct', 'nifti', 'png', 'coco', 'lidc-xml']

describe.each(FORMATS)('%s', (format) => {
  const how = { format, target, source, stamp: STAMP, inflate }
  test('takes any label, and reads it back as it holds it', () => {
    fc.assert(
      fc.property(label, (made) => {
        expect(exportReadings([readingOf(made)], how), JSON.stringify(made)).toMatchObject({ ok: true })
      }),
      { numRuns: 300, examples: [...spelt, ...odd].flatMap((one) => [[one], [`${one}a`], [`a${one}b`]]) },
    )
  })
})

test('a panel that one reading keeps in names the case, the format, the reader, the label and the way out', () => {
  const how = (format: ExchangeFormat) => ({ format, target, source, stamp: STAMP })
  const alike = {
    ...readingOf('Nodule'),
    structures: [0, 1].map((at) => structureOf(at + 1, 'Nodule', target, [at])),
  }
  const panel = (...formats: ExchangeFormat[]) =>
    exportZip({
      ...{ kind: 'panel', version: '1', about: [] },
      cases: [{ number: 3, readings: [alike], hows: formats.map(how) }],
    })
  const refused = panel('seg', 'lidc-xml')
  expect(refused).toMatchObject({ ok: false, refusal: { code: 'annotation-unsupported' } })
  const { reason = '', next = '' } = refused.ok ? {} : refused.refusal
  for (const named of ['Case 3', 'LIDC-XML', 'R1', '"Nodule"']) expect(reason).toContain(named)
  expect(next).toContain('without LIDC-XML')
  expect(panel('seg')).toMatchObject({ ok: true })
})
