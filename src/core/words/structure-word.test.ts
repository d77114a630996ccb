import { expect, test } from 'vitest'
import { structureWord } from './structure-word'

test('what a panel asks for is not called by what is usual on such an image, unless it is that', () => {
  expect(structureWord('Vessels', '')).toBe('Vessels')
  expect(structureWord('Vessels', 'Optic disc, along the scleral ring')).toBe('Structure')
  expect(structureWord('Vessels', 'The main vessel above the disc')).toBe('Vessels')
  expect(structureWord('Nodule', 'Nodules of 3 mm or more')).toBe('Nodule')
  expect(structureWord('Nodule', 'Liver metastases')).toBe('Structure')
})
