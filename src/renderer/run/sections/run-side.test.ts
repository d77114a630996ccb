// @vitest-environment happy-dom
import { SUBJECT_LOOKS } from '../../viewer/subject-looks'
import { mount } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { describe, expect, it, vi } from 'vitest'
import type { Sizes, SliceReport } from '../../../contract'
import { packMask } from '../../../core/image/mask'
import { sizeDistribution } from '../../../core/uncertainty/intervals'
import { withoutSpread } from '../../../core/uncertainty/one-outline'
import { SUBJECT_KINDS } from '../../../core/subject/subject-kinds'
import type { RunReadiness } from '../run-readiness'
import type { RunSnapshot } from '../run-snapshot'
import RunSide from './RunSide.vue'
import { DEFAULT_LAYERS, type ViewportPicture } from '../../viewer/viewport-types'

const GRID = { widthPx: 8, heightPx: 8, originColumn: 10, originRow: 20, columnStep: 1, rowStep: 1 }
const SPACING = { row: 0.7, column: 0.7 }

const square = (sidePx: number): Uint8Array =>
  packMask({
    widthPx: 8,
    heightPx: 8,
    pixels: Uint8Array.from({ length: 64 }, (_, at) => (at % 8 < sidePx && at < 8 * sidePx ? 1 : 0)),
  })

function runOf(sizes: Sizes, samples: number, more: Partial<RunSnapshot> = {}): RunSnapshot {
  const report: SliceReport = {
    sopInstanceUid: '1.2',
    sliceIndex: 3,
    grid: GRID,
    pixelSpacingMm: null,
    sampleCount: samples,
    emptyCount: 0,
    drawnCount: samples,
    drawnShare: 1,
    mostDrawNothing: false,
    placeCount: null,
    sizes,
    agreement: null,
    depthOrder: [],
    warnings: [],
  }
  return {
    key: 'k',
    request: {
      target: { kind: 'series', seriesUid: '1', sliceIndex: 3, column: 14, row: 24, structureId: null },
      modelId: null,
      samples,
      seed: 1,
    },
    phase: 'done',
    record: null,
    grid: GRID,
    fieldOfView: null,
    warnings: [],
    masks: Array.from({ length: samples }, (_, at) => square(2 + (at % 4))),
    elapsedMs: 100,
    overlay: null,
    report,
    refusal: null,
    ...more,
  }
}

const READY: RunReadiness = {
  ...{ hasStructures: false, lockedBecause: null, withheld: null },
  onReadBlind: () => undefined,
  onDraw: () => undefined,
  onStop: () => undefined,
  onNextStructure: () => undefined,
}

const panel = (run: RunSnapshot | null, more: Record<string, unknown> = {}) =>
  mount(RunSide, {
    global: { plugins: [createPinia()] },
    props: {
      label: 'Nodule 1',
      run,
      kind: SUBJECT_KINDS.series,
      look: SUBJECT_LOOKS.series,
      picture: null,
      spacingMm: null,
      window: null,
      models: [],
      model: null,
      insteadOf: null,
      withoutReaders: 'No reader outlined this slice.',
      readiness: READY,
      copied: null,
      mode: 'contours',
      highlight: null,
      layers: DEFAULT_LAYERS,
      ...more,
    },
  })

const PICTURE: ViewportPicture = {
  key: 'k',
  subjectKey: 's',
  subjectKind: 'series',
  pixels: new Int16Array(64 * 64),
  pixelSpacingMm: SPACING,
  description: {
    ...{ widthPx: 64, heightPx: 64, type: 'int16', slope: 1, intercept: 0, unit: 'HU' },
    ...{ minStored: 0, maxStored: 255, paddingStored: null, warnings: [] },
  },
}

const values = Array.from({ length: 60 }, (_, at) => 20 + at / 10)
const millimetres: Sizes = {
  areaMm2: sizeDistribution(values),
  equivalentDiameterMm: sizeDistribution(values),
  longestDiameterMm: sizeDistribution(values),
}
const pixels: Sizes = {
  areaPx: sizeDistribution(values),
  equivalentDiameterPx: sizeDistribution(values),
  longestDiameterPx: sizeDistribution(values),
}
/** Millimetres as a unit of a figure; "No millimetres" in the note is the opposite of one. */
const IN_MM = /\d\s*mm|\bmm[²³]?\b|(?<!No )\bmillimetres\b/

describe('the panel of a run', () => {
  it('says that samples end blind reading as long as one is possible', () => {
    const words = /Samples end blind reading of this case: read blind first/
    expect(panel(null, { readiness: { ...READY, endsBlindness: true } }).text()).toMatch(words)
    expect(panel(null).text()).not.toMatch(words)
  })

  it('never speaks of millimetres where the file states no spacing', () => {
    for (const run of [
      runOf(pixels, 60),
      runOf(pixels, 60, { phase: 'stopped', report: null }),
      runOf(pixels, 60, { phase: 'running', report: null }),
    ]) {
      const text = panel(run).text()
      expect(text).not.toMatch(IN_MM)
    }
    expect(panel(runOf(pixels, 60)).text()).toMatch(/no pixel spacing, so sizes are in pixels/)
    expect(panel(runOf(pixels, 60)).text()).toMatch(/\d\s*px\b/)
  })

  it('gives millimetres with spacing, median and interval', () => {
    const text = panel(runOf(millimetres, 60), { spacingMm: SPACING }).text()
    expect(text).toMatch(IN_MM)
    // Median of 20.0 … 25.9 is 22.95, the 2.5 % and 97.5 % quantiles (type 7) are 20.1475 and 25.7525.
    expect(text).toMatch(/(22\.9|23\.0)\s+mm\s+\[20\.1, 25\.8\]/)
    expect(text).toMatch(/60 of 60 draw something/)
  })

  it('says of whom a calibrated interval speaks, and where one is not calibrated', () => {
    const withWords = (calibration: SliceReport['calibration']): string => {
      const run = runOf(millimetres, 60)
      if (run.report === null) throw new Error('no report')
      return panel({ ...run, report: { ...run.report, calibration } }, { spacingMm: SPACING }).text()
    }
    expect(withWords({ kind: 'calibrated', patients: 148 })).toMatch(
      /calibrated on 148\spatients: about 95\s% of further readers of further patients/,
    )
    expect(withWords({ kind: 'not-calibrated', reason: 'it is for 100 even samples' })).toMatch(
      /not calibrated here: it is for 100 even samples\./,
    )
    expect(withWords(undefined)).not.toMatch(/calibrated/)
  })

  it('says range where there are too few samples for an interval', () => {
    const few = sizeDistribution(values.slice(0, 20))
    const text = panel(runOf({ equivalentDiameterMm: few }, 20), { spacingMm: SPACING }).text()
    expect(text).toMatch(/median \[range\]/)
    expect(text).not.toMatch(/95\s% of samples/)
  })

  it('says that all samples are empty instead of a size', () => {
    const none = sizeDistribution(Array.from({ length: 60 }, () => null))
    const run = runOf({ equivalentDiameterMm: none }, 60)
    const report =
      run.report === null
        ? null
        : { ...run.report, emptyCount: 60, drawnCount: 0, drawnShare: 0, mostDrawNothing: true }
    const text = panel({ ...run, report }, { spacingMm: SPACING }).text()
    expect(text).toMatch(/All 60\s+samples are empty/)
    expect(text).not.toMatch(IN_MM)
  })

  it('says that an almost empty run is no finding, on the page and to a reader of screens', () => {
    // Two of a hundred draw, 11.1 and 13.1 mm: their median is no headline.
    const two = sizeDistribution(
      Array.from({ length: 100 }, (_, at) => (at === 7 ? 11.1 : at === 40 ? 13.1 : null)),
    )
    const run = runOf({ longestDiameterMm: two }, 100)
    const presence = { emptyCount: 98, drawnCount: 2, drawnShare: 0.02, mostDrawNothing: true, placeCount: 0 }
    const report = run.report === null ? null : { ...run.report, ...presence }
    const wrapper = panel({ ...run, report }, { spacingMm: SPACING })
    const size = wrapper.get('[aria-label="Size on this slice"]')
    expect(size.text()).toMatch(/Most samples draw nothing here\s*2 of 100 draw something/)
    expect(size.text()).toMatch(/No outline contains the place you clicked/)
    expect(size.find('.histogram').exists()).toBe(false)
    const heard = size.get('.size .heard').text()
    expect(heard).toMatch(/^Most samples draw nothing here\./)
    expect(heard).toMatch(/all the 2 of 100 samples that draw something between 11\.1 and 13\.1/)
    const half = {
      ...presence,
      emptyCount: 50,
      drawnCount: 50,
      drawnShare: 0.5,
      mostDrawNothing: false,
      placeCount: 1,
    }
    const text = panel(
      { ...run, report: report === null ? null : { ...report, ...half } },
      { spacingMm: SPACING },
    ).text()
    expect(text).toMatch(/50 of 100 draw something/)
    expect(text).not.toMatch(/Most samples|No outline contains/)
  })

  it('keeps what a stopped run had, gives its range and offers the rest', async () => {
    const run = runOf(pixels, 41, { phase: 'stopped', report: null })
    const onDraw = vi.fn()
    const wrapper = panel(
      { ...run, request: { ...run.request, samples: 100 } },
      { spacingMm: SPACING, readiness: { ...READY, onDraw } },
    )
    expect(wrapper.text()).toMatch(/Stopped after 41 of 100\s+samples/)
    // Squares of sides 2 to 5 px of 0.7 mm: the largest has 25 * 0.49 = 12.25 mm² (12.3), the smallest 1.96.
    expect(wrapper.text()).toMatch(/mm²\s+range\s+\[1\.96, 12\.3\]/)
    await wrapper.get('.button.primary').trigger('click')
    expect(onDraw.mock.calls).toEqual([[100]])
  })

  it('shows a refusal with its reason, what to do and the code, and tries less', async () => {
    const refusal = { code: 'device-failed', reason: 'CUDA ran out of memory.', next: 'Draw fewer.' } as const
    const onDraw = vi.fn()
    const failed = runOf(pixels, 100, { phase: 'failed', report: null, masks: [], refusal })
    const wrapper = panel(failed, { readiness: { ...READY, onDraw } })
    const alert = wrapper.get('[role=alert]').text()
    for (const part of ['The samples could not be drawn', refusal.reason, refusal.next, refusal.code]) {
      expect(alert).toContain(part)
    }
    await wrapper.get('[role=alert] .button.primary').trigger('click')
    expect(onDraw.mock.calls).toEqual([[25]])
  })

  it('asks to draw on a slice without samples, and says why nothing can be drawn', () => {
    expect(panel(null).text()).toMatch(/No samples on this slice yet/)
    expect(panel(null, { label: null }).text()).toMatch(/Nothing chosen yet/)
    expect(
      panel(null, { readiness: { ...READY, lockedBecause: 'There is no model for MR.' } }).text(),
    ).toMatch(/no model for MR/)
  })

  it('tells kinds of outlines before sizes, and shows the most typical of one', async () => {
    const run = runOf({ equivalentDiameterMm: sizeDistribution([4, 4, 8, 8]) }, 4)
    const modes = [
      { samples: [0, 1], medoid: 1 },
      { samples: [2, 3], medoid: 2 },
    ]
    const report = { ...(run.report as SliceReport), modes, depthOrder: [2, 0, 1, 3] }
    const side = panel({ ...run, report }, { picture: PICTURE, spacingMm: SPACING })
    const section = side.get('[aria-label="Kinds of outlines"]')
    expect(section.text()).toContain('The samples fall into two kinds')
    expect(section.text()).toContain('The median outline is of the kind “larger”')
    expect(side.text().indexOf('Kinds of outlines')).toBeLessThan(side.text().indexOf('Size on this slice'))
    await section.get('button').trigger('click')
    expect(side.emitted('update:highlight')).toEqual([[1]])
    expect(panel(run, { picture: PICTURE }).find('[aria-label="Kinds of outlines"]').exists()).toBe(false)
  })

  it('never calls spread a probability', () => {
    for (const run of [null, runOf(millimetres, 60), runOf(pixels, 10, { phase: 'stopped', report: null })]) {
      expect(panel(run, { spacingMm: SPACING }).html()).not.toMatch(/probab|confiden|ground truth|\bAI\b/i)
    }
  })

  it('shows one outline of a model without uncertainty, and nothing that would be its spread', () => {
    const record = {
      runId: 'r',
      model: 'lidc-unet',
      modelVersion: '1.0.0',
      modelSha256: '',
      device: { used: 'cpu', threads: 2, notUsed: [] },
      uncertainty: 'none',
      samples: 1,
      seed: 1,
      draws: 'independent',
      version: '0.1.0',
      command: 'margin infer',
    } as const
    const run = runOf({ equivalentDiameterMm: sizeDistribution([22.4]) }, 1)
    const report = run.report === null ? null : withoutSpread(run.report)
    const wrapper = panel({
      ...run,
      record: { ...record, device: { ...record.device, notUsed: [] } },
      report,
    })
    const text = wrapper.text()
    expect(text).toContain('This model draws one outline: it has no uncertainty.')
    expect(text).toMatch(/22\.4\s+mm/)
    // Intervals, histograms, the switch to bands and map, the strip of samples, seeds: all of them say spread.
    expect(text).not.toMatch(/\[|samples? drawn|1 samples?|range|Bands|Map|seed 1|95\s%/)
    expect(wrapper.find('.histogram').exists()).toBe(false)
  })
})
