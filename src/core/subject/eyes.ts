import { folderOf } from './folder-of'

/** What the name of a photograph says of the eye, and what it says besides. */
interface EyeInName {
  readonly eye: 'left' | 'right' | null
  /** The name without its ending and without the word for the eye; null where the name says no eye. */
  readonly rest: string | null
}

const WORDS = [
  ['left', /(^|[^A-Za-z])(?:OS|left)(?=[^A-Za-z]|$)/i],
  ['right', /(^|[^A-Za-z])(?:OD|right)(?=[^A-Za-z]|$)/i],
] as const
/** In capitals only: re-scan and Le Gall are no eyes. */
const CAPITALS = [
  ['left', /(^|[^A-Za-z])LE(?=[^A-Za-z]|$)/],
  ['right', /(^|[^A-Za-z])RE(?=[^A-Za-z]|$)/],
] as const
const LETTERS = [
  ['left', /(\d)L$/],
  ['right', /(\d)R$/],
] as const

/** From names such as 01L, 12_right, OS-3. */
export function eyeInName(name: string): EyeInName {
  const stem = name.replace(/\.[^.]+$/, '')
  for (const [left, right] of [WORDS, CAPITALS, LETTERS] as const) {
    const named = [left, right].filter(([, pattern]) => pattern.test(stem))
    // A name with both says neither.
    if (named.length > 1) return { eye: null, rest: null }
    for (const [eye, pattern] of named) return { eye, rest: plain(stem.replace(pattern, '$1')) }
  }
  return { eye: null, rest: null }
}

const OTHER: Readonly<Record<string, string>> = {
  ...{ os: 'od', od: 'os', le: 're', re: 'le', left: 'right', right: 'left', l: 'r', r: 'l' },
}

/** What the photograph of the other eye would be called, without its ending, in small letters; null where the name says no eye. */
export function stemOfOtherEye(name: string): string | null {
  const stem = name.replace(/\.[^.]+$/, '')
  if (eyeInName(name).eye === null) return null
  for (const [, pattern] of [...WORDS, ...CAPITALS, ...LETTERS]) {
    const found = pattern.exec(stem)
    if (found === null) continue
    const [whole, before = ''] = found
    const other = OTHER[whole.slice(before.length).toLowerCase()] ?? ''
    return (
      stem.slice(0, found.index) +
      before +
      other +
      stem.slice(found.index + whole.length)
    ).toLowerCase()
  }
  return null
}

/** Signs that only kept the word for the eye apart say nothing. */
const plain = (text: string): string =>
  text
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
    .toLowerCase()

/**
 * Whose eye a photograph shows: the patient that its file states, else as far as its name tells: photographs of one folder
 * whose names differ in nothing but the eye are of one patient. Null where neither says so.
 */
export function patientOfPhotograph({ path, name, patientId }: Named): string | null {
  if (patientId !== undefined) return patientId
  const { rest } = eyeInName(name)
  return rest === null ? null : `${folderOf(path)}/${rest}`
}

interface Named {
  readonly path: string
  readonly name: string
  readonly patientId?: string | undefined
}
interface Photograph extends Named {
  readonly imageId: string
  readonly eye: 'left' | 'right' | null
}

/** The photograph of the same patient's other eye, the first where there are several; null: none is open. */
export function fellowEye<T extends Photograph>(images: readonly T[], imageId: string): T | null {
  const own = images.find((one) => one.imageId === imageId)
  if (own === undefined) return null
  const patient = patientOfPhotograph(own)
  if (patient === null) return null
  const other = own.eye === 'left' ? 'right' : 'left'
  return (
    images.find((one) => own.eye !== null && one.eye === other && patientOfPhotograph(one) === patient) ??
    null
  )
}
