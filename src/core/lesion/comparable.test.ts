import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { SizeDistribution } from '../../contract'
import { datesApart, FEW_DRAW, whyNotCompared } from './comparable'

const scan = (studyDate: string, more: { patientId?: string; patientMark?: string } = {}) => ({
  ...{ patientId: 'P1', studyUid: '1.2', studyDate },
  ...more,
})
const dicom = (at: number): string => new Date(at).toISOString().slice(0, 10).replaceAll('-', '')
const DAY_MS = 86_400_000

test('days between two scans are those of the calendar, whichever comes first', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 20_000 }), fc.integer({ min: 1, max: 9000 }), (from, days) => {
      const [before, after] = [scan(dicom(from * DAY_MS)), scan(dicom((from + days) * DAY_MS))]
      expect(datesApart(before, after)).toEqual({ ok: true, value: { days, isFirstEarlier: true } })
      expect(datesApart(after, before)).toEqual({ ok: true, value: { days, isFirstEarlier: false } })
    }),
  )
  // A leap year's February, counted by hand.
  expect(datesApart(scan('20000228'), scan('20000301'))).toMatchObject({ value: { days: 2 } })
})

test('nothing is guessed: no date, one day, nobody or two people are refused in words', () => {
  const now = scan('20000101')
  const because = (other: ReturnType<typeof scan>): string => {
    const apart = datesApart(now, other)
    return apart.ok ? '' : apart.refusal.reason
  }
  expect(because(scan(''))).toContain('states no date')
  expect(because(scan('1999'))).toContain('states no date')
  expect(because(scan('20000101'))).toContain('same day')
  expect(because(scan('19990101', { patientId: 'P2' }))).toContain('two patients')
  // One ID, another birth date.
  expect(because(scan('19990101', { patientMark: 'born 1950' }))).toContain('two patients')
  expect(because(scan('19990101', { patientId: '' }))).toContain('do not say whose')
})

test('a lesion that was not followed to its end, that has no volume or that most samples do not draw is not compared', () => {
  const sized = (median: number | null): SizeDistribution => ({
    ...{ median, low95: median, high95: median },
    ...{ interval: median === null ? 'none' : 'range', values: [median] },
  })
  const whole = { first: 'few-draw', last: 'few-draw' } as const
  expect(whyNotCompared({ ends: whole, sizes: { volumeMm3: sized(9) }, mostDrawNothing: false })).toBeNull()
  expect(whyNotCompared({ ends: whole, sizes: {}, mostDrawNothing: false })).toContain('no volume')
  expect(whyNotCompared({ ends: whole, sizes: { volumeMm3: sized(null) }, mostDrawNothing: true })).toBe(
    FEW_DRAW,
  )
  expect(whyNotCompared({ ends: whole, sizes: { volumeMm3: sized(9) }, mostDrawNothing: true })).toBe(
    FEW_DRAW,
  )
  for (const end of ['series-ends', 'slices-missing', 'ran-into-something', 'too-far'] as const)
    for (const ends of [
      { ...whole, first: end },
      { ...whole, last: end },
    ])
      expect(whyNotCompared({ ends, sizes: { volumeMm3: sized(9) }, mostDrawNothing: false }), end).toContain(
        'not followed to its end',
      )
})
