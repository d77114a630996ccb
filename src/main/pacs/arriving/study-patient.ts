import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { lookAtObject } from './look-at-object'

/** Whose a study is that lies in a folder: by its first object that can be read. */
export interface StudyPatient {
  readonly patientId: string
  /** Path of the object that says so. */
  readonly said: string
}

/** null: there is no such folder, or nothing in it that can be read. */
export function studyPatient(study: string): StudyPatient | null {
  if (!existsSync(study)) return null
  for (const name of readdirSync(study, { recursive: true, encoding: 'utf8' })) {
    const said = join(study, name)
    const found = name.endsWith('.dcm') ? lookAtObject(said) : ''
    if (typeof found !== 'string') return { patientId: found.patientId, said }
  }
  return null
}

export const patientOf = (study: string): string | null => studyPatient(study)?.patientId ?? null
