/** Ophthalmic pictures say which eye they are of: left and right of one patient are told apart, and are no volume. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { assembleSeries } from '../../../src/core/dicom/assemble-series'
import { TAG } from '../../../src/core/dicom/elements'
import type { Instance } from '../../../src/core/dicom/instance'
import { kindOfSeries } from '../../../src/core/words/case-words'
import { perform } from '../../../src/main/library/decode/perform'
import { changedElement } from '../../fixtures/changed-element'
import { SERIES, writeSeries } from '../../fixtures/made-up-ct'

const scratch = mkdtempSync(join(tmpdir(), 'margin-eyes-'))
writeSeries(join(scratch, 'ct'), SERIES.seriesUid)
const [first = '', second = ''] = readdirSync(join(scratch, 'ct')).sort()
afterAll(() => {
  rmSync(scratch, { recursive: true })
})

/** The file as one of `modality`, with the element put before the pixel description. */
function instanceOf(name: string, modality: string, tag: number, value: string): Instance {
  const file = changedElement(readFileSync(join(scratch, 'ct', name)), TAG.Modality, 'CS', modality)
  const rows = Buffer.from([0x28, 0x00, 0x02, 0x00, 0x55, 0x53])
  const at = file.indexOf(rows)
  const head = Buffer.from([tag >>> 16, 0, tag & 0xff, (tag >>> 8) & 0xff, 0x43, 0x53, 2, 0])
  const path = join(scratch, `${modality}-${value}-${name}`)
  writeFileSync(
    path,
    Buffer.concat([file.subarray(0, at), head, Buffer.from(value.padEnd(2)), file.subarray(at)]),
  )
  const answer = perform({ kind: 'inspect', source: { kind: 'file', file: path }, path })
  if (answer.kind !== 'inspect' || answer.inspection.kind !== 'image') throw new Error(JSON.stringify(answer))
  return answer.inspection.instance
}

test.each([
  ['L', 'left eye'],
  ['R', 'right eye'],
  ['B', 'both eyes'],
  ['U', 'eye not stated'],
])('laterality %s of the picture or its series is said as %s', (value, words) => {
  for (const tag of [TAG.ImageLaterality, TAG.Laterality]) {
    const [series] = assembleSeries([instanceOf(first, 'OP', tag, value)])
    if (series === undefined) throw new Error('no series')
    expect(kindOfSeries(series.detail.summary)).toBe(`OP ${words}`)
    expect(series.detail.summary.description).toContain(words)
  }
})

test('both eyes in one series are two series, and a CT is what it was', () => {
  const left = instanceOf(first, 'OP', TAG.ImageLaterality, 'L')
  const right = instanceOf(first, 'OP', TAG.ImageLaterality, 'R')
  const pair = assembleSeries([left, { ...right, sopInstanceUid: '2.25.9' }])
  expect(pair.map(({ detail }) => kindOfSeries(detail.summary)).sort()).toEqual([
    'OP left eye',
    'OP right eye',
  ])
  const ct = [first, second].map((name) => instanceOf(name, 'CT', TAG.ImageLaterality, 'L'))
  expect(assembleSeries(ct).map(({ detail }) => detail.summary.slices)).toEqual([2])
  expect(ct[0]?.description).not.toContain('eye')
})
