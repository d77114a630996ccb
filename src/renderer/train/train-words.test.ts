import { expect, test } from 'vitest'
import type { FromWorker, JobDetail } from '../../contract'
import { byRefit, curvesOf } from './train-words'

const said = (
  phase: string,
  step: number,
  steps: number,
  refit: number | null,
  ged: number | null,
): FromWorker => ({
  type: 'progress',
  ...{ phase, step, steps, loss: ged, learningRate: null, secondsLeft: null },
  refit: refit === null ? null : { number: refit, of: 2 },
  validation: ged === null ? null : { ged, dice: null, spread: null },
})

test('a refit that begins where another ends is a line of its own, and what else was counted stretches no axis', () => {
  const lines = [
    said('Cache features', 0, 90, null, null),
    said('Train', 0, 80, 1, 0.3),
    said('Train', 20, 80, 1, 0.25),
    // Gone on from after a kill: it counts as it came last.
    said('Train', 20, 80, 1, 0.26),
    said('Train', 40, 80, 1, 0.2),
    said('Train', 40, 80, 2, 0.31),
    said('Train', 80, 80, 2, 0.22),
    said('Judge', 700, 720, null, null),
  ]
  const detail: Pick<JobDetail, 'lines'> = { lines: lines.map((line) => ({ at: '', line })) }
  const { ged, dice, steps } = curvesOf(detail)
  expect(steps).toBe(80)
  expect(dice).toEqual([])
  expect(byRefit(ged).map((own) => own.map(({ step, value }) => [step, value]))).toEqual([
    [
      [0, 0.3],
      [20, 0.26],
      [40, 0.2],
    ],
    [
      [40, 0.31],
      [80, 0.22],
    ],
  ])
})
