import { expect, test } from 'vitest'
import { accept, refuse } from '../../contract'
import type { LibraryService } from '../library/library-service'
import { createSubjects } from './subjects'

const nothingKept = {
  subjectsKept: () => Promise.resolve(accept([])),
  firstInstancesOf: () => Promise.resolve(accept([])),
}

/** A library of photographs that are told apart by one pixel; `damaged` cannot be decoded. */
function libraryOf(names: readonly string[]) {
  let decoded = 0
  const library = {
    current: () => ({
      images: names.map((name) => ({ imageId: name, name, path: `/eyes/${name}` })),
      ...{ series: [], scannedAt: 'now' },
    }),
    photograph: (imageId: string) => {
      decoded += 1
      if (imageId === 'damaged')
        return Promise.resolve(refuse('picture-unsupported', 'It cannot be decoded.'))
      const bytes = new TextEncoder().encode(imageId)
      return Promise.resolve(accept({ description: { widthPx: 1, heightPx: 1 }, bytes }))
    },
  } as unknown as LibraryService
  return { library, decoded: () => decoded }
}

test('a photograph that an earlier start knew is found again by its pixels, and no more is decoded than it takes', async () => {
  const before = createSubjects(libraryOf(['a', 'b', 'c']).library, nothingKept)
  const found = await before.find({ kind: 'image', imageId: 'b' })
  const key = found.ok ? found.value.key : ''

  const { library, decoded } = libraryOf(['damaged', 'a', 'moved', 'b', 'c'])
  const after = createSubjects(library, nothingKept)
  expect(await after.subjectOf(key)).toBeNull()
  await after.locate([key, 'series:1.2.3'])
  expect(await after.subjectOf(key)).toEqual({ kind: 'image', imageId: 'b' })
  expect(decoded()).toBe(4)
  await after.locate([key])
  expect(decoded()).toBe(4)
  await after.locate([key, 'image:of nowhere'])
  expect(await after.subjectOf('image:of nowhere')).toBeNull()
})

test('two eyes of one patient are of one patient, and a photograph whose name says no eye is of nobody known', async () => {
  const subjects = createSubjects(
    libraryOf(['Image_01L.jpg', 'Image_01R.jpg', 'im0001.png']).library,
    nothingKept,
  )
  const patientOf = async (imageId: string): Promise<string | null | undefined> => {
    const found = await subjects.find({ kind: 'image', imageId })
    return found.ok ? found.value.patientId : undefined
  }
  expect(await patientOf('Image_01L.jpg')).toBe(await patientOf('Image_01R.jpg'))
  expect(await patientOf('Image_01L.jpg')).toContain('image 01')
  expect(await patientOf('im0001.png')).toBe(null)
})
