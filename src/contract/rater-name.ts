/**
 * What a person cannot see, and another cannot type: controls and line ends, marks that turn the direction of writing
 * (U+202A to E, U+2066 to 9), characters of no width, halves of pairs, and letters that are drawn as blanks.
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\u115f\u1160\u2800\u3164\uffa0]/u
const LONGEST_NAME = 80

const codeOf = (character: string): string =>
  `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`

/** Why nobody can be called so; null: somebody can. */
export function raterNameFault(name: string): string | null {
  const [unseen] = UNSEEN.exec(name) ?? []
  if (unseen !== undefined)
    return `The name holds ${codeOf(unseen)}, a character that cannot be seen: type the name again without it.`
  if (name.trim() === '') return 'A rater needs a name, and blanks are none.'
  return name.trim().length > LONGEST_NAME ? `The name is longer than ${LONGEST_NAME} characters.` : null
}

/** A name that an earlier version took, with what cannot be seen written out; of others nothing changes. */
export const shownRaterName = (name: string): string =>
  name
    .replace(new RegExp(UNSEEN, 'gu'), (unseen) => `⟨${codeOf(unseen)}⟩`)
    .trim()
    .slice(0, LONGEST_NAME)
