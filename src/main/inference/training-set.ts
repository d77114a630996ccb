/** Whether a case is one that a model has learned from: its scores there say nothing about new patients. */
import { createHash } from 'node:crypto'
import { type Manifest, TRAINING_CASE, type Warning } from '../../contract'
import { TRAINING_PHOTOGRAPH_PIXELS, TRAINING_PHOTOGRAPHS } from './training-photographs'

const sha256 = (said: string | Uint8Array): string => createHash('sha256').update(said).digest('hex')

/**
 * The part of LIDC-IDRI that a patient was put in before any training, by the hash of its id (the rule of the data
 * that the packages were trained on): 12 % set aside, of the others 60 % for training. The first three by decree.
 */
export function isLidcTrainingPatient(patientId: string): boolean {
  if (!/^LIDC-IDRI-\d{4}$/.test(patientId) || /-000[123]$/.test(patientId)) return false
  const hash = sha256(patientId)
  const share = (from: number): number => Number.parseInt(hash.slice(from, from + 8), 16) / 2 ** 32
  return share(0) >= 0.12 && share(8) < 0.6
}

const learnedFrom = (manifest: Manifest, set: string): boolean =>
  (manifest.training.data?.name ?? '').includes(set)

const warning = (what: string): Warning => ({
  code: TRAINING_CASE,
  text: `${what} is in the training set of this model: it has seen these readers’ outlines, and its scores here say nothing about new patients.`,
})

export function patientInTraining(manifest: Manifest, patientId: string): readonly Warning[] {
  return learnedFrom(manifest, 'LIDC-IDRI') && isLidcTrainingPatient(patientId)
    ? [warning(`Patient ${patientId}`)]
    : []
}

/** By its pixels, whatever it is called now; by its name where it was written anew (another size, another format). */
export function photographInTraining(manifest: Manifest, name: string, rgb: Uint8Array): readonly Warning[] {
  if (!learnedFrom(manifest, 'CHASE_DB1')) return []
  // A hash of 200 MB would hold the thread that serves: only pictures of the sets' own sizes can be one of them.
  const pixels = TRAINING_PHOTOGRAPH_PIXELS.includes(rgb.length / 3) ? sha256(rgb) : ''
  const stem = name.replace(/\.[^.]*$/, '').toLowerCase()
  const known = TRAINING_PHOTOGRAPHS.find(([own, hash]) => hash === pixels || own.toLowerCase() === stem)
  return known === undefined ? [] : [warning(`This photograph (${known[0]})`)]
}
