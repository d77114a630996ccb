import { describe, expect, it } from 'vitest'
import type { RunRecord } from '../../../contract'
import { packMask } from '../../../core/image/mask'
import { sliceReport } from '../../../core/measures/slice-report'
import { withoutSpread } from '../../../core/uncertainty/one-outline'
import { newRun, type RunSnapshot } from '../run-snapshot'
import {
  comparedSizes,
  comparisonText,
  differenceWords,
  diceOfMedians,
  formatDifference,
} from './comparison-rows'
import { formatSize } from '../../../core/words/numbers'

const SIZE_PX = 12

/** Squares of one side each, from (2, 2) of a crop that begins at `origin`. */
function runOf(model: string, sides: readonly number[], origin: number): RunSnapshot {
  const grid = {
    widthPx: SIZE_PX,
    heightPx: SIZE_PX,
    originColumn: origin,
    originRow: origin,
    columnStep: 1,
    rowStep: 1,
  }
  const masks = sides.map((side) => ({
    widthPx: SIZE_PX,
    heightPx: SIZE_PX,
    pixels: Uint8Array.from({ length: SIZE_PX ** 2 }, (_, at) => {
      const [column, row] = [at % SIZE_PX, Math.floor(at / SIZE_PX)]
      return column >= 2 && column < 2 + side && row >= 2 && row < 2 + side ? 1 : 0
    }),
  }))
  const report = sliceReport({
    masks,
    grid,
    pixelSpacingMm: { row: 1, column: 1 },
    fieldOfView: null,
    readers: [],
    sopInstanceUid: null,
    sliceIndex: 0,
    warnings: [],
  })
  const alone = sides.length === 1
  const record: RunRecord = {
    runId: model,
    model,
    modelVersion: '1.0.0',
    modelSha256: '',
    device: { used: 'cpu', threads: 1, notUsed: [] },
    uncertainty: alone ? 'none' : 'samples',
    samples: sides.length,
    seed: 1,
    draws: 'independent',
    version: '0',
    command: `margin infer --model ${model}`,
  }
  const target = {
    kind: 'series',
    seriesUid: '1',
    sliceIndex: 0,
    column: 8,
    row: 8,
    structureId: null,
  } as const
  return {
    ...newRun({ target, modelId: model, samples: sides.length, seed: 1 }, null),
    phase: 'done',
    record,
    grid,
    masks: masks.map(packMask),
    report: alone ? withoutSpread(report) : report,
  }
}

describe('two runs compared', () => {
  const first = runOf('first', [4, 4, 4], 0)
  const second = runOf('second', [6], 1)

  it('gives the difference of the medians, second less first, with its sign', () => {
    if (first.report === null || second.report === null) throw new Error('both are done')
    const area = comparedSizes(first.report, second.report, 'diameter').find(({ key }) => key === 'areaMm2')
    // 36 less 16 pixels of 1 mm².
    expect(area?.difference).toBe(20)
    expect(differenceWords(20, 'mm²')).toBe('+20.0 mm²')
    expect(differenceWords(-0.012, '%')).toBe('−1.2 percentage points')
    expect(formatDifference(0.01, (value) => formatSize(value, 'mm'))).toBe('0.0')
  })

  it('lays medians of differing crops on each other in the image', () => {
    // 4 x 4 from (2, 2) and 6 x 6 from (3, 3): 3 x 3 are shared.
    expect(diceOfMedians(first, second)).toBeCloseTo(18 / 52, 12)
  })

  it('copies both runs, no interval for one outline, and no winner', () => {
    const text = comparisonText(first, second) ?? ''
    expect(text.split('\n').slice(0, 2)).toEqual([
      '1\tmargin infer --model first',
      '2\tmargin infer --model second',
    ])
    expect(text).toMatch(/^Area on this slice\t16\.0 mm² range\s\[16\.0, 16\.0\]\t36\.0 mm²\t\+20\.0 mm²$/m)
    expect(text).toMatch(/n = one lesion: no test of which is better\.$/)
    expect(comparisonText(first, { ...second, report: null })).toBeNull()
  })

  it('says that nothing was drawn instead of a difference', () => {
    const empty = runOf('empty', [0, 0], 0)
    if (first.report === null || empty.report === null) throw new Error('both are done')
    expect(comparedSizes(first.report, empty.report, 'diameter').map(({ difference }) => difference)).toEqual(
      [null, null, null],
    )
    expect(comparisonText(first, empty)).toMatch(/nothing drawn/)
    expect(diceOfMedians(first, empty)).toBeNull()
  })
})
