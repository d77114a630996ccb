/** Folders for things of many: plain on every disk, two of them never differing by case alone. */

const plain = (name: string): string =>
  name
    .replace(/[^A-Za-z0-9._-]+/g, '_')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 150)

/** A folder's name for each, in the order of their names; names that would meet get a number. */
export function itemsByName<T>(
  things: readonly T[],
  nameOf: (thing: T) => string,
): readonly (readonly [itemId: string, thing: T])[] {
  const taken = new Set<string>()
  const byName = (a: T, b: T): number => (nameOf(a) < nameOf(b) ? -1 : nameOf(a) > nameOf(b) ? 1 : 0)
  return things.toSorted(byName).map((thing) => {
    const base = plain(nameOf(thing)) || 'item'
    let itemId = base
    for (let again = 2; taken.has(itemId.toLowerCase()); again += 1) itemId = `${base}-${again}`
    taken.add(itemId.toLowerCase())
    return [itemId, thing]
  })
}
