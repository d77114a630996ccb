import { expect, test } from 'vitest'
import type { LesionLine, LesionReport, LesionRequest, LesionSliceNote } from '../../../contract'
import { lesionRows, lesionSlices, openEnds } from '../../../core/words/lesion-words'
import { intervalWords, readersOutside, type SizeRow, sizeSentence } from '../../../core/words/size-rows'
import { afterLesionLine, lesionKey, newLesion } from './lesion-snapshot'

const request: LesionRequest = {
  target: { kind: 'series', seriesUid: '1.2', sliceIndex: 4, column: 10, row: 10, structureId: null },
  ...{ modelId: 'm', samples: 10, seed: 1 },
}
const note = (sliceIndex: number, isInLesion: boolean): LesionSliceNote => ({
  ...{ sliceIndex, sopInstanceUid: '1', runId: `${sliceIndex}`, isInLesion },
  ...{ drawnCount: 8, drawnShare: 0.8, medianAreaMm2: 20, elsewhereCount: 0 },
})
const size = (median: number) => ({
  ...{ median, low95: median / 2, high95: median * 2, interval: 'central-95' as const, values: [median] },
})
const report: LesionReport = {
  ...{ seriesUid: '1.2', place: request.target, coupling: 'tied', sampleCount: 10, drawnCount: 9 },
  ...{ drawnShare: 0.9, mostDrawNothing: false, sliceThicknessMm: 2.5, warnings: [] },
  slices: [note(2, false), note(3, true), note(4, true), note(5, true)],
  ends: { first: 'few-draw', last: 'series-ends' },
  sizes: { volumeMm3: size(600), meanHu: size(-30) },
  readers: [
    { readingId: 'a', letter: 'A', empty: false, volumeMm3: 500 },
    { readingId: 'b', letter: 'B', empty: true, volumeMm3: 0 },
  ],
}

test('a lesion grows line by line, keeps the run of each slice, and is what the report says at its end', () => {
  const lines: readonly LesionLine[] = [
    {
      kind: 'slice',
      target: request.target,
      line: { kind: 'refused', refusal: { code: 'internal', reason: '' } },
    },
    { kind: 'followed', slice: note(4, true) },
    { kind: 'done', report, elapsedMs: 1 },
  ]
  const [one, two, three] = lines.reduce<ReturnType<typeof newLesion>[]>(
    (all, line) => [...all, afterLesionLine(all.at(-1) ?? newLesion(request), line)],
    [],
  )
  expect([...(one?.runKeys.keys() ?? [])]).toEqual([4])
  expect(two?.notes).toHaveLength(1)
  expect([three?.phase, three?.notes.length]).toEqual(['done', 4])
  const cancelled = afterLesionLine(newLesion(request), {
    ...{ kind: 'refused', refusal: { code: 'cancelled', reason: '' } },
  })
  expect([cancelled.phase, cancelled.refusal]).toEqual(['stopped', null])
})

test('it is the same lesion from every slice, and another one by another model, place or seed', () => {
  const at = (more: object, rest: object = {}): string =>
    lesionKey({ ...request, ...rest, target: { ...request.target, ...more } })
  expect(at({ sliceIndex: 9 })).toBe(lesionKey(request))
  for (const other of [
    at({ column: 12 }),
    at({ structureId: 'n' }),
    at({}, { modelId: 'k' }),
    at({}, { seed: 2 }),
  ])
    expect(other).not.toBe(lesionKey(request))
})

test('its words: slices as people count them, where it was left open, readers that drew it beside its sizes', () => {
  const fromHead = (index: number): number => 100 - index
  const plain = (text: string): string => text.replaceAll(/[\u00a0\u202f]/g, ' ')
  expect(plain(lesionSlices([3, 4, 5], fromHead))).toBe('3 slices, 95 to 97')
  expect(plain(lesionSlices([3], fromHead))).toBe('1 slice, 97')
  expect(openEnds(report, fromHead)).toEqual([
    'Not followed beyond slice 95: the series ends there. The lesion may go on.',
  ])
  const { plotted, listed } = lesionRows(report)
  expect(plotted.map(({ label, marks }) => [label, marks.map(({ letter }) => letter)])).toEqual([
    ['Volume', ['A']],
  ])
  // The series ends within it: what is given is the least, and no upper bound is read.
  const [volume] = plotted
  const counts = { sampleCount: 10, drawnCount: 10, mostDrawNothing: false, placeCount: null }
  expect(plain(intervalWords(size(600), 'mm³', volume?.isAtLeast))).toBe('[300 or more]')
  expect(plain(volume === undefined ? '' : sizeSentence(volume, counts))).toBe(
    'Volume at least 600 cubic millimetres, 95 percent of 10 samples 300 or more, with no upper bound. Readers: reader A 500.',
  )
  expect(lesionRows({ ...report, ends: { first: 'few-draw', last: 'few-draw' } }).plotted[0]?.isAtLeast).toBe(
    undefined,
  )
  expect(plotted.map(readersOutside)).toEqual([null])
  const outside = {
    ...volume,
    marks: [100, 200, 900].map((value) => ({ letter: 'A', colourIndex: 0, value })),
  }
  expect(plain(readersOutside(outside as SizeRow) ?? '')).toBe(
    'Volume: 2 of 3 readers lie outside the interval here.',
  )
  expect(readersOutside({ ...(outside as SizeRow), marks: outside.marks.slice(1) })).toBeNull()
  expect(listed.map(({ label, unit }) => `${label} ${unit}`)).toEqual(['Mean inside HU'])
})
