import { expect, test } from 'vitest'
import { companionOf } from './companion-masks'

const paths = [
  'chase/Image_01L.jpg',
  'chase/Image_01L_1stHO.png',
  'chase/Image_01L_2ndHO.png',
  'chase/Image_01R.jpg',
  'chase/fov/Image_01L_fov.png',
  'stare/stare-images/im0001.png',
  'stare/labels-ah/im0001.ah.png',
  'stare/labels-vk/im0001.vk.png',
  'stare/fov/im0001.fov.png',
  'drive/test/images/01_test.tif',
  'drive/test/1st_manual/01_manual1.gif',
  'drive/test/2nd_manual/01_manual2.gif',
  'drive/test/mask/01_test_mask.gif',
  'drive/training/images/21_training.tif',
  'drive/training/1st_manual/21_manual1.gif',
  'drive/training/mask/21_training_mask.gif',
  'own/eye.png',
  'own/eye_readerA.png',
  'own/eye_readerC.png',
  'own/eye_fov.png',
]

test.each([
  ['chase/Image_01L_1stHO.png', 'mask', 'chase/Image_01L.jpg', 'A'],
  ['chase/Image_01L_2ndHO.png', 'mask', 'chase/Image_01L.jpg', 'B'],
  ['chase/fov/Image_01L_fov.png', 'field-of-view', 'chase/Image_01L.jpg', ''],
  ['stare/labels-ah/im0001.ah.png', 'mask', 'stare/stare-images/im0001.png', 'A'],
  ['stare/labels-vk/im0001.vk.png', 'mask', 'stare/stare-images/im0001.png', 'B'],
  ['stare/fov/im0001.fov.png', 'field-of-view', 'stare/stare-images/im0001.png', ''],
  ['drive/test/1st_manual/01_manual1.gif', 'mask', 'drive/test/images/01_test.tif', 'A'],
  ['drive/test/2nd_manual/01_manual2.gif', 'mask', 'drive/test/images/01_test.tif', 'B'],
  ['drive/test/mask/01_test_mask.gif', 'field-of-view', 'drive/test/images/01_test.tif', ''],
  ['drive/training/1st_manual/21_manual1.gif', 'mask', 'drive/training/images/21_training.tif', 'A'],
  ['drive/training/mask/21_training_mask.gif', 'field-of-view', 'drive/training/images/21_training.tif', ''],
  ['own/eye_readerA.png', 'mask', 'own/eye.png', 'A'],
  ['own/eye_readerC.png', 'mask', 'own/eye.png', 'C'],
  ['own/eye_fov.png', 'field-of-view', 'own/eye.png', ''],
])('%s belongs to its photograph', (path, kind, imagePath, letter) => {
  expect(companionOf(path, paths)).toEqual({ kind, imagePath, letter })
})

test('photographs belong to nothing', () => {
  const photographs = [
    'chase/Image_01L.jpg',
    'stare/stare-images/im0001.png',
    'drive/test/images/01_test.tif',
  ]
  for (const path of photographs) expect(companionOf(path, paths)).toBeNull()
})

test('a mask whose photograph is missing belongs to nothing', () => {
  expect(companionOf('chase/Image_02L_1stHO.png', paths)).toBeNull()
  expect(companionOf('elsewhere/eye_readerA.png', paths)).toBeNull()
})

test('paths of Windows are read likewise and given back as they were', () => {
  const windows = paths.map((path) => `C:\\data\\${path.replaceAll('/', '\\')}`)
  expect(companionOf('C:\\data\\stare\\labels-vk\\im0001.vk.png', windows)).toEqual({
    kind: 'mask',
    imagePath: 'C:\\data\\stare\\stare-images\\im0001.png',
    letter: 'B',
  })
})
