import { expect, test } from 'vitest'
import { patientWords, seriesWords } from './archive-words'

/** Components of PS3.5 6.2 (PN): family, given, middle, prefix, suffix. */
test.each([
  ['MISTER^CT', 'MISTER, CT'],
  ['Adams^John Robert Quincy^^Rev.^B.A. M.Div.', 'Adams, Rev. John Robert Quincy, B.A. M.Div.'],
  ['Doe', 'Doe'],
  ['^Only', 'Only'],
  ['', 'no name'],
])('a name %s is read %s', (name, words) => {
  expect(patientWords(name)).toBe(words)
})

test('a series is never an empty line', () => {
  expect(seriesWords({ seriesNumber: 3, description: 'Chest' })).toBe('Series 3, Chest')
  expect(seriesWords({ seriesNumber: null, description: '' })).not.toBe('')
})
