import { expect, it } from 'vitest'
import { NO_BREAK } from './numbers'
import { priorWords } from './study-words'

const words = (date: string, newest: string | null): string =>
  priorWords(date, newest, false).replaceAll(NO_BREAK, ' ')

it('says how long before, as coarse as one would say it', () => {
  expect(words('20240229', '20240301')).toBe('prior, 1 day before')
  expect(words('20240101', '20240114')).toBe('prior, 13 days before')
  expect(words('20240101', '20240212')).toBe('prior, 6 weeks before')
  expect(words('20230201', '20240101')).toBe('prior, 11 months before')
  expect(words('20220101', '20240101')).toBe('prior, 24 months before')
  expect(words('20000101', '20240101')).toBe('prior, 24 years before')
  expect(words('20240101', '20240101')).toBe('the same day')
})

it('claims nothing where a date is not known, or is none', () => {
  expect(words('', '20240101')).toBe('date not stated')
  expect(words('20241399', '20240101')).toBe('date not stated')
  expect(words('20240101', null)).toBe('')
  expect(priorWords('20240101', '20240101', true)).toBe('')
})

it('what came after the study that is read is later, never prior', () => {
  expect(words('20240101', '20230201')).toBe('later, 11 months after')
})
