/** FNV-1a over the code units of a text, as 8 hexadecimal digits; `seed` makes a second, independent one. */
function fnv1a(text: string, seed: number): string {
  let hash = seed >>> 0
  for (let index = 0; index < text.length; index += 1)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0
  return hash.toString(16).padStart(8, '0')
}

const UID = /^[0-9A-Za-z][0-9A-Za-z._-]{0,63}$/

/** A UID that the program made up for a file without one: the same for the same path, and never taken for a real one. */
export const madeUpUid = (kind: 'study' | 'series' | 'instance', path: string): string =>
  `margin.${kind}.${fnv1a(path, 0x811c9dc5)}${fnv1a(path, 0x9dc5811c)}`

/** A UID of the file where it can be one; null for what is missing or could be mistaken for a path or markup. */
export const usableUid = (uid: string): string | null => (UID.test(uid) ? uid : null)
