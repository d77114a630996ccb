/** A title that fits what was typed: which letters did, and how well. */
export interface PaletteMatch<T> {
  readonly entry: T
  /** Ranges of the title, from and to (not included), that the typed letters fell on. */
  readonly ranges: readonly (readonly [number, number])[]
  readonly score: number
}

/**
 * Fuzzy filter: all typed letters in order, spaces apart. A run of letters counts more than scattered ones, the
 * start of a word more than its middle. Best first; equal ones keep the order of the table.
 */
export function filterPalette<T extends { readonly title: string }>(
  entries: readonly T[],
  typed: string,
): readonly PaletteMatch<T>[] {
  const query = typed.toLowerCase().replaceAll(/\s+/g, '')
  if (query === '') return entries.map((entry) => ({ entry, ranges: [], score: 0 }))
  return entries
    .flatMap((entry) => {
      const match = bestMatch(entry.title.toLowerCase(), query)
      return match === null ? [] : [{ entry, ...match }]
    })
    .sort((a, b) => b.score - a.score)
}

interface Found {
  readonly ranges: readonly (readonly [number, number])[]
  readonly score: number
}

/** Tries every place where the first letter stands and keeps the best reading from there. */
function bestMatch(title: string, query: string): Found | null {
  let best: Found | null = null
  for (
    let start = title.indexOf(query.charAt(0));
    start >= 0;
    start = title.indexOf(query.charAt(0), start + 1)
  ) {
    const found = matchFrom(title, query, start)
    if (found !== null && (best === null || found.score > best.score)) best = found
  }
  return best
}

function matchFrom(title: string, query: string, start: number): Found | null {
  const ranges: [number, number][] = []
  let score = 0
  let at = start
  for (const letter of query) {
    const place = title.indexOf(letter, at)
    if (place < 0) return null
    const last = ranges.at(-1)
    if (last?.[1] === place) {
      last[1] = place + 1
      score += 3
    } else {
      ranges.push([place, place + 1])
      score += place === 0 || title.charAt(place - 1) === ' ' ? 2 : -1
    }
    at = place + 1
  }
  return { ranges, score: score - start / 100 }
}

/** The title in pieces, so that the matched letters can be set strong without any markup in text. */
export function titlePieces(
  title: string,
  ranges: readonly (readonly [number, number])[],
): readonly { readonly text: string; readonly strong: boolean }[] {
  const pieces: { text: string; strong: boolean }[] = []
  let at = 0
  for (const [from, to] of ranges) {
    if (from > at) pieces.push({ text: title.slice(at, from), strong: false })
    pieces.push({ text: title.slice(from, to), strong: true })
    at = to
  }
  if (at < title.length) pieces.push({ text: title.slice(at), strong: false })
  return pieces
}
