/**
 * The one text of a value: keys sorted by UTF-16 code units, no white space, numbers and strings as ECMAScript writes
 * them (RFC 8785). Equal values give equal texts, so hashes and comparisons may rest on it. A value that JSON does not
 * have (a number that is not finite, undefined, a function) is an error of the program and throws.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value === 'object') {
    const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
    return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`).join(',')}}`
  }
  throw new TypeError(
    `a value of type ${typeof value} (or a number that is not finite) has no canonical JSON`,
  )
}

/** The same text piece by piece, each the text of a leaf or what stands between two: for values whose text is long. */
export function* canonicalPieces(value: unknown): Generator<string, void, undefined> {
  if (typeof value !== 'object' || value === null) {
    yield canonicalJson(value)
    return
  }
  const isList = Array.isArray(value)
  const members: readonly (readonly [string, unknown])[] = isList
    ? value.map((member) => ['', member] as const)
    : Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  yield isList ? '[' : '{'
  for (const [index, [key, member]] of members.entries()) {
    yield `${index === 0 ? '' : ','}${isList ? '' : `${JSON.stringify(key)}:`}`
    yield* canonicalPieces(member)
  }
  yield isList ? ']' : '}'
}

export const equalValues = (a: unknown, b: unknown): boolean => canonicalJson(a) === canonicalJson(b)
