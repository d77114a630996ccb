/** What a person should be asked before a picture becomes a reading of a photograph. */
import { PICTURE_TURNED, type Warning } from '../../../contract'
import { countPixels, type Mask } from '../../image/mask'
import { stemOfOtherEye } from '../../subject/eyes'
import { eyeOf } from '../../words/case-words'
import { formatNumber, NO_BREAK } from '../../words/numbers'
import { nameKey } from './picture-names'

interface MaskedPhotograph extends NamedPhotograph {
  readonly warnings: readonly Warning[]
}

interface NamedPhotograph {
  readonly imageId: string
  readonly name: string
  readonly eye: 'left' | 'right' | null
}

/** Vessels, lesions, a disc cover less; more is an inverted mask, a field of view, or a picture all of one colour. */
const MOST_SHARE = 0.5

/** Whether a name begins with another and goes on with no letter or digit of the same word. */
const beginsWith = (key: string, start: string): boolean =>
  start !== '' && key.startsWith(start) && !/^[\p{L}\p{N}]/u.test(key.slice(start.length))

/**
 * The open photograph that the file is named after, where it is not `own`: the longest name counts, since one may begin
 * with another. Null where the file's name begins with that of no other.
 */
function namedAfter(
  path: string,
  own: NamedPhotograph,
  photographs: readonly NamedPhotograph[],
): NamedPhotograph | null {
  const key = nameKey(path)
  const found = photographs
    .filter(({ name }) => beginsWith(key, nameKey(name)))
    .sort((a, b) => b.name.length - a.name.length)
  const longest = nameKey(found[0]?.name ?? '')
  // Two patients may have a photograph of one name: then nothing is said of the other.
  return longest === '' || longest === nameKey(own.name) ? null : (found[0] ?? null)
}

function doubtOfName(
  path: string,
  own: NamedPhotograph,
  photographs: readonly NamedPhotograph[],
): string | null {
  const file = path.split(/[\\/]/).at(-1) ?? path
  const other = namedAfter(path, own, photographs)
  if (other !== null)
    return `“${file}” is named after ${other.name} (${eyeOf(other)}), another photograph that is open; this one is ${own.name} (${eyeOf(own)}).`
  const stem = stemOfOtherEye(own.name)
  return stem !== null && beginsWith(nameKey(path), stem.normalize('NFC'))
    ? `“${file}” is named after the other eye of this patient; this photograph is ${own.name} (${eyeOf(own)}).`
    : null
}

/** What marks nothing, or more than there can be. */
function doubtOfPixels({ widthPx, heightPx, pixels }: Mask): string | null {
  const marked = countPixels({ widthPx, heightPx, pixels })
  if (marked === 0)
    return 'The mask marks no pixel: it would stand as a reading that found nothing here, and count as one.'
  const share = marked / (widthPx * heightPx)
  return share < MOST_SHARE
    ? null
    : `The mask marks ${formatNumber(share * 100, 1)}${NO_BREAK}% of the picture: it may be inverted, or the field of view.`
}

/** A mask of the pixels as they are stored has the size of the turned picture, or may have it. */
const doubtOfTurn = ({ name, warnings }: MaskedPhotograph): string | null =>
  warnings.some(({ code }) => code === PICTURE_TURNED)
    ? `${name} is shown turned or mirrored, as its file says: a mask of the pixels as they are stored would lie turned or mirrored on it.`
    : null

/** In words, what is doubtful of a mask that is laid on the photograph `own`; empty where nothing is. */
export const doubtsOfMask = (
  path: string,
  mask: Mask,
  own: MaskedPhotograph,
  photographs: readonly NamedPhotograph[],
): readonly string[] =>
  [doubtOfName(path, own, photographs), doubtOfPixels(mask), doubtOfTurn(own)].flatMap((doubt) => doubt ?? [])
