import { expect, it } from 'vitest'
import type { Refusal } from '../../contract'
import { rootWords, sortedRefusals, stoppedWords } from './scan-words'

it('names what the page sent and what the program made, and leaves folders as they are', () => {
  expect(rootWords('/tmp/margin-4b0MWT/uploads/03a92ea82af01369d40d2f74')).toBe(
    'files dropped or picked in this window',
  )
  expect(rootWords('C:\\Temp\\margin-4b0MWT\\demo')).toBe('the built-in case')
  expect(rootWords('/data/uploads/2026')).toBe('/data/uploads/2026')
})

it('keeps images that could not be read apart from files that are none, each in its order', () => {
  const of = (code: Refusal['code'], path: string): Refusal => ({ code, path, reason: '' })
  const [text, cut, image, list] = [
    of('not-dicom', 'README'),
    of('truncated', 'a.dcm'),
    of('picture-unsupported', 'b.png'),
    of('not-dicom', 'list.csv'),
  ]
  expect(sortedRefusals([text, cut, image, list])).toEqual({ images: [cut, image], others: [text, list] })
})

it('says what a stop leaves: files that were opened before, or images that are kept', () => {
  const counts = { filesRead: 34, filesTotal: 133 }
  expect(stoppedWords({ of: 'opening', ...counts })).toContain('34 of 133 files')
  expect(stoppedWords({ of: 'fetching', ...counts })).toMatch(/34 of 133 images are here and kept/)
})
