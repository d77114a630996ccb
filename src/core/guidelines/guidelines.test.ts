import { describe, expect, it } from 'vitest'
import { countClasses } from './classes'
import { fleischnerDiameterCut, fleischnerVolumeCut, tooThick } from './fleischner-2017'
import { lungRadsDiameterCut, lungRadsVolumeCut } from './lung-rads-2022'

describe('Fleischner 2017', () => {
  it.each([
    [5.49, '< 6 mm'],
    [5.5, '6–8 mm'],
    [8.49, '6–8 mm'],
    [8.5, '> 8 mm'],
  ])('rounds %f mm to whole millimetres first', (mm, name) => {
    expect(fleischnerDiameterCut('solid').classOf(mm)).toBe(name)
  })

  it.each([
    [99.9, '< 100 mm³'],
    [100, '100–250 mm³'],
    [250, '100–250 mm³'],
    [250.1, '> 250 mm³'],
  ])('keeps both ends of 100 to 250 mm³: %f', (mm3, name) => {
    expect(fleischnerVolumeCut('solid').classOf(mm3)).toBe(name)
  })

  it('says so where slices are thicker than it assumes', () => {
    expect(tooThick(1.5)).toBeNull()
    expect(tooThick(null)).toBeNull()
    expect(tooThick(2.5)?.text).toContain('2.5 mm')
  })

  it('knows no middle class of what is not solid', () => {
    expect(fleischnerDiameterCut('ground-glass').classes).toEqual(['< 6 mm', '≥ 6 mm'])
    expect(fleischnerDiameterCut('part-solid').classOf(20)).toBe('≥ 6 mm')
  })
})

describe('Lung-RADS v2022', () => {
  it.each([
    [5.94, '2: < 6 mm'],
    [5.95, '3: 6 to < 8 mm'],
    [7.94, '3: 6 to < 8 mm'],
    [7.95, '4A: 8 to < 15 mm'],
    [14.95, '4B: ≥ 15 mm'],
  ])('rounds %f mm to a tenth first', (mm, name) => {
    expect(lungRadsDiameterCut('solid').classOf(mm)).toBe(name)
  })

  it.each([
    [112.4, '2: < 113 mm³'],
    [112.5, '3: 113 to < 268 mm³'],
    [1766.5, '4B: ≥ 1767 mm³'],
  ])('rounds %f mm³ to whole ones first', (mm3, name) => {
    expect(lungRadsVolumeCut('solid').classOf(mm3)).toBe(name)
  })

  it('tells only the first cut of a part-solid nodule, whose solid part nobody outlined', () => {
    expect(lungRadsDiameterCut('part-solid').classes).toHaveLength(2)
  })
})

describe('counts of classes', () => {
  it('counts every value once and names classes that none falls into', () => {
    const counts = countClasses([4, 5, 7, 20], fleischnerDiameterCut('solid'))
    expect(counts).toEqual([
      { name: '< 6 mm', count: 2 },
      { name: '6–8 mm', count: 1 },
      { name: '> 8 mm', count: 1 },
    ])
  })
})
