import { folderOf } from './folder-of'

type Eye = 'left' | 'right'

/** What the name of a photograph says of the eye, and what it says besides. */
interface EyeInName {
  readonly eye: Eye | null
  /** The name without its ending and without the words for the eye; null where the name says no eye. */
  readonly rest: string | null
  /** Why no eye was taken from a name that seems to say one; null where nothing is doubtful. */
  readonly doubt: string | null
}

/** What stands in the name and may mean an eye. */
interface Mark {
  readonly eye: Eye
  readonly text: string
  readonly at: number
  readonly kind: 'word' | 'numbered' | 'lone' | 'surname'
}

const EYES: Readonly<Record<string, Eye>> = {
  ...{ os: 'left', left: 'left', le: 'left', l: 'left' },
  ...{ od: 'right', right: 'right', re: 'right', r: 'right' },
}
/** LE and RE in capitals only: re-scan and Le Gall are no eyes. */
const PATTERNS = [
  ['word', /(?<!\p{L})(?:os|od|left|right)(?!\p{L})/giu],
  ['word', /(?<!\p{L})(?:LE|RE)(?!\p{L})/gu],
  ['numbered', /(?<=\d)[LR]$/gu],
  ['lone', /(?<![\p{L}\p{N}])[LR]$/gu],
] as const

const stemOf = (name: string): string => name.replace(/\.[^.]+$/, '')

function marksIn(stem: string): readonly Mark[] {
  return PATTERNS.flatMap(([kind, pattern]) =>
    [...stem.matchAll(pattern)].flatMap(({ 0: text, index: at }): Mark[] => {
      const eye = EYES[text.toLowerCase()]
      if (eye === undefined) return []
      // Where a name begins, a surname stands: LE_ANH_01. Numbers alone behind it are no given name.
      const isSurname = /^(?:LE|RE)$/.test(text) && at === 0 && /\p{L}/u.test(stem.slice(text.length))
      return [{ eye, text, at, kind: isSurname ? 'surname' : kind }]
    }),
  )
}

const quoted = (marks: readonly Mark[]): string => marks.map(({ text }) => `“${text}”`).join(' and ')

interface Said {
  readonly eye: Eye | null
  /** Of that eye. */
  readonly marks: readonly Mark[]
  readonly doubt: string | null
}

/** All that may mean an eye is weighed: what contradicts itself, or may be a surname, states none. */
function saidBy(stem: string): Said {
  const marks = marksIn(stem).toSorted((a, b) => a.at - b.at)
  const surnames = marks.filter(({ kind }) => kind === 'surname')
  const others = marks.filter(({ kind }) => kind !== 'surname')
  const [first] = others.filter(({ kind }) => kind !== 'lone')
  if (first === undefined) {
    // One letter alone may be anything, and states no eye; beside a word it may still contradict it.
    const doubt =
      surnames.length === 0
        ? null
        : `Its name begins with ${quoted(surnames)}, which may be a surname: no eye was taken from it.`
    return { eye: null, marks: [], doubt }
  }
  const weighed = others.some(({ kind }) => kind === 'word') ? others : marks
  if (weighed.some(({ eye }) => eye !== first.eye)) {
    return { eye: null, marks: [], doubt: `Its name holds ${quoted(weighed)}: no eye was taken from it.` }
  }
  return { eye: first.eye, marks: others, doubt: null }
}

/** The stem with each mark replaced, which stand in order and apart from each other. */
function replaced(stem: string, marks: readonly Mark[], by: (mark: Mark) => string): string {
  let [text, end] = ['', 0]
  for (const mark of marks) {
    text += stem.slice(end, mark.at) + by(mark)
    end = mark.at + mark.text.length
  }
  return text + stem.slice(end)
}

/** From names such as 01L, 12_right, OS-3. */
export function eyeInName(name: string): EyeInName {
  const stem = stemOf(name)
  const { eye, marks, doubt } = saidBy(stem)
  return { eye, rest: eye === null ? null : plain(replaced(stem, marks, () => '')), doubt }
}

const OTHER: Readonly<Record<string, string>> = {
  ...{ os: 'od', od: 'os', le: 're', re: 'le', left: 'right', right: 'left', l: 'r', r: 'l' },
}

/** What the photograph of the other eye would be called, without its ending, in small letters; null where the name says no eye. */
export function stemOfOtherEye(name: string): string | null {
  const stem = stemOf(name)
  const { eye, marks } = saidBy(stem)
  if (eye === null) return null
  return replaced(stem, marks, ({ text }) => OTHER[text.toLowerCase()] ?? text).toLowerCase()
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
