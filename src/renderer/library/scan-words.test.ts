import { expect, it } from 'vitest'
import { rootWords } from './scan-words'

it('names what the page sent and what the program made, and leaves folders as they are', () => {
  expect(rootWords('/tmp/margin-4b0MWT/uploads/03a92ea82af01369d40d2f74')).toBe(
    'files dropped or picked in this window',
  )
  expect(rootWords('C:\\Temp\\margin-4b0MWT\\demo')).toBe('the built-in case')
  expect(rootWords('/data/uploads/2026')).toBe('/data/uploads/2026')
})
