import { expect, test } from 'vitest'
import type { ImageSummary, ScanResult } from '../../contract'
import { imageSubject } from '../../core/subject/subject'
import { pictureRows } from './picture-rows'

const image = (path: string): ImageSummary => ({
  ...{ imageId: path, path, name: path.split('/').at(-1) ?? '', format: 'jpeg', width: 9, height: 9 },
  ...{ bitsPerChannel: 8, channels: 3, eye: null, warnings: [] },
})
const found = (...paths: readonly string[]): ScanResult => ({
  ...{ series: [], images: paths.map(image), annotations: [], refused: [] },
  ...{ filesRead: paths.length, scannedAt: 'now', roots: ['/eyes'] },
})

test('photographs of a folder stand together, those at the top of the opened one too', () => {
  const result = found('one.jpg', 'two.jpg', 'other/three.jpg', 'other/four.jpg', 'other/deep/five.jpg')
  const titles = (imageId: string): readonly string[] =>
    pictureRows(result, imageSubject(imageId), new Map()).rows.map(({ title }) => title)
  expect(titles('one.jpg')).toEqual(['one.jpg', 'two.jpg'])
  expect(titles('other/four.jpg')).toEqual(['three.jpg', 'four.jpg'])
  expect(titles('other/deep/five.jpg')).toEqual(['five.jpg'])
})
