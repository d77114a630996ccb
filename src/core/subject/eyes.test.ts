import fc from 'fast-check'
import { expect, test } from 'vitest'
import { eyeInName, fellowEye, patientOfPhotograph, stemOfOtherEye } from './eyes'

const photograph = (path: string) => {
  const name = path.split('/').at(-1) ?? ''
  return { imageId: path, path, name, eye: eyeInName(name).eye }
}

test('the eye stands in the name as it is published and as clinics write it', () => {
  for (const name of ['Image_01L.jpg', '12_left.png', 'OS-3.tif', 'p7 os.jpg', 'left.png', 'LE_4.png'])
    expect(eyeInName(name).eye, name).toBe('left')
  for (const name of ['Image_01R.jpg', '12_right.png', 'OD-3.tif', 'right.jpg', 'p7.RE.png'])
    expect(eyeInName(name).eye, name).toBe('right')
  // A word that holds the letters is no word for an eye.
  for (const name of ['im0001.png', 'model.png', 'rood.png', 'COLOR.png', 'leopard.png', 'L.png'])
    expect(eyeInName(name).eye, name).toBe(null)
})

test('both eyes are of one patient, whichever way they are called, and each is the other’s fellow', () => {
  const pairs = fc.constantFrom(['L', 'R'], ['_left', '_right'], ['-OS', '-OD'], [' LE', ' RE'])
  const numbers = fc.uniqueArray(fc.integer({ min: 0, max: 99 }), { minLength: 2, maxLength: 5 })
  fc.assert(
    fc.property(pairs, numbers, ([left, right], patients) => {
      const images = patients.flatMap((patient) => [
        photograph(`/eyes/Image_${patient}${left}.jpg`),
        photograph(`/eyes/Image_${patient}${right}.jpg`),
      ])
      expect(new Set(images.map(patientOfPhotograph)).size).toBe(patients.length)
      for (const [at, one] of images.entries())
        expect(fellowEye(images, one.imageId)).toBe(images[at % 2 === 0 ? at + 1 : at - 1])
    }),
  )
})

test('nobody is merged who may be somebody else: other folders, other numbers, names without an eye', () => {
  const apart = ['/a/Image_01L.jpg', '/b/Image_01R.jpg'].map(photograph)
  expect(patientOfPhotograph(photograph('/a/im0001.png'))).toBe(null)
  expect(apart.map(({ imageId }) => fellowEye(apart, imageId))).toEqual([null, null])
  expect(patientOfPhotograph(photograph('/a/Image_01L.jpg'))).not.toBe(
    patientOfPhotograph(photograph('/a/Image_011R.jpg')),
  )
  const alone = { path: 'C:\\eyes\\1\\left.png', name: 'left.png' }
  expect(patientOfPhotograph(alone)).toBe('C:\\eyes\\1/')
})

test('small letters that are no word for an eye, and names that say both, say neither', () => {
  for (const name of ['re-scan_01.jpg', 'IMG_0012_re.jpg', 'Le_Gall.jpg', 'left_of_right.png', 'OD_OS.jpg'])
    expect(eyeInName(name).eye, name).toBe(null)
  expect(eyeInName('Le_Gall_OD.jpg').eye).toBe('right')
})

test.each([
  'LE_BRUN_R.png',
  'LE_ANH_01R.png',
  'MILLER_LE_R.png',
  'RE_anna_01L.png',
  'LE_DUC_anna.png',
  'VAN_OS_01R.jpg',
  'OD_left.png',
  'patient_RE_2_LE.png',
  'left_of_right.png',
])('%s: what may be a surname, or contradicts itself, states no eye, and that is said', (name) => {
  const { eye, rest, doubt } = eyeInName(name)
  expect([eye, rest]).toEqual([null, null])
  expect(doubt).toMatch(/no eye was taken from it/)
})

test('a surname beside a word for the eye is part of the name', () => {
  for (const [right, left] of [
    ['LE_GALL_OD.jpg', 'LE_GALL_OS.jpg'],
    ['LE_GALL_RE.jpg', 'LE_GALL_LE.jpg'],
    ['RA_OD_R.jpg', 'RA_OS_L.jpg'],
  ] as const) {
    const images = [right, left].map((name) => photograph(`/eyes/${name}`))
    expect(images.map(({ eye }) => eye)).toEqual(['right', 'left'])
    expect(images.map(({ name }) => eyeInName(name).doubt)).toEqual([null, null])
    expect(fellowEye(images, `/eyes/${right}`)).toBe(images[1])
    expect(stemOfOtherEye(right)).toBe(left.replace('.jpg', '').toLowerCase())
  }
})

test('no word for one eye is ever silent about a word for the other, wherever both stand', () => {
  const left = fc.constantFrom('OS', 'left', 'os', 'Left')
  const right = fc.constantFrom('OD', 'right', 'od', '7R', 'R')
  fc.assert(
    fc.property(left, right, fc.constantFrom('anna', '12', 'scan 3'), (one, other, between) => {
      const { eye, doubt } = eyeInName(`${one}_${between}_${other}.png`)
      expect(eye).toBe(null)
      expect(doubt).not.toBe(null)
    }),
  )
})
