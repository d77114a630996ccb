import { describe, expect, it } from 'vitest'
import type { ImageSummary } from '../../contract'
import { cardBlocks } from './models/card-text'
import { eyeOf, pixelSize, slicesOfStep, slicesTimesStep } from '../../core/words/case-words'
import { seriesCorners } from '../picture/corner-words'
import { patientPosition, probeWords } from '../picture/probe-words'
import { madeUpSeries } from '../../../test/fixtures/made-up-series'
import { modelsFor, whyNoModel } from './run-words'

const detail = madeUpSeries(
  {
    seriesNumber: 4,
    studyDate: '20000101',
    bodyPart: 'CHEST',
    slices: 133,
    rows: 512,
    columns: 512,
    spacingMm: { row: 0.703125, column: 0.703125, slice: 2.5 },
  },
  {
    slices: madeUpSeries().slices.map((slice) => ({ ...slice, positionMm: [-166, -171.7, -117.5] })),
    orientation: { row: [1, 0, 0], column: [0, 1, 0] },
    kernel: 'STANDARD',
    kilovoltagePeak: '120',
  },
)
const { summary } = detail
const plain = (text: string): string => text.replaceAll(/[\u00a0\u2009]/g, ' ')

describe('a case in words', () => {
  it('gives slices and pixels in mm only where the file states them', () => {
    expect(plain(slicesTimesStep(summary))).toBe('133 × 2.5 mm')
    expect(plain(slicesOfStep(summary))).toBe('133 slices of 2.5 mm')
    expect(plain(pixelSize(summary))).toBe('0.703 mm pixels')
    const unknown = { ...summary, spacingMm: null }
    for (const text of [slicesTimesStep(unknown), slicesOfStep(unknown), pixelSize(unknown)]) {
      expect(text).not.toMatch(/mm/)
    }
    expect(plain(pixelSize({ ...summary, spacingMm: { row: 1, column: 0.5, slice: null } }))).toBe(
      '0.5 × 1 mm pixels',
    )
  })

  it('says that the eye is not stated rather than guess', () => {
    const image: ImageSummary = {
      imageId: 'a',
      path: 'a.png',
      name: 'a',
      format: 'png',
      width: 10,
      height: 10,
      bitsPerChannel: 8,
      channels: 3,
      eye: null,
      warnings: [],
    }
    expect(eyeOf(image)).toBe('eye not stated')
    expect(eyeOf({ ...image, eye: 'left' })).toBe('left eye')
  })

  it('says in the corners what the file leaves out', () => {
    const corners = seriesCorners(detail, 0, { centre: -600, width: 1500 }, false)
    expect(corners.topLeft.map(plain)).toEqual(['P', 'CT chest, 2000-01-01'])
    expect(corners.topRight.map(plain)).toEqual(['Series 4, STANDARD, 120 kV', 'slice thickness not stated'])
    expect(corners.bottomLeft.map((line) => plain(line).replaceAll(/ +/g, ' '))).toEqual([
      'W 1500 L −600',
      'z −117.5 mm',
    ])
  })
})

describe('what lies under the pointer', () => {
  it('is in patient millimetres by the equation of PS3.3 C.7.6.2.1.1', () => {
    // -166 + 318 * 0.703125 = 57.59375; -171.7 + 366 * 0.703125 = 85.64375
    expect(patientPosition(detail, 0, 318, 366)).toEqual([57.59375, expect.closeTo(85.64375, 9), -117.5])
    expect(patientPosition({ ...detail, orientation: null }, 0, 1, 1)).toBe(null)
    expect(patientPosition({ ...detail, summary: { ...summary, spacingMm: null } }, 0, 1, 1)).toBe(null)
  })

  it('names the side of the patient instead of a sign', () => {
    const probe = { column: 1, row: 2, value: -612, unit: 'HU', rgb: null, samples: null }
    const words = probeWords(probe, [-57.6, 85.6, -117.5]).map(({ word, figure }) =>
      plain(`${word} ${figure}`),
    )
    expect(words).toEqual(['HU −612', 'R 57.6 mm', 'P 85.6 mm', 'z −117.5 mm', 'col 1', 'row 2'])
  })
})

describe('models', () => {
  it('says why nothing can be drawn', () => {
    expect(whyNoModel(null, 'CT')).toMatch(/still being checked/)
    expect(whyNoModel([], 'MR')).toBe('There is no model for MR.')
    expect(whyNoModel([], 'fundus')).toBe('There is no model for fundus photographs.')
    const refusal = { code: 'model-refused', reason: 'The checksum of encoder.onnx differs.' } as const
    const refused = {
      id: 'x',
      path: 'models/x',
      manifest: null,
      card: '',
      sizeBytes: 0,
      refusal,
      sha256: null,
      standing: null,
    }
    expect(modelsFor([refused], 'CT')).toEqual([])
    expect(whyNoModel([refused], 'CT')).toContain(refusal.reason)
  })

  it('reads a card as text, markup and all', () => {
    const card =
      '# Name\nIt draws `nodules`.\n\n- one\n  more\n- **two**\n\n| a | b |\n| - | - |\n| 1 | <b>2</b> |'
    expect(cardBlocks(card)).toEqual([
      { kind: 'heading', text: 'Name' },
      { kind: 'paragraph', text: 'It draws nodules.' },
      { kind: 'list', lines: ['one more', 'two'] },
      { kind: 'table', head: ['a', 'b'], rows: [['1', '<b>2</b>']] },
    ])
  })
})
