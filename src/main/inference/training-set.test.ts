import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { Manifest } from '../../contract'
import { TRAINING_PHOTOGRAPHS } from './training-photographs'
import { isLidcTrainingPatient, patientInTraining, photographInTraining } from './training-set'

const manifestOf = (id: string): Manifest =>
  Manifest.parse(
    JSON.parse(readFileSync(join(import.meta.dirname, '../../../models', id, 'manifest.json'), 'utf8')),
  )
const nodules = manifestOf('lidc-cflow-planar')
const vessels = manifestOf('retina-cflow-planar')

it('parts the patients of LIDC-IDRI by the hash of their ids, about half of them for training', () => {
  const ids = Array.from({ length: 1012 }, (_, at) => `LIDC-IDRI-${String(at + 1).padStart(4, '0')}`)
  const share = ids.filter(isLidcTrainingPatient).length / ids.length
  // 0.88 x 0.6 = 0.528; three standard errors of 1012 draws are 0.047.
  expect(Math.abs(share - 0.528)).toBeLessThan(0.047)
  expect(['LIDC-IDRI-0001', 'LIDC-IDRI-0002', 'LIDC-IDRI-0003'].map(isLidcTrainingPatient)).toEqual([
    false,
    false,
    false,
  ])
  // By sha256sum: 0004 is faa8cc32 88ae1cc8 …, shares 0.979 and 0.534.
  expect(isLidcTrainingPatient('LIDC-IDRI-0004')).toBe(true)
  expect(['', 'LIDC-IDRI-4', 'Anon'].map(isLidcTrainingPatient)).toEqual([false, false, false])
})

it('says so for models that learned from it, and for no other', () => {
  const [patient] = Array.from(
    { length: 40 },
    (_, at) => `LIDC-IDRI-${String(at + 4).padStart(4, '0')}`,
  ).filter(isLidcTrainingPatient)
  expect(
    patientInTraining(nodules, patient ?? '')
      .map(({ text }) => text)
      .join(),
  ).toContain(patient)
  expect(patientInTraining(nodules, 'LIDC-IDRI-0001')).toEqual([])
  expect(patientInTraining(vessels, patient ?? '')).toEqual([])
  const [[name]] = TRAINING_PHOTOGRAPHS as [readonly [string, string]]
  const black = new Uint8Array(3)
  expect(photographInTraining(vessels, `${name}.JPG`, black)).toHaveLength(1)
  expect(photographInTraining(nodules, `${name}.jpg`, black)).toEqual([])
  expect(photographInTraining(vessels, 'Image_08L.jpg', black)).toEqual([])
})
