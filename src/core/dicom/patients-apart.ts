/** Whose files they are: a series belongs to one patient, and files under one series UID may name several. */
import { TAG } from './elements'
import { textMark } from './made-up-uid'
import type { DataSet } from './read-elements'
import type { TextReader } from './text'
import { text } from './values'

const STATED = ['PatientID', 'IssuerOfPatientID', 'PatientBirthDate', 'PatientSex'] as const
/** Alphabetic, ideographic and phonetic (PS3.5 6.2.1). */
const NAME_GROUPS = 3

/** What says nothing of who is meant: case, width, spaces, and carets that close a name. */
const plain = (said: string): string =>
  said
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[\s^]+/g, ' ')
    .trim()

const mark = (said: string): string => (said === '' ? '' : textMark(said))

/**
 * Marks of what a file states of its patient, one a place: ID, issuer, birth date, sex and the groups of the name; '' for
 * what it does not state. Marks, since names go no further than they must.
 */
export function patientIdentity(set: DataSet, reader: TextReader): readonly string[] {
  const stated = STATED.map((keyword) => plain(text(set, TAG[keyword], reader)))
  const groups = text(set, TAG.PatientName, reader).split('=')
  const names = Array.from({ length: NAME_GROUPS }, (_none, at) => plain(groups[at] ?? ''))
  return [...stated, ...names].map(mark)
}

type Identity = readonly string[]

/** Nothing that both state differs. */
const agree = (one: Identity, other: Identity): boolean =>
  one.every((said, at) => said === '' || (other[at] ?? '') === '' || said === other[at])

const statedCount = (identity: Identity): number => identity.filter((said) => said !== '').length

/** Files of one patient. */
export interface OnePatient<T> {
  /** Tells the patients of one series apart; the same whatever other files there are. */
  readonly mark: string
  readonly files: readonly T[]
}

/**
 * Files by patient, in the order of the first file of each. What one file states and another leaves out is no
 * difference; a file that could belong to several of the patients belongs to none of them and stands by itself.
 */
export function byPatient<T>(
  files: readonly T[],
  identityOf: (file: T) => Identity,
): readonly OnePatient<T>[] {
  const known: Identity[] = []
  const said = new Map(files.map((file) => [identityOf(file).join('|'), identityOf(file)]))
  // Those that state the most first: they tell who the patients are.
  for (const identity of [...said.values()].sort((a, b) => statedCount(b) - statedCount(a)))
    if (!known.some((other) => agree(identity, other))) known.push(identity)
  const groups = new Map<string, T[]>()
  for (const file of files) {
    const own = identityOf(file)
    const [match, ...others] = known.filter((identity) => agree(own, identity))
    const key = (match === undefined || others.length > 0 ? own : match).join('|')
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [file])
    else group.push(file)
  }
  return [...groups].map(([key, own]) => ({ mark: textMark(key), files: own }))
}
