import { describe, expect, it } from 'vitest'
import { countClasses } from './classes'
import { fleischnerDiameterCut, fleischnerVolumeCut, tooThick } from './fleischner-2017'
import { tooLong } from '../lesion/no-nodule'
import { guidelineShares } from './guideline-shares'
import { lungRadsDiameterCut, lungRadsVolumeCut } from './lung-rads-2022'

const fleischner = { mm: fleischnerDiameterCut('solid'), 'mm³': fleischnerVolumeCut('solid') }
const lungRads = { mm: lungRadsDiameterCut('solid'), 'mm³': lungRadsVolumeCut('solid') }

const size = { median: 10, low95: 9, high95: 11, interval: 'central-95' as const, values: [10] }
const lesion: Parameters<typeof guidelineShares>[0] = {
  sizes: { volumeMm3: size, meanDiameterMm: size },
  ends: { first: 'few-draw', last: 'few-draw' },
  warnings: [],
}
const alongMm = (index: number): number => 2.5 * index
const slicesOf = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

describe('what has classes', () => {
  it('is not longer than any nodule, and by volume it was followed to its end', () => {
    const measures = (more: object): string[] =>
      guidelineShares({ ...lesion, ...more }, 'solid').map(({ measure }) => measure)
    expect(new Set(measures({}))).toEqual(new Set(['meanDiameterMm', 'volumeMm3']))
    const ends = { first: 'few-draw', last: 'slices-missing' }
    expect(new Set(measures({ ends }))).toEqual(new Set(['meanDiameterMm']))
    const slabs = { thicknessMm: slicesOf(200).map(() => 2.5), gapAfter: [] }
    const places = {
      slabs,
      alongMm,
      shiftMm: () => ({ x: 0, y: 0 }),
      shiftPx: () => ({ columns: 0, rows: 0 }),
    }
    expect(tooLong(slicesOf(40), places)).toBeNull()
    const long = tooLong(slicesOf(41), places)
    expect(long?.text).toMatch(/^Followed over 103\smm: this is no nodule/)
    expect(measures({ warnings: [long] })).toEqual([])
    expect(tooLong(slicesOf(60), { ...places, slabs: null })).toBeNull()
    expect(tooLong(slicesOf(61), { ...places, slabs: null })?.text).toMatch(/61\sslices/)
  })
})

describe('each guideline rounds in its own way before it cuts', () => {
  it.each([
    ['Fleischner: whole millimetres', fleischner.mm, 5.49, '< 6 mm'],
    ['Fleischner', fleischner.mm, 5.5, '6–8 mm'],
    ['Fleischner', fleischner.mm, 8.49, '6–8 mm'],
    ['Fleischner', fleischner.mm, 8.5, '> 8 mm'],
    ['Fleischner: volumes as they are', fleischner['mm³'], 99.9, '< 100 mm³'],
    ['Fleischner', fleischner['mm³'], 100, '100–250 mm³'],
    ['Fleischner', fleischner['mm³'], 250, '100–250 mm³'],
    ['Fleischner', fleischner['mm³'], 250.1, '> 250 mm³'],
    ['Lung-RADS: tenths', lungRads.mm, 5.94, '2: < 6 mm'],
    ['Lung-RADS', lungRads.mm, 5.95, '3: 6 to < 8 mm'],
    ['Lung-RADS', lungRads.mm, 7.94, '3: 6 to < 8 mm'],
    ['Lung-RADS', lungRads.mm, 7.95, '4A: 8 to < 15 mm'],
    ['Lung-RADS', lungRads.mm, 14.95, '4B: ≥ 15 mm'],
    ['Lung-RADS: whole mm³', lungRads['mm³'], 112.4, '2: < 113 mm³'],
    ['Lung-RADS', lungRads['mm³'], 112.5, '3: 113 to < 268 mm³'],
    ['Lung-RADS', lungRads['mm³'], 1766.5, '4B: ≥ 1767 mm³'],
  ])('%s: %#', (_guideline, cut, value, name) => {
    expect(cut.classOf(value)).toBe(name)
  })

  it('knows no middle class of what is not solid, and only the first cut of what is partly', () => {
    expect(fleischnerDiameterCut('ground-glass').classes).toEqual(['< 6 mm', '≥ 6 mm'])
    expect(fleischnerDiameterCut('part-solid').classOf(20)).toBe('≥ 6 mm')
    expect(lungRadsDiameterCut('part-solid').classes).toHaveLength(2)
  })

  it('says so where slices are thicker than Fleischner assumes', () => {
    expect(tooThick(1.5)).toBeNull()
    expect(tooThick(null)).toBeNull()
    expect(tooThick(2.5)?.text).toContain('2.5 mm')
  })

  it('counts every value once and names classes that none falls into', () => {
    expect(countClasses([4, 5, 7, 20], fleischner.mm)).toEqual([
      { name: '< 6 mm', count: 2 },
      { name: '6–8 mm', count: 1 },
      { name: '> 8 mm', count: 1 },
    ])
    expect(countClasses([], fleischner.mm).map(({ count }) => count)).toEqual([0, 0, 0])
  })
})
