import { expect, it } from 'vitest'
import type { AnnotationSummary, ReadingSet } from '../../contract'
import { SUBJECT_KINDS } from '../../core/subject/subject-kinds'
import { whyNoReaders } from './why-no-readers'

const slices = [{ sliceIndex: 7, mask: { originColumn: 0, originRow: 0, widthPx: 1, heightPx: 1, bits: '' } }]
const set: ReadingSet = {
  ...{ seriesUid: '1.2', imageId: null, source: 'a.xml', warnings: [] },
  structures: [
    {
      ...{ structureId: 'n', label: 'Nodule 1', firstSlice: 7, lastSlice: 7 },
      centre: { column: 0, row: 0, sliceIndex: 7 },
      readings: [{ readingId: 'a', letter: 'A', label: 'A', voxels: 1, empty: false, slices }],
    },
  ],
}
const offer = { path: '/cases/069.xml' } as AnnotationSummary
const { series, image } = SUBJECT_KINDS

it('tells withheld, not brought in, nowhere to be found, not on this slice and elsewhere on it apart', () => {
  const withheld = {
    reason: 'You read this blind.',
    until: 'Commit to see them.',
    readFirst: true,
    panelId: null,
  }
  const said = [
    whyNoReaders(series, withheld, set, [offer], 7),
    whyNoReaders(series, null, null, [offer], 7),
    whyNoReaders(series, null, null, [], 7),
    whyNoReaders(series, null, set, [], 6),
    whyNoReaders(series, null, set, [], 7),
  ]
  for (const [at, words] of [
    /withheld\. You read this blind\. Commit to see them\./,
    /not? .*brought in yet\. 069\.xml beside it holds some: bring them in/i,
    /^No readings were brought in, so/,
    /^No reader outlined this slice,/,
    /on this slice lies elsewhere/,
  ].entries())
    expect(said[at]).toMatch(words)
  expect(new Set(said).size).toBe(5)
})

it('says photograph of a photograph', () => {
  const silent = { ...set, structures: set.structures.map((one) => ({ ...one, readings: [] })) }
  expect(whyNoReaders(image, null, silent, [], 0)).toMatch(/^No reader outlined this photograph,/)
  expect(whyNoReaders(image, null, silent, [offer, offer], 0)).not.toMatch(/slice/)
})
