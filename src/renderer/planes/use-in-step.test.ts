import { expect, it } from 'vitest'
import { nextTick, ref, shallowRef } from 'vue'
import type { SeriesDetail } from '../../contract'
import { useInStep } from './use-in-step'

/** An axial stack of `count` slices, `stepMm` apart from `firstMm` on. */
const stack = (count: number, stepMm: number, firstMm: number, frame: string): SeriesDetail => ({
  summary: {
    ...{ seriesUid: '1', studyUid: '1', patientId: 'P', modality: 'CT', description: '', seriesNumber: 1 },
    ...{ studyDate: '', bodyPart: '', slices: count, rows: 2, columns: 2, warnings: [] },
    spacingMm: { row: 1, column: 1, slice: stepMm },
  },
  slices: Array.from({ length: count }, (_, index) => ({
    ...{
      index,
      sopInstanceUid: `1.${index}`,
      instanceNumber: index,
      frame: 0,
      alongNormalMm: index * stepMm,
    },
    positionMm: [0, 0, firstMm + index * stepMm],
    rescale: { slope: 1, intercept: 0, unit: 'HU' },
  })),
  orientation: { row: [1, 0, 0], column: [0, 1, 0] },
  ...{ photometric: 'MONOCHROME2', windows: [], kernel: '', kilovoltagePeak: '', seriesDate: '' },
  ...{ sliceThicknessMm: null, lossy: false, frameOfReferenceUid: frame },
})

function turned(detail: SeriesDetail, at: number) {
  const wanted = ref(at)
  const last = detail.slices.length - 1
  const goTo = (index: number): void => {
    wanted.value = Math.min(last, Math.max(0, index))
  }
  return { detail: shallowRef<SeriesDetail | null>(detail), wanted, goTo }
}

async function inStep(one: SeriesDetail, other: SeriesDetail, at: number) {
  const [first, second] = [turned(one, at), turned(other, 0)]
  const detail = second.detail.value
  second.detail.value = null
  const step = useInStep(first, second)
  second.detail.value = detail
  await nextTick()
  return { first, second, step }
}

it('goes by position in one frame of reference, to and fro, and a hand on either is never sent back', async () => {
  const { first, second, step } = await inStep(stack(40, 1, 0, 'f'), stack(10, 5, -2, 'f'), 18)
  // z = 18 mm; the other lies at -2, 3, 8, 13, 18 ...
  expect([second.wanted.value, step.words.value]).toEqual([4, 'in step by position'])
  first.goTo(19)
  await nextTick()
  expect([first.wanted.value, second.wanted.value]).toEqual([19, 4])
  step.byHand(() => {
    second.goTo(5)
  })
  await nextTick()
  expect([first.wanted.value, second.wanted.value]).toEqual([23, 5])
})

it('goes by slice where frames differ, says so, and keeps the distance at which it was put in step again', async () => {
  const { first, second, step } = await inStep(stack(21, 2, 0, 'f'), stack(21, 2, 500, 'g'), 10)
  expect([second.wanted.value, step.words.value]).toEqual([
    10,
    'in step by slice: no common frame of reference',
  ])
  step.isOn.value = false
  await nextTick()
  step.byHand(() => {
    second.goTo(13)
  })
  await nextTick()
  expect([first.wanted.value, step.words.value]).toEqual([10, 'not in step'])
  step.isOn.value = true
  await nextTick()
  expect(second.wanted.value).toBe(13)
  first.goTo(12)
  await nextTick()
  expect(second.wanted.value).toBe(15)
  first.goTo(20)
  await nextTick()
  expect([second.wanted.value, step.words.value]).toEqual([
    20,
    'not in step here: this series ends 3 slices before',
  ])
  step.byHand(() => {
    second.goTo(5)
  })
  await nextTick()
  expect([first.wanted.value, second.wanted.value]).toEqual([2, 5])
})

it('says how far the nearest slice lies where the other stack does not reach', async () => {
  const { step, second } = await inStep(stack(40, 1, 0, 'f'), stack(3, 1, 0, 'f'), 32)
  expect(second.wanted.value).toBe(2)
  expect(step.words.value).toMatch(/^in step by position: its nearest slice lies 30\smm away$/)
})

it('by slice goes towards the same end of the patient, whichever end each stack begins at', async () => {
  const fromFeet = stack(21, 2, 0, 'f')
  const fromHead: SeriesDetail = {
    ...stack(21, -2, 700, 'g'),
    orientation: { row: [1, 0, 0], column: [0, -1, 0] },
  }
  // Without places files stand by Instance Number, head first as slices are counted.
  const placed = stack(21, 2, 0, 'g')
  const unplaced: SeriesDetail = {
    ...placed,
    orientation: null,
    slices: placed.slices.map((slice) => ({ ...slice, positionMm: null, alongNormalMm: null })),
  }
  for (const other of [fromHead, unplaced]) {
    const { first, second, step } = await inStep(fromFeet, other, 4)
    expect(second.wanted.value).toBe(16)
    first.goTo(5)
    await nextTick()
    expect(second.wanted.value).toBe(15)
    step.byHand(() => {
      second.goTo(17)
    })
    await nextTick()
    expect([first.wanted.value, second.wanted.value]).toEqual([3, 17])
  }
})
