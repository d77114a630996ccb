/** A mask that lies beside a photograph and belongs to it by name. */
export interface Companion {
  readonly kind: 'mask' | 'field-of-view'
  /** The photograph, spelled as in the list of paths. */
  readonly imagePath: string
  /** A, B … of the reader in the order of the set; empty for a field of view. */
  readonly letter: string
}

interface NameRule {
  /** Group 1 is the stem of the photograph; group 2, where there is one, the reader's letter. */
  readonly name: RegExp
  readonly kind: Companion['kind']
  readonly letter: string
  /** What may follow the stem in the photograph's name. */
  readonly imageEndings: readonly string[]
}

const EXTENSION = String.raw`\.(?:png|gif|tiff?|bmp|jpe?g|pgm|ppm)$`
const rule = (
  name: string,
  kind: Companion['kind'],
  letter: string,
  imageEndings: readonly string[] = [''],
): NameRule => ({ name: new RegExp(name + EXTENSION, 'i'), kind, letter, imageEndings })

/** CHASE_DB1, STARE, DRIVE and our own plain names, as they are published. */
const NAME_RULES: readonly NameRule[] = [
  rule('^(.+)_1stHO', 'mask', 'A'),
  rule('^(.+)_2ndHO', 'mask', 'B'),
  rule(String.raw`^(.+)\.ah`, 'mask', 'A'),
  rule(String.raw`^(.+)\.vk`, 'mask', 'B'),
  rule('^(.+)_manual1', 'mask', 'A', ['_test', '_training']),
  rule('^(.+)_manual2', 'mask', 'B', ['_test', '_training']),
  rule('^(.+)_reader([A-Z])', 'mask', ''),
  rule('^(.+_(?:test|training))_mask', 'field-of-view', ''),
  rule('^(.+)[._]fov', 'field-of-view', ''),
]

/** Folders that hold companions: their photographs lie one folder up, or in a folder of images beside them. */
const COMPANION_FOLDER = /^(?:fov|mask|1st_manual|2nd_manual|labels-[a-z]+)$/i
const IMAGE_FOLDERS = ['', 'images', 'stare-images']

interface SplitPath {
  readonly folder: readonly string[]
  readonly name: string
}

function split(path: string): SplitPath {
  const parts = path.split(/[\\/]/)
  return { folder: parts.slice(0, -1), name: parts.at(-1) ?? '' }
}

function foldersOfImages(folder: readonly string[]): readonly string[] {
  const own = folder.join('/')
  if (!COMPANION_FOLDER.test(folder.at(-1) ?? '')) return [own]
  const parent = folder.slice(0, -1)
  return [own, ...IMAGE_FOLDERS.map((name) => (name === '' ? parent : [...parent, name]).join('/'))]
}

const stemOf = (name: string): string =>
  name
    .replace(/\.[^.]*$/, '')
    .normalize('NFC')
    .toLowerCase()

/**
 * The photograph that the file at `path` is a mask of, by its name alone and only when that photograph is among
 * `paths`; null when the name follows none of the known conventions or the photograph is missing.
 */
export function companionOf(path: string, paths: readonly string[]): Companion | null {
  const { folder, name } = split(path)
  for (const { name: pattern, kind, letter, imageEndings } of NAME_RULES) {
    const match = pattern.exec(name)
    if (match === null) continue
    const [, stem = '', matchedLetter = ''] = match
    const imageStems = imageEndings.map((ending) => (stem + ending).normalize('NFC').toLowerCase())
    const folders = foldersOfImages(folder)
    const imagePath = paths.find((candidate) => {
      if (candidate === path) return false
      const image = split(candidate)
      return imageStems.includes(stemOf(image.name)) && folders.includes(image.folder.join('/'))
    })
    if (imagePath !== undefined) return { kind, imagePath, letter: letter || matchedLetter.toUpperCase() }
  }
  return null
}
